package influxtest

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A Server answers writes as an InfluxDB in trouble does, and keeps the lines
// that it took. By default it takes everything. It tells lines apart by their
// line ends, so texts with line ends are not for it. All methods are safe for
// concurrent use.
type Server struct {
	URL string

	http *httptest.Server
	mu   sync.Mutex // guards all below

	answers  []Answer // for the next requests, in order
	always   *Answer  // for all requests after them
	refusal  Refusal
	maxBytes int64
	taken    []string
	requests []Request
	arrived  chan struct{} // closed and replaced at every request
	release  chan struct{} // closed when hanging requests may end
	queries  int
	refuse   []int // status codes for the next queries
}

// An Answer is what the server says instead of looking at the lines.
type Answer struct {
	Status     int
	RetryAfter string // the header, "" for none
	Body       string
	// Until delays the answer until it is closed; a channel that never is
	// makes a server that hangs.
	Until <-chan struct{}
}

// A Refusal is how single lines are refused.
type Refusal struct {
	Bad    func(line string) bool
	Status int    // 0 for 400
	Text   string // of the error; "" for one with the number of the first bad line
	// Partial takes the other lines of the request, as InfluxDB 1.8 and 3 do;
	// without, none is taken.
	Partial bool
}

// A Request is one write that came in.
type Request struct {
	Time          time.Time
	Status        int // 0 when it was left without an answer
	Lines         int
	Bytes         int // compressed, when it was
	Bucket, Org   string
	Precision     string
	Authorization string
	Encoding      string
}

// NewServer starts a server for the rest of the test.
func NewServer(t testing.TB) *Server {
	t.Helper()
	s := &Server{arrived: make(chan struct{}), release: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v2/write", s.write)
	mux.HandleFunc("POST /query", s.query)
	s.http = httptest.NewServer(mux)
	s.URL = s.http.URL
	t.Cleanup(func() {
		close(s.release)
		s.http.Close()
	})
	return s
}

// RefuseQueries makes the next queries answer with these status codes, one
// each. Other queries find nothing.
func (s *Server) RefuseQueries(codes ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = append(s.refuse, codes...)
}

// Queries returns how many queries came in.
func (s *Server) Queries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queries
}

func (s *Server) query(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queries++
	if len(s.refuse) > 0 {
		w.WriteHeader(s.refuse[0])
		s.refuse = s.refuse[1:]
	}
	_, _ = io.WriteString(w, `{"results":[{}]}`)
}

// Answer makes the next writes answer in this way, one each.
func (s *Server) Answer(answers ...Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = append(s.answers, answers...)
}

// AnswerAlways makes all writes answer in this way, until Recover.
func (s *Server) AnswerAlways(a Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always = &a
}

// Recover forgets all answers that were ordered.
func (s *Server) Recover() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers, s.always = nil, nil
}

// Refuse makes the server refuse single lines.
func (s *Server) Refuse(r Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusal = r
}

// LimitBytes makes the server answer 413 to requests of more bytes, as a
// proxy does.
func (s *Server) LimitBytes(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.maxBytes = n
}

// Lines returns the lines taken, in the order in which they came.
func (s *Server) Lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.taken)
}

// Requests returns all writes so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Arrived returns a channel that is closed when the next write has come in.
func (s *Server) Arrived() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.arrived
}

func (s *Server) write(w http.ResponseWriter, r *http.Request) {
	raw, lines, err := readLines(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	q := r.URL.Query()
	a := s.take(lines, Request{Time: time.Now(), Lines: len(lines), Bytes: raw, Bucket: q.Get("bucket"), Org: q.Get("org"),
		Precision: q.Get("precision"), Authorization: r.Header.Get("Authorization"), Encoding: r.Header.Get("Content-Encoding")})
	if a.Until != nil {
		select {
		case <-a.Until:
		case <-r.Context().Done():
			return
		case <-s.release:
			return
		}
	}
	if a.RetryAfter != "" {
		w.Header().Set("Retry-After", a.RetryAfter)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.Status)
	_, _ = io.WriteString(w, a.Body)
}

// take decides about a request and keeps what it takes.
func (s *Server) take(lines []string, r Request) Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.decideLocked(lines, r)
	r.Status = a.Status
	s.requests = append(s.requests, r)
	close(s.arrived)
	s.arrived = make(chan struct{})
	return a
}

func (s *Server) decideLocked(lines []string, r Request) Answer {
	if len(s.answers) > 0 {
		a := s.answers[0]
		s.answers = s.answers[1:]
		return a
	}
	if s.always != nil {
		return *s.always
	}
	if s.maxBytes > 0 && int64(r.Bytes) > s.maxBytes {
		return Answer{Status: http.StatusRequestEntityTooLarge, Body: `<html>413 Request Entity Too Large</html>`}
	}
	return s.refuseLocked(lines)
}

func (s *Server) refuseLocked(lines []string) Answer {
	first := 0
	var good []string
	for i, line := range lines {
		if s.refusal.Bad == nil || !s.refusal.Bad(line) {
			good = append(good, line)
		} else if first == 0 {
			first = i + 1
		}
	}
	if first == 0 || s.refusal.Partial {
		s.taken = append(s.taken, good...)
	}
	if first == 0 {
		return Answer{Status: http.StatusNoContent}
	}
	status, text := s.refusal.Status, s.refusal.Text
	if status == 0 {
		status = http.StatusBadRequest
	}
	if text == "" {
		text = fmt.Sprintf("partial write of line protocol occurred: line %d is refused", first)
	}
	return Answer{Status: status, Body: `{"error":` + strconv.Quote(text) + `}`}
}

func readLines(r *http.Request) (raw int, lines []string, err error) {
	counted := &counter{r: r.Body}
	var body io.Reader = counted
	if r.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(counted); err != nil {
			return 0, nil, err
		}
	}
	b, err := io.ReadAll(body)
	if err != nil {
		return 0, nil, err
	}
	text := strings.TrimSuffix(string(b), "\n")
	if text == "" {
		return counted.n, nil, nil
	}
	return counted.n, strings.Split(text, "\n"), nil
}

type counter struct {
	r io.Reader
	n int
}

// Read counts what it passes on.
func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += n
	return n, err
}
