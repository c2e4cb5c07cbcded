package webhook_test

import (
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"andon/alerts"
	"andon/alerts/alertstest"
	"andon/alerts/webhook"
	"andon/plant/setting"
)

// A receiver is the other side: a real HTTP server that remembers requests.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	answer   func(http.ResponseWriter) // guarded by mu; nil takes the message
	requests []request                 // those taken; guarded by mu
	release  chan struct{}
}

type request struct {
	header http.Header
	body   []byte
}

func newReceiver(t *testing.T, start func(*httptest.Server)) *receiver {
	r := &receiver{release: make(chan struct{})}
	r.Server = httptest.NewUnstartedServer(r)
	start(r.Server)
	t.Cleanup(func() {
		close(r.release)
		r.Close()
	})
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	answer := r.answer
	if answer == nil {
		r.requests = append(r.requests, request{req.Header, body})
	}
	r.mu.Unlock()
	if answer != nil {
		answer(w)
	}
}

func (r *receiver) set(answer func(http.ResponseWriter)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func (r *receiver) taken() []request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]request(nil), r.requests...)
}

func status(code int) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { http.Error(w, "no, thank you", code) }
}

func newNotifier(t *testing.T, cfg alerts.Webhook) *webhook.Notifier {
	t.Helper()
	n, err := webhook.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNotifier(t *testing.T) {
	alertstest.TestNotifier(t, func(t *testing.T) alertstest.Fixture {
		r := newReceiver(t, (*httptest.Server).Start)
		switched := func(answer func(http.ResponseWriter)) func(bool) {
			return func(on bool) {
				if !on {
					answer = nil
				}
				r.set(answer)
			}
		}
		return alertstest.Fixture{
			Notifier: newNotifier(t, alerts.Webhook{URL: r.URL}),
			Received: func() (out []string) {
				for _, q := range r.taken() {
					var b webhook.Body
					if err := json.Unmarshal(q.body, &b); err != nil {
						t.Error(err)
					}
					out = append(out, q.header.Get(webhook.HeaderKey)+" "+b.Title)
				}
				return out
			},
			Away:   switched(status(http.StatusServiceUnavailable)),
			Refuse: switched(status(http.StatusBadRequest)),
			Hang:   func() { r.set(func(http.ResponseWriter) { <-r.release }) },
		}
	})
}

func TestBodyIsTheDocumentedJSON(t *testing.T) {
	r := newReceiver(t, (*httptest.Server).Start)
	if err := newNotifier(t, alerts.Webhook{URL: r.URL}).Notify(t.Context(), "first", alertstest.Message(1)); err != nil {
		t.Fatal(err)
	}
	const want = `{"version":1,"id":"message-1","alarm":"alarm-1","kind":"raised","to":"first","round":1,"step":1,` +
		`"time":"2026-03-02T10:00:01Z","title":"HIGH: A1 stopped 1","text":"A1 stopped\nWhat to do: go and look\n",` +
		`"about":{"id":"alarm-1","rule":"stopped","equipment":"northfield/packing/lineA/A1","class":"production","priority":"high",` +
		`"state":"unacknowledged","active":true,"raised":{"event":"2026-03-02T10:00:01Z","stream":"2026-03-02T10:00:01Z"},` +
		`"first_raised":{"event":"2026-03-02T10:00:01Z","stream":"2026-03-02T10:00:01Z"},"value":85.5,"message":"A1 stopped","response":"go and look","ack_required":false,"recurrences":0,"policy":"","told":["first"],` +
		`"round":1,"step":1,"seq":0,"updated":""}}`
	q := r.taken()[0]
	if diff := cmp.Diff(want, string(q.body)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if got := q.header.Get("Content-Type"); got != "application/json" {
		t.Errorf("content type: got %q", got)
	}
	if got := q.header.Get(webhook.HeaderSignature); got != "" {
		t.Errorf("signature without a secret: got %q, want none", got)
	}
}

func TestReceiverCanVerifyTheSignature(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := newReceiver(t, (*httptest.Server).Start)
	n := newNotifier(t, alerts.Webhook{URL: r.URL, SecretFile: setting.File(file)})
	if err := n.Notify(t.Context(), "first", alertstest.Message(1)); err != nil {
		t.Fatal(err)
	}
	q := r.taken()[0]
	digits, ok := strings.CutPrefix(q.header.Get(webhook.HeaderSignature), "v1=")
	got, err := hex.DecodeString(digits)
	if !ok || err != nil {
		t.Fatalf("signature: got %q", q.header.Get(webhook.HeaderSignature))
	}
	if want := webhook.Sign([]byte("s3cret"), q.header.Get(webhook.HeaderTimestamp), q.body); !hmac.Equal(got, want) {
		t.Errorf("signature: got %x, want %x", got, want)
	}
	q.body[5]++
	if hmac.Equal(got, webhook.Sign([]byte("s3cret"), q.header.Get(webhook.HeaderTimestamp), q.body)) {
		t.Error("a changed body has the same signature")
	}
}

// TestSignIsPlainHMAC compares with a value of another implementation:
// printf '1700000000.{}' | openssl dgst -sha256 -hmac key.
func TestSignIsPlainHMAC(t *testing.T) {
	const want = "9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae"
	if got := hex.EncodeToString(webhook.Sign([]byte("key"), "1700000000", []byte("{}"))); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAnswersAreFinalOrTriedAgain(t *testing.T) {
	r := newReceiver(t, (*httptest.Server).Start)
	n := newNotifier(t, alerts.Webhook{URL: r.URL})
	for code, final := range map[int]bool{400: true, 401: true, 403: true, 404: true, 410: true, 413: true, 422: true,
		408: false, 425: false, 429: false, 500: false, 502: false, 503: false, 504: false, 302: false, 307: false} {
		r.set(status(code))
		err := n.Notify(t.Context(), "first", alertstest.Message(1))
		if err == nil || errors.Is(err, alerts.ErrRejected) != final {
			t.Errorf("answer %d: got %v, want final %t", code, err, final)
		}
	}
	for _, code := range []int{200, 201, 202, 204} {
		r.set(func(w http.ResponseWriter) { w.WriteHeader(code) })
		if err := n.Notify(t.Context(), "first", alertstest.Message(1)); err != nil {
			t.Errorf("answer %d: got %v, want no error", code, err)
		}
	}
}

func TestRetryAfterIsPassedOn(t *testing.T) {
	r := newReceiver(t, (*httptest.Server).Start)
	n := newNotifier(t, alerts.Webhook{URL: r.URL})
	for _, x := range []struct {
		header   string
		low, top time.Duration
		asked    bool
	}{
		{"120", 120 * time.Second, 120 * time.Second, true},
		{"0", 0, 0, true},
		{time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat), 85 * time.Second, 90 * time.Second, true},
		{time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat), 0, 0, true},
		{"soon", 0, 0, false}, {"-5", 0, 0, false}, {"", 0, 0, false},
	} {
		r.set(func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", x.header)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		err := n.Notify(t.Context(), "first", alertstest.Message(1))
		var wait *alerts.RetryAfterError
		if ok := errors.As(err, &wait); ok != x.asked || ok && (wait.Wait < x.low || wait.Wait > x.top) {
			t.Errorf("Retry-After %q: got %v, want %s to %s, asked %t", x.header, err, x.low, x.top, x.asked)
		}
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	other := newReceiver(t, (*httptest.Server).Start)
	r := newReceiver(t, (*httptest.Server).Start)
	r.set(func(w http.ResponseWriter) {
		w.Header().Set("Location", other.URL)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	if err := newNotifier(t, alerts.Webhook{URL: r.URL}).Notify(t.Context(), "first", alertstest.Message(1)); err == nil {
		t.Error("got no error, want one")
	}
	if n := len(other.taken()); n != 0 {
		t.Errorf("the other place got %d messages, want none", n)
	}
}

func TestCertificateIsVerified(t *testing.T) {
	r := newReceiver(t, (*httptest.Server).StartTLS)
	if err := newNotifier(t, alerts.Webhook{URL: r.URL}).Notify(t.Context(), "first", alertstest.Message(1)); err == nil || errors.Is(err, alerts.ErrRejected) {
		t.Errorf("unknown authority: got %v, want an error that is not final", err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	n := newNotifier(t, alerts.Webhook{URL: r.URL, CAFile: setting.File(file)})
	if err := n.Notify(t.Context(), "first", alertstest.Message(1)); err != nil {
		t.Errorf("authority from ca_file: got %v, want no error", err)
	}
}

func TestErrorsDoNotTellTheAddressOrTooMuch(t *testing.T) {
	r := newReceiver(t, (*httptest.Server).Start)
	n := newNotifier(t, alerts.Webhook{URL: r.URL + "/hooks/t0ken?key=t0ken"})
	r.set(func(w http.ResponseWriter) {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, strings.Repeat("very ", 100_000)+"\nsecond line")
	})
	err := n.Notify(t.Context(), "first", alertstest.Message(1))
	if err == nil || strings.Contains(err.Error(), "t0ken") || len(err.Error()) > 400 || strings.Contains(err.Error(), "\n") {
		t.Errorf("refused: got %.500v", err)
	}
	r.CloseClientConnections()
	r.Listener.Close()
	if err := n.Notify(t.Context(), "first", alertstest.Message(1)); err == nil || strings.Contains(err.Error(), "t0ken") {
		t.Errorf("away: got %v", err)
	}
}

func TestTimeoutEndsARequest(t *testing.T) {
	r := newReceiver(t, (*httptest.Server).Start)
	r.set(func(http.ResponseWriter) { <-r.release })
	n := newNotifier(t, alerts.Webhook{URL: r.URL, Timeout: 50 * time.Millisecond})
	if err := n.Notify(t.Context(), "first", alertstest.Message(1)); err == nil || errors.Is(err, alerts.ErrRejected) {
		t.Errorf("got %v, want an error that is not final", err)
	}
}

func TestBadFilesAreFoundAtTheStart(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, cfg := range map[string]alerts.Webhook{
		"no secret file":    {URL: "https://x.example", SecretFile: "/does/not/exist"},
		"empty secret file": {URL: "https://x.example", SecretFile: setting.File(empty)},
		"no certificates":   {URL: "https://x.example", CAFile: setting.File(empty)},
		"no ca file":        {URL: "https://x.example", CAFile: "/does/not/exist"},
	} {
		if _, err := webhook.New(cfg); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
}
