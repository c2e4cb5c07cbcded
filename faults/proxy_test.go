package faults_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A write is one request to write, as a fault sees it.
type write struct {
	w    http.ResponseWriter
	r    *http.Request
	wire int    // bytes of the body as they came
	text []byte // lines
	p    *proxy
	over <-chan struct{} // closed when the fault is
}

// A fault decides what a request to write comes to. It runs in the goroutine
// of the request and may be called by several at once.
type fault func(write)

// A proxy stands between andon and InfluxDB. Without a fault it passes on
// everything. Its methods are safe for concurrent use.
type proxy struct {
	server *httptest.Server
	next   *httputil.ReverseProxy
	hits   atomic.Int64 // requests to write that a fault had

	mu    sync.Mutex // guards the following
	fault fault      // nil for none
	over  chan struct{}
}

func newProxy(t *testing.T, target string) *proxy {
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{next: &httputil.ReverseProxy{ErrorLog: log.New(io.Discard, "", 0), Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { reset(w) }}}
	p.server = httptest.NewServer(p)
	t.Cleanup(func() {
		p.server.CloseClientConnections() // those that hang
		p.server.Close()
	})
	return p
}

// URL returns where andon is to write.
func (p *proxy) URL() string { return p.server.URL }

// become sets the fault; nil is a healthy InfluxDB.
func (p *proxy) become(f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over != nil {
		close(p.over)
	}
	p.fault, p.over = f, make(chan struct{})
	if f != nil {
		p.hits.Store(0)
	}
}

func (p *proxy) present() (fault, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault, p.over
}

// ServeHTTP implements http.Handler.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, over := p.present()
	if f == nil || !strings.HasSuffix(r.URL.Path, "/api/v2/write") {
		p.next.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // andon has gone
	}
	text := body
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err == nil {
			text, err = io.ReadAll(z)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusTeapot)
			return
		}
	}
	p.hits.Add(1)
	f(write{w: w, r: r, wire: len(body), text: text, p: p, over: over})
}

// pass gives these lines to InfluxDB and its answer to w.
func (q write) pass(w http.ResponseWriter, lines []byte) {
	r := q.r.Clone(q.r.Context())
	r.Header.Del("Content-Encoding")
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(lines)), int64(len(lines))
	q.p.next.ServeHTTP(w, r)
}

// reset breaks the connection without an answer.
func reset(w http.ResponseWriter) {
	h, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	conn, _, err := h.Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	conn.Close()
}

// answers says the same to every request.
func answers(status int, text string, header ...string) fault {
	return func(q write) {
		for i := 0; i+1 < len(header); i += 2 {
			q.w.Header().Set(header[i], header[i+1])
		}
		q.w.Header().Set("Content-Type", "application/json")
		q.w.WriteHeader(status)
		fmt.Fprintf(q.w, `{"error":%s}`, strconv.Quote(text))
	}
}

// passes writes as if there were no fault.
func passes(q write) { q.pass(q.w, q.text) }

// refuses breaks every connection.
func refuses(q write) { reset(q.w) }

// hangs accepts and never answers.
func hangs(q write) { <-q.r.Context().Done() }

// losesAnswers writes, and breaks the connection instead of answering.
func losesAnswers(q write) {
	q.pass(httptest.NewRecorder(), q.text)
	reset(q.w)
}

// takesAtMost refuses bodies that are longer on the wire, as web servers
// before InfluxDB do.
func takesAtMost(bytes int) fault {
	return func(q write) {
		if q.wire > bytes {
			http.Error(q.w, "Request Entity Too Large", http.StatusRequestEntityTooLarge)
			return
		}
		passes(q)
	}
}

// dislikes refuses these lines and writes all others, as InfluxDB does.
func dislikes(bad func(line string) bool) fault {
	return func(q write) {
		var good []byte
		refused := 0
		for line := range strings.Lines(string(q.text)) {
			if bad(line) {
				refused++
				continue
			}
			good = append(good, line...)
		}
		if refused == 0 {
			q.pass(q.w, good)
			return
		}
		if len(good) > 0 {
			took := httptest.NewRecorder()
			if q.pass(took, good); took.Code/100 != 2 {
				reset(q.w)
				return
			}
		}
		answers(http.StatusBadRequest, fmt.Sprintf("partial write: points are not to the liking of the test dropped=%d", refused))(q)
	}
}

// turns changes the status of InfluxDB's own answers.
func turns(from, to int) fault {
	return func(q write) {
		took := httptest.NewRecorder()
		q.pass(took, q.text)
		if took.Code == from {
			took.Code = to
		}
		for key, values := range took.Header() {
			q.w.Header()[key] = values
		}
		q.w.WriteHeader(took.Code)
		_, _ = q.w.Write(took.Body.Bytes()) // andon may have gone
	}
}

// slowly takes so many lines a second.
func slowly(linesPerSecond int) fault {
	var mu sync.Mutex // one request at a time has the line
	return func(q write) {
		mu.Lock()
		defer mu.Unlock()
		takes := time.Duration(bytes.Count(q.text, []byte{'\n'})) * time.Second / time.Duration(linesPerSecond)
		select {
		case <-time.After(takes):
			passes(q)
		case <-q.over:
			passes(q)
		case <-q.r.Context().Done():
		}
	}
}

// first is one fault for a time, then another.
func first(d time.Duration, before, after fault) fault {
	until := time.Now().Add(d)
	return func(q write) {
		if time.Now().Before(until) {
			before(q)
		} else {
			after(q)
		}
	}
}

// oneOf picks a fault for each request, by a seed from random.
func oneOf(random *rand.Rand, faults ...fault) fault {
	var mu sync.Mutex // guards own
	own := rand.New(rand.NewPCG(random.Uint64(), 0))
	return func(q write) {
		mu.Lock()
		f := faults[own.IntN(len(faults))]
		mu.Unlock()
		f(q)
	}
}
