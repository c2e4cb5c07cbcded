package outbox_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"andon/alerts"
	"andon/alerts/outbox"
	"andon/alerts/webhook"
)

// A desk is a receiver, a real HTTP server, that remembers the keys of what it
// took.
type desk struct {
	*httptest.Server
	came func() // called when a request came, before it is taken; may be nil

	mu       sync.Mutex
	requests []string // the key of every request; guarded by mu
	taken    []string // each key once; guarded by mu
}

// newDesk starts a desk that listens at l, or anywhere when it is nil.
func newDesk(t *testing.T, l net.Listener, came func()) *desk {
	t.Helper()
	d := &desk{came: came}
	d.Server = httptest.NewUnstartedServer(d)
	if l != nil {
		d.Listener.Close()
		d.Listener = l
	}
	d.Start()
	t.Cleanup(d.Close)
	return d
}

func (d *desk) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	if d.came != nil {
		d.came()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	key := r.Header.Get(webhook.HeaderKey)
	d.requests = append(d.requests, key)
	if !slices.Contains(d.taken, key) {
		d.taken = append(d.taken, key)
	}
}

func (d *desk) wantGot(t *testing.T, requests, taken []string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if diff := cmp.Diff(requests, d.requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(taken, d.taken); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
}

func posting(t *testing.T, url string) map[string]alerts.Notifier {
	t.Helper()
	n, err := webhook.New(alerts.Webhook{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]alerts.Notifier{"first": n}
}

// wait waits for a signal of a server or worker.
func wait(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s: not within 20 s", what)
	}
}

// whenMarked returns a channel that is closed before a message is marked so.
func whenMarked(q *table, id string, state outbox.State, do func()) <-chan struct{} {
	c, once := make(chan struct{}), sync.Once{}
	q.marked = func(d outbox.Delivery) {
		if d.Message.ID == id && d.State == state {
			once.Do(func() {
				do()
				close(c)
			})
		}
	}
	return c
}

func nothing() {}

// finish lets another worker deliver what is left on the disk.
func finish(t *testing.T, q *table, url string) {
	t.Helper()
	done := whenMarked(q, "message-2", outbox.Sent, nothing)
	o := open(t, q, posting(t, url))
	wait(t, "the rest", done)
	o.close(t)
}

func TestReceiverThatRemembersKeysTakesAMessageOnceThoughAndonIsKilledInTheRequest(t *testing.T) {
	q := newTable()
	var left *table // on the disk when andon is killed
	var once sync.Once
	d := newDesk(t, nil, func() { once.Do(func() { left = q.copy() }) })
	q.add(message(1, "first"), message(2, "first"))
	finish(t, q, d.URL)
	d.wantGot(t, []string{"message-1", "message-2"}, []string{"message-1", "message-2"})
	if r := left.row("message-1"); r.State != outbox.Sending || r.DoneAt != 0 {
		t.Errorf("killed in the request: got %s, want it sending", r.State)
	}
	d.requests = nil
	finish(t, left, d.URL)
	d.wantGot(t, []string{"message-1", "message-2"}, []string{"message-1", "message-2"})
}

func TestReceiverThatRemembersKeysTakesAMessageOnceThoughAndonIsKilledAfterTheAnswer(t *testing.T) {
	q := newTable()
	d := newDesk(t, nil, nil)
	q.add(message(1, "first"))
	var left *table
	answered := whenMarked(q, "message-1", outbox.Sent, func() { left = q.copy() })
	o := open(t, q, posting(t, d.URL))
	wait(t, "the answer", answered)
	o.close(t)
	left.add(message(2, "first"))
	finish(t, left, d.URL)
	d.wantGot(t, []string{"message-1", "message-1", "message-2"}, []string{"message-1", "message-2"})
}

func TestStopInTheMiddleOfARequestWaitsForTheAnswerAndSendsNothingTwice(t *testing.T) {
	q := newTable()
	came, answer := make(chan struct{}), make(chan struct{})
	var once sync.Once
	d := newDesk(t, nil, func() {
		once.Do(func() { close(came) })
		<-answer
	})
	q.add(message(1, "first"))
	o := open(t, q, posting(t, d.URL))
	wait(t, "the request", came)
	o.cancel()
	close(answer)
	o.close(t)
	if r := q.row("message-1"); r.State != outbox.Sent {
		t.Errorf("after the stop: got %s, want sent", r.State)
	}
	q.add(message(2, "first"))
	finish(t, q, d.URL)
	d.wantGot(t, []string{"message-1", "message-2"}, []string{"message-1", "message-2"})
}

func TestMessageWhoseRequestNeverLeftIsNotCountedAsSent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	l.Close() // nobody listens there now
	q := newTable()
	q.add(message(1, "first"))
	refused := whenMarked(q, "message-1", outbox.Queued, nothing)
	o := open(t, q, posting(t, "http://"+at))
	wait(t, "the refusal", refused)
	o.close(t)
	if r := q.row("message-1"); r.State != outbox.Queued || r.Attempts != 1 || r.DoneAt != 0 || r.Error == "" {
		t.Errorf("refused: got %+v, want it queued with the error of one attempt", r)
	}
	if sent, retry := o.counted(t, "sent"), o.counted(t, "retry"); sent != 0 || retry != 1 {
		t.Errorf("counted: got %v sent, %v to be tried again; want 0, 1", sent, retry)
	}
	if l, err = net.Listen("tcp", at); err != nil {
		t.Skipf("another took the address meanwhile: %v", err)
	}
	d := newDesk(t, l, nil)
	q.add(message(2, "first"))
	finish(t, q, d.URL)
	d.wantGot(t, []string{"message-1", "message-2"}, []string{"message-1", "message-2"})
}
