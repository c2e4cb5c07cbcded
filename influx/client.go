package influx

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
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
	"github.com/influxdata/influxdb-client-go/v2/api"
	"github.com/klauspost/compress/gzip"

	"andon/plant/setting"
)

const (
	dialTimeout     = 5 * time.Second
	maxErrorBytes   = 64 << 10 // of an answer that is no success
	maxAnswerBytes  = 16 << 20 // of a query
	applicationName = "andon"
)

// A client writes to one bucket. It holds no data between calls.
type client struct {
	influx    influxdb2.Client
	write     api.WriteAPIBlocking
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
	// The client's own compression makes a compressor for each request and
	// drops what InfluxDB 3 says in its errors; the tripper does both.
	options := influxdb2.DefaultOptions().
		SetHTTPClient(&http.Client{Timeout: c.Timeout, Transport: &tripper{next: transport, gzip: c.Gzip}}).
		SetPrecision(time.Nanosecond).SetUseGZip(false).SetApplicationName(applicationName)
	influx := influxdb2.NewClientWithOptions(c.URL, authorization, options)
	return &client{influx: influx, write: influx.WriteAPIBlocking(c.Org, c.Bucket), transport: transport, config: c}, nil
}

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

// writeLines writes lines with one request.
func (c *client) writeLines(ctx context.Context, lines []byte) error {
	return c.write.WriteRecord(ctx, string(lines))
}

// createDatabase creates the database of InfluxDB 1.8 or 3; it is no error
// when it exists.
func (c *client) createDatabase(ctx context.Context) error {
	name, _ := c.config.database()
	_, err := c.query(ctx, `CREATE DATABASE "`+strings.ReplaceAll(name, `"`, `\"`)+`"`)
	if err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	return nil
}

// statusFields returns the status fields that the measurement telemetry has.
func (c *client) statusFields(ctx context.Context) (map[string]bool, error) {
	rows, err := c.query(ctx, `SHOW FIELD KEYS FROM "`+measurementTelemetry+`"`)
	if err != nil {
		return nil, err
	}
	fields := map[string]bool{}
	for _, row := range rows {
		if len(row) > 0 && strings.HasSuffix(row[0], "_status") {
			fields[row[0]] = true
		}
	}
	return fields, nil
}

// query runs one InfluxQL statement and returns its rows of text.
func (c *client) query(ctx context.Context, influxQL string) ([][]string, error) {
	database, policy := c.config.database()
	form := url.Values{"db": {database}, "q": {influxQL}}
	if policy != "" {
		form.Set("rp", policy)
	}
	var answer []byte
	service := c.influx.HTTPService()
	address := strings.TrimSuffix(c.config.URL, "/") + "/query"
	failure := service.DoPostRequest(ctx, address, strings.NewReader(form.Encode()),
		func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") },
		func(r *http.Response) (err error) {
			defer func() { _ = r.Body.Close() }()
			answer, err = io.ReadAll(io.LimitReader(r.Body, maxAnswerBytes))
			return err
		})
	if failure != nil {
		return nil, failure
	}
	return decodeAnswer(answer)
}

func decodeAnswer(answer []byte) ([][]string, error) {
	var a struct {
		Error   string `json:"error"`
		Results []struct {
			Error  string `json:"error"`
			Series []struct {
				Values [][]string `json:"values"`
			} `json:"series"`
		} `json:"results"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return nil, fmt.Errorf("decode answer: %w", err)
	}
	if a.Error != "" {
		return nil, errors.New(a.Error)
	}
	var rows [][]string
	for _, r := range a.Results {
		if r.Error != "" {
			return nil, errors.New(r.Error)
		}
		for _, s := range r.Series {
			rows = append(rows, s.Values...)
		}
	}
	return rows, nil
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
	if err != nil || resp.StatusCode/100 == 2 {
		return resp, err
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorBytes))
	if err := errors.Join(err, resp.Body.Close()); err != nil && len(text) == 0 {
		return nil, fmt.Errorf("read answer %s: %w", resp.Status, err)
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
