package outbox_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"andon/alerts"
	"andon/alerts/outbox"
	"andon/plant"
)

func about(alarm, id, to string) alerts.Message {
	return alerts.Message{ID: id, Alarm: alarm, To: to, Time: plant.At(time.Now())}
}

// due returns the ids of what is due.
func due(t *testing.T, q *outbox.Memory) (ids []string) {
	t.Helper()
	all, err := q.Due(t.Context(), time.Now(), 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		ids = append(ids, d.Message.ID)
	}
	return ids
}

func mark(t *testing.T, q *outbox.Memory, m alerts.Message, s outbox.State) {
	t.Helper()
	if err := q.Mark(t.Context(), outbox.Delivery{Message: m, State: s, Attempts: 1}); err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, what string, got []string, ids ...string) {
	t.Helper()
	if diff := cmp.Diff(ids, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestMessagesInMemoryAreQueuedOnceAndLeaveInOrder(t *testing.T) {
	q := outbox.NewMemory()
	first, second := about("a", "1", "anna"), about("a", "2", "anna")
	q.Add([]alerts.Message{first, second, first})
	want(t, "at first", due(t, q), "1")
	mark(t, q, first, outbox.Sent)
	want(t, "after the first", due(t, q), "2")
	if err := q.Mark(t.Context(), outbox.Delivery{Message: second, State: outbox.Queued, Attempts: 1, NextAt: plant.At(time.Now().Add(time.Hour))}); err != nil {
		t.Fatal(err)
	}
	want(t, "while the second waits", due(t, q))
}

func TestAnotherQueueTakesWhatHasNotLeft(t *testing.T) {
	q := outbox.NewMemory()
	sent, sending, waiting, other := about("a", "1", "anna"), about("a", "2", "ben"), about("a", "3", "cleo"), about("b", "4", "cleo")
	q.Add([]alerts.Message{sent, sending, waiting, other})
	mark(t, q, sent, outbox.Sent)
	mark(t, q, sending, outbox.Sending)
	want(t, "told", q.Hold("a"), "anna", "ben")
	want(t, "while held", due(t, q), "2", "4")
	q.Release("a")
	want(t, "after the other could not", due(t, q), "2", "3")
	q.Hold("a")
	q.Drop("a")
	want(t, "after the other took it", due(t, q), "2", "4")
	mark(t, q, sending, outbox.Queued) // it failed; the other queue counts on it
	want(t, "after a failure", due(t, q), "2", "4")
	mark(t, q, sending, outbox.Sent)
	want(t, "at the end", due(t, q), "4")
}
