package influx

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"
	"github.com/klauspost/compress/gzip"

	"andon/plant/setting"
)

const (
	dialTimeout     = 5 * time.Second
	maxErrorBytes   = 64 << 10 // of an answer that is no success
	applicationName = "andon"
)

// A client writes to one bucket. It holds no data between calls.
type client struct {
	influx    influxdb2.Client
	writeURL  string
	transport *http.Transport
	config    Config
}

func newClient(c Config) (*client, error) {
	authorization, err := c.authorization()
	if err != nil {
		return nil, err
	}
	verify, err := c.TLS.load()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout: dialTimeout,
		TLSClientConfig:     verify,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 1,
		IdleConnTimeout:     90 * time.Second,
	}
	// The tripper compresses, and keeps what InfluxDB 3 says in its errors,
	// which the client library drops.
	options := influxdb2.DefaultOptions().
		SetHTTPClient(&http.Client{Timeout: c.Timeout, Transport: &tripper{next: transport, gzip: c.compresses()}, CheckRedirect: refuseRedirect}).
		SetApplicationName(applicationName)
	influx := influxdb2.NewClientWithOptions(c.URL, authorization, options)
	to := url.Values{"org": {c.Org}, "bucket": {c.Bucket}, "precision": {"ns"}}
	writeURL := influx.HTTPService().ServerAPIURL() + "write?" + to.Encode()
	return &client{influx: influx, writeURL: writeURL, transport: transport, config: c}, nil
}

// refuseRedirect makes a redirection an answer like any other. Followed, a
// write would become a read of some page, and that page a success.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// authorization returns what follows "Token " in the header. InfluxDB 1.8
// takes user:password there.
func (c Config) authorization() (string, error) {
	if c.Username != "" {
		password, err := setting.Read(c.Password, c.PasswordFile)
		if err != nil {
			return "", err
		}
		return c.Username + ":" + password.Reveal(), nil
	}
	token, err := setting.Read(c.Token, c.TokenFile)
	return token.Reveal(), err
}

func (c TLSConfig) load() (*tls.Config, error) {
	cfg := &tls.Config{ServerName: c.ServerName, MinVersion: tls.VersionTLS12}
	if c.CAFile == "" {
		return cfg, nil
	}
	pem, err := os.ReadFile(string(c.CAFile))
	if err != nil {
		return nil, fmt.Errorf("read certificate authorities: %w", err)
	}
	cfg.RootCAs = x509.NewCertPool()
	if !cfg.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read certificate authorities: %s has no PEM certificate", c.CAFile)
	}
	return cfg, nil
}

// writeLines writes lines with one request. The client library's own way
// copies them into a string first.
func (c *client) writeLines(ctx context.Context, lines []byte) error {
	l := &loan{lines: lines}
	defer l.takeBack()
	lend := func(r *http.Request) {
		r.ContentLength = int64(len(lines))
		r.GetBody = func() (io.ReadCloser, error) { return l.reader(), nil } // for another connection
	}
	taken := func(r *http.Response) error { return r.Body.Close() }
	if err := c.influx.HTTPService().DoPostRequest(ctx, c.writeURL, l.reader(), lend, taken); err != nil {
		return err
	}
	return nil
}

func (c *client) close() { c.transport.CloseIdleConnections() }

// A tripper compresses requests and keeps the text of answers that are no
// success: the client library reads only some forms of it.
type tripper struct {
	next        http.RoundTripper
	gzip        bool
	compressors sync.Pool // of *gzip.Writer, each some hundred kilobytes
}

// RoundTrip implements http.RoundTripper.
func (t *tripper) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.gzip && r.Body != nil && strings.HasSuffix(r.URL.Path, "/api/v2/write") {
		compressed, err := t.compress(r)
		if err != nil {
			return nil, err
		}
		r = compressed
	}
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 == 2 && !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		return resp, nil
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorBytes))
	if err := errors.Join(err, resp.Body.Close()); err != nil && len(text) == 0 {
		return nil, fmt.Errorf("read answer %s: %w", resp.Status, err)
	}
	if resp.StatusCode/100 == 2 {
		return nil, fmt.Errorf("%s answers with a web page, it is no InfluxDB", r.URL.Host)
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	resp.Header.Set("Content-Type", "text/plain")
	return resp, nil
}

// compress returns r with its body compressed. The result has a buffer of its
// own: an HTTP transport may read a body longer than the request lasts.
func (t *tripper) compress(r *http.Request) (*http.Request, error) {
	defer func() { _ = r.Body.Close() }()
	w, ok := t.compressors.Get().(*gzip.Writer)
	if !ok {
		var err error
		if w, err = gzip.NewWriterLevel(nil, gzip.BestSpeed); err != nil {
			return nil, fmt.Errorf("make compressor: %w", err)
		}
	}
	defer t.compressors.Put(w)
	body := bytes.NewBuffer(make([]byte, 0, max(512, r.ContentLength/6)))
	w.Reset(body)
	_, err := io.Copy(w, r.Body)
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("compress request: %w", err)
	}
	compressed := r.Clone(r.Context())
	compressed.Header.Set("Content-Encoding", "gzip")
	compressed.ContentLength = int64(body.Len())
	content := body.Bytes()
	compressed.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	compressed.Body, err = compressed.GetBody()
	return compressed, err
}

var _ http.RoundTripper = (*tripper)(nil)
