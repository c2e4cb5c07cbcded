package outbox_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"andon/alerts"
	"andon/alerts/outbox"
)

func TestStopLetsWhatIsOnItsWayArrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := &pager{answer: func(ctx context.Context, _ alerts.Message, _ int) error {
			select {
			case <-time.After(time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}}
		o := open(t, newTable(), map[string]alerts.Notifier{"first": first})
		o.add(message(1, "first"), message(2, "first"))
		o.worker.Wake()
		synctest.Wait()
		start := time.Now()
		o.close(t)
		if took := time.Since(start); took != time.Second {
			t.Errorf("stop took %s, want 1s", took)
		}
		if r1, r2 := o.row("message-1"), o.row("message-2"); r1.State != outbox.Sent || r2.State != outbox.Queued {
			t.Errorf("got %s and %s, want sent and queued", r1.State, r2.State)
		}
	})
}

func TestStopDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := &pager{answer: func(ctx context.Context, _ alerts.Message, _ int) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		o := open(t, newTable(), map[string]alerts.Notifier{"first": first})
		o.add(message(1, "first"))
		o.worker.Wake()
		synctest.Wait()
		start := time.Now()
		o.close(t)
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("stop took %s, want 2s", took)
		}
		if r := o.row("message-1"); r.State != outbox.Sending {
			t.Errorf("message that was cut off: got %s, want sending, so that it goes out again", r.State)
		}
	})
}

func TestMessageSentWhileTheDiskIsFullIsNotSentTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newTable()
		first := &pager{answer: func(context.Context, alerts.Message, int) error {
			q.setBroken(true)
			return nil
		}}
		o := open(t, q, map[string]alerts.Notifier{"first": first})
		o.add(message(1, "first"))
		time.Sleep(time.Minute)
		q.setBroken(false)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if n, r := len(first.ids()), o.row("message-1"); n != 1 || r.State != outbox.Sent {
			t.Errorf("got %d calls, %s; want 1, sent", n, r.State)
		}
		o.close(t)
	})
}

func TestBrokenQueueIsLookedAtOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newTable()
		q.setBroken(true)
		o := open(t, q, nil)
		time.Sleep(10*time.Second + time.Millisecond)
		synctest.Wait()
		if q.looks > 12 {
			t.Errorf("looks in 10 s: got %d, want at most 12", q.looks)
		}
		o.close(t)
	})
}
