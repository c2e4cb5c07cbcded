package webhook_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"andon/alerts"
	"andon/alerts/alertstest"
)

// What follows a yes is nobody's business, and while andon waits for it a
// crash would send the message again.
func TestYesIsTakenBeforeTheAnswerIsWhole(t *testing.T) {
	r := newReceiver(t, (*httptest.Server).Start)
	r.set(func(w http.ResponseWriter) {
		w.WriteHeader(http.StatusOK)
		io.WriteString(w, "tha")
		w.(http.Flusher).Flush()
		<-r.release
	})
	n := newNotifier(t, alerts.Webhook{URL: r.URL, Timeout: 3 * time.Second})
	start := time.Now()
	if err := n.Notify(t.Context(), "first", alertstest.Message(1)); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("took %s, want at most a second", took)
	}
}

// A connection that is used again makes the next escalation quick.
func TestShortAnswersKeepTheConnection(t *testing.T) {
	var dialled atomic.Int32
	r := newReceiver(t, func(s *httptest.Server) {
		s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				dialled.Add(1)
			}
		}
		s.Start()
	})
	r.set(func(w http.ResponseWriter) { io.WriteString(w, "thank you") })
	n := newNotifier(t, alerts.Webhook{URL: r.URL})
	for i := range 5 {
		if err := n.Notify(t.Context(), "first", alertstest.Message(i)); err != nil {
			t.Fatal(err)
		}
	}
	if got := dialled.Load(); got != 1 {
		t.Errorf("connections: got %d, want 1", got)
	}
}
