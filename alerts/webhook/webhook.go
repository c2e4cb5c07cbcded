// Package webhook tells contacts by HTTP POST requests with a JSON body. The
// request is signed when there is a secret, carries the message's id as
// Idempotency-Key, and never follows a redirect, which could lead the message
// to a place that nobody configured.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"andon/alerts"
	"andon/plant/setting"
)

// Version is the version of the body's schema. It rises when a field changes
// its meaning or goes away; new fields may come without it.
const Version = 1

// The headers of a request besides Content-Type.
const (
	HeaderKey       = "Idempotency-Key" // the id of the message; a repeat has the same
	HeaderTimestamp = "Andon-Timestamp" // Unix seconds at which the request was signed
	HeaderSignature = "Andon-Signature" // "v1=" and Sign of timestamp and body, in hexadecimal digits
	signatureScheme = "v1="             // so that another scheme can come beside it
	userAgent       = "andon-webhook/1" // for the receiver's log
	defaultTimeout  = 10 * time.Second  // of one request
	maxAnswer       = 4 << 10           // bytes read of an answer; the rest is nobody's business
	idleFor         = 30 * time.Second  // an escalation soon after needs no new connection
	// restWithin is what the rest of an answer 2xx gets to come, so that the
	// connection can be used again. The message is not marked sent before it
	// is over, so it is short.
	restWithin = 50 * time.Millisecond
)

// Body is what is posted: the message with the version of the schema.
type Body struct {
	Version int `json:"version"`
	alerts.Message
}

// A Notifier posts messages to one address. It is safe for concurrent use.
type Notifier struct {
	url    string
	host   string // for errors: paths and queries of webhooks are often secret
	secret setting.Secret
	client *http.Client
}

var _ alerts.Notifier = (*Notifier)(nil)

// New returns a Notifier for cfg, which must have passed Validate. It reads
// the secret and the certificates from their files.
func New(cfg alerts.Webhook) (*Notifier, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, errors.New("url: want an http:// or https:// address") // err would print it
	}
	secret, err := setting.Read(cfg.Secret, cfg.SecretFile)
	if err != nil {
		return nil, err
	}
	if cfg.SecretFile != "" && secret == "" {
		return nil, fmt.Errorf("secret file %s: want a secret in it", cfg.SecretFile)
	}
	roots, err := readRoots(cfg.CAFile)
	if err != nil {
		return nil, err
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = defaultTimeout
	}
	return &Notifier{url: cfg.URL, host: u.Host, secret: secret, client: &http.Client{
		Timeout:       cfg.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			TLSClientConfig:       &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			ForceAttemptHTTP2:     true,
			MaxIdleConnsPerHost:   1,
			IdleConnTimeout:       idleFor,
			ResponseHeaderTimeout: cfg.Timeout,
		},
	}}, nil
}

func readRoots(file setting.File) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil // the system's
	}
	pem, err := os.ReadFile(string(file))
	if err != nil {
		return nil, fmt.Errorf("read certificates: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("certificates %s: want at least one in PEM format", file)
	}
	return roots, nil
}

// Notify posts m. An answer 2xx means that it arrived; 408, 425, 429, 3xx and
// 5xx mean that it is to be tried again, after the Retry-After of the answer
// if it has one; all other answers wrap alerts.ErrRejected.
func (n *Notifier) Notify(ctx context.Context, _ string, m alerts.Message) error {
	body, err := json.Marshal(Body{Version, m})
	if err != nil {
		return fmt.Errorf("encode message: %w: %w", err, alerts.ErrRejected)
	}
	ctx, cut := context.WithCancel(ctx)
	defer cut()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, n.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("post to %s: %w", n.host, hideURL(err))
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set(HeaderKey, m.ID)
	if n.secret != "" {
		now := strconv.FormatInt(time.Now().Unix(), 10)
		req.Header.Set(HeaderTimestamp, now)
		req.Header.Set(HeaderSignature, signatureScheme+hex.EncodeToString(Sign([]byte(n.secret.Reveal()), now, body)))
	}
	resp, err := n.client.Do(req)
	if err != nil {
		return fmt.Errorf("post to %s: %w", n.host, hideURL(err))
	}
	defer resp.Body.Close()
	if taken(resp.StatusCode) {
		stop := time.AfterFunc(restWithin, cut)
		defer stop.Stop()
	}
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) // only for the error's text
	return n.judge(resp, answer)
}

// Sign returns the signature of a request: HMAC-SHA256, keyed with the
// secret, of the timestamp as in its header, a full stop and the body.
func Sign(secret []byte, timestamp string, body []byte) []byte {
	h := hmac.New(sha256.New, secret)
	io.WriteString(h, timestamp)
	io.WriteString(h, ".")
	h.Write(body)
	return h.Sum(nil)
}

// taken reports whether an answer means that the message arrived.
func taken(code int) bool { return code >= 200 && code < 300 }

func (n *Notifier) judge(resp *http.Response, answer []byte) error {
	code := resp.StatusCode
	if taken(code) {
		return nil
	}
	err := fmt.Errorf("post to %s: answer %d %s", n.host, code, firstLine(answer))
	retry := code >= 500 || code == http.StatusRequestTimeout || code == http.StatusTooEarly || code == http.StatusTooManyRequests
	switch {
	case code >= 300 && code < 400:
		return fmt.Errorf("%w (redirects are not followed)", err)
	case !retry:
		return fmt.Errorf("%w: %w", err, alerts.ErrRejected)
	}
	if wait, ok := retryAfter(resp.Header.Get("Retry-After"), time.Now()); ok {
		return &alerts.RetryAfterError{Wait: wait, Err: err}
	}
	return err
}

// retryAfter reads the header's seconds or date (RFC 9110, 10.2.3).
func retryAfter(header string, now time.Time) (time.Duration, bool) {
	if header == "" {
		return 0, false
	}
	if s, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(s) * time.Second, true
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return 0, false
	}
	return max(at.Sub(now), 0), true
}

// hideURL takes the address off an error of net/http.
func hideURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// firstLine makes an answer fit into a log line.
func firstLine(answer []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(strings.ToValidUTF8(string(answer), "?")), "\n")
	if r := []rune(line); len(r) > 200 {
		line = string(r[:200]) + "…"
	}
	return strings.TrimSpace(line)
}
