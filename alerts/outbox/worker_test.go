package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"andon/alerts"
	"andon/alerts/outbox"
	"andon/alerts/webhook"
	"andon/plant"
)

func TestMessageLeavesAsSoonAsTheWorkerIsWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := &pager{}
		o := open(t, newTable(), map[string]alerts.Notifier{"first": first})
		synctest.Wait()
		start := time.Now()
		o.add(message(1, "first"))
		o.worker.Wake()
		synctest.Wait()
		if len(first.calls) != 1 || !first.calls[0].at.Equal(start) {
			t.Errorf("calls: got %v, want one at once", first.calls)
		}
		if diff := cmp.Diff([]outbox.State{outbox.Sending, outbox.Sent}, o.history["message-1"]); diff != "" {
			t.Errorf("states (-want +got):\n%s", diff)
		}
		o.close(t)
	})
}

func TestMessageNobodyWokeForLeavesWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := &pager{}
		o := open(t, newTable(), map[string]alerts.Notifier{"first": first})
		synctest.Wait()
		o.add(message(1, "first"))
		time.Sleep(time.Second)
		synctest.Wait()
		if got := len(first.ids()); got != 1 {
			t.Errorf("calls: got %d, want 1", got)
		}
		o.close(t)
	})
}

func TestMessagesOfBeforeTheRecordsWereLostAreNotSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := &pager{}
		o := openSince(t, newTable(), map[string]alerts.Notifier{"first": first}, time.Now())
		old := message(1, "first")
		old.Time = plant.At(time.Now().Add(-time.Minute))
		o.add(old, message(2, "first"))
		o.worker.Wake()
		synctest.Wait()
		if diff := cmp.Diff([]string{"message-2"}, first.ids()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]outbox.State{outbox.Dead}, o.history["message-1"]); diff != "" {
			t.Errorf("states of the old one (-want +got):\n%s", diff)
		}
		o.close(t)
	})
}

func TestMessagesToOneContactKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := &pager{answer: func(_ context.Context, _ alerts.Message, n int) error {
			if n <= 2 {
				return errors.New("line is busy")
			}
			return nil
		}}
		second := &pager{}
		o := open(t, newTable(), map[string]alerts.Notifier{"first": first, "second": second})
		o.add(message(1, "first"), message(2, "first"), message(3, "second"), message(4, "first"))
		o.worker.Wake()
		synctest.Wait()
		if diff := cmp.Diff([]string{"message-3"}, second.ids()); diff != "" {
			t.Errorf("the other contact does not wait (-want +got):\n%s", diff)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if diff := cmp.Diff([]string{"message-1", "message-1", "message-1", "message-2", "message-4"}, first.ids()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		o.close(t)
	})
}

func TestWaitsDoubleUpToTheLongest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := &pager{answer: func(context.Context, alerts.Message, int) error { return errors.New("away") }}
		o := open(t, newTable(), map[string]alerts.Notifier{"first": first})
		synctest.Wait() // the worker looks at whole seconds from now on
		o.add(message(1, "first"))
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		o.close(t)
		want := []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}
		got := first.waits()
		if len(got) < len(want) {
			t.Fatalf("waits: got %v, want %v s", got, want)
		}
		for i := range want {
			if got[i] != want[i]*time.Second {
				t.Errorf("wait %d: got %s, want %s", i, got[i], want[i]*time.Second)
			}
		}
	})
}

func TestWaitThatTheReceiverAskedForIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := &pager{answer: func(_ context.Context, _ alerts.Message, n int) error {
			switch n {
			case 1:
				return &alerts.RetryAfterError{Wait: 90 * time.Second, Err: errors.New("slow down")}
			case 2:
				return fmt.Errorf("post: %w", &alerts.RetryAfterError{Wait: 100 * time.Hour, Err: errors.New("go away")})
			}
			return nil
		}}
		o := open(t, newTable(), map[string]alerts.Notifier{"first": first})
		synctest.Wait()
		o.add(message(1, "first"))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		o.close(t)
		if diff := cmp.Diff([]time.Duration{90 * time.Second, time.Hour}, first.waits()); diff != "" {
			t.Errorf("waits (-want +got):\n%s", diff)
		}
	})
}

func TestMessageExpiresAndTheNextOneLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := &pager{answer: func(_ context.Context, m alerts.Message, _ int) error {
			if m.ID == "message-1" {
				return errors.New("away")
			}
			return nil
		}}
		o := open(t, newTable(), map[string]alerts.Notifier{"first": first})
		o.add(message(1, "first"))
		time.Sleep(23 * time.Hour)
		o.add(message(2, "first"))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if r := o.row("message-1"); r.State != outbox.Dead || r.Error != "not delivered within 24h0m0s: away" {
			t.Errorf("expired message: got %s %q", r.State, r.Error)
		}
		if r := o.row("message-2"); r.State != outbox.Sent {
			t.Errorf("next message: got %s, want sent", r.State)
		}
		o.close(t)
	})
}

func TestRejectedMessageIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := &pager{answer: func(_ context.Context, _ alerts.Message, n int) error {
			if n == 1 {
				return fmt.Errorf("400: %w", alerts.ErrRejected)
			}
			return nil
		}}
		o := open(t, newTable(), map[string]alerts.Notifier{"first": first})
		o.add(message(1, "first"), message(2, "first"), message(3, "nobody"))
		time.Sleep(time.Minute)
		synctest.Wait()
		if diff := cmp.Diff([]string{"message-1", "message-2"}, first.ids()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		if r := o.row("message-1"); r.State != outbox.Dead || r.Error != "400: rejected" || r.Attempts != 1 || r.DoneAt == 0 {
			t.Errorf("rejected message: got %+v", r)
		}
		if r := o.row("message-3"); r.State != outbox.Dead {
			t.Errorf("message to a contact that is gone: got %s, want dead", r.State)
		}
		o.close(t)
	})
}

func TestMessageFoundSendingAfterACrashIsSentAgainWithTheSameID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newTable()
		q.add(message(1, "first"))
		q.rows[0].State, q.rows[0].Attempts = outbox.Sending, 1
		first := &pager{}
		o := open(t, q, map[string]alerts.Notifier{"first": first})
		synctest.Wait()
		if diff := cmp.Diff([]string{"message-1"}, first.ids()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		if r := o.row("message-1"); r.State != outbox.Sent || r.Attempts != 2 {
			t.Errorf("message: got %s after %d attempts, want sent after 2", r.State, r.Attempts)
		}
		o.close(t)
	})
}

func TestSentMessagesAreNotSentByTheNextWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, q := &pager{}, newTable()
		for i := range 3 {
			o := open(t, q, map[string]alerts.Notifier{"first": first})
			o.add(message(i, "first"))
			o.worker.Wake()
			synctest.Wait()
			o.close(t)
		}
		if diff := cmp.Diff([]string{"message-0", "message-1", "message-2"}, first.ids()); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestOnlySoManyContactsAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var busy, most atomic.Int32
		slow := &pager{answer: func(context.Context, alerts.Message, int) error {
			if n := busy.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Second)
			busy.Add(-1)
			return nil
		}}
		people, q := map[string]alerts.Notifier{}, newTable()
		for i := range 10 {
			name := fmt.Sprintf("contact%d", i)
			people[name] = slow
			q.add(message(i, name))
		}
		o := open(t, q, people)
		time.Sleep(4 * time.Second)
		synctest.Wait()
		if len(slow.ids()) != 10 || most.Load() != 3 {
			t.Errorf("got %d messages, at most %d at a time; want 10, 3", len(slow.ids()), most.Load())
		}
		o.close(t)
	})
}

// TestReceiverThatComesBackGetsEveryMessageOnce uses a real HTTP server.
func TestReceiverThatComesBackGetsEveryMessageOnce(t *testing.T) {
	got := make(chan string, 100) // more than is sent
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) <= 2 {
			http.Error(w, "starting up", http.StatusServiceUnavailable)
			return
		}
		got <- r.Header.Get(webhook.HeaderKey)
	}))
	defer server.Close()
	n, err := webhook.New(alerts.Webhook{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	o := open(t, newTable(), map[string]alerts.Notifier{"first": n})
	o.add(message(1, "first"), message(2, "first"), message(3, "first"))
	o.worker.Wake()
	for i := 1; i <= 3; i++ {
		select {
		case id := <-got:
			if want := fmt.Sprintf("message-%d", i); id != want {
				t.Errorf("message %d: got %s, want %s", i, id, want)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("message %d did not arrive", i)
		}
	}
	o.close(t)
	if len(got) != 0 {
		t.Errorf("%d messages came twice", len(got))
	}
}
