package opcua

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestMessagesThatTheServerSendsTogetherArePutTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sub := &subscription{queue: make(chan message, queueLength)}
		go func() {
			for n := range uint32(3) {
				<-time.After(moreTime / 4)
				sub.queue <- message{seq: n + 2, more: n < 2}
			}
		}()
		got := sub.gather(t.Context(), message{seq: 1, more: true})
		if len(got) != 4 {
			t.Errorf("messages: got %d, want the 4 of one time", len(got))
		}
	})
}

func TestMessagesWaitForOthersAMomentOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sub := &subscription{queue: make(chan message, queueLength)}
		began := time.Now()
		if got := sub.gather(t.Context(), message{seq: 1}); len(got) != 1 || time.Since(began) != 0 {
			t.Errorf("the last of its time: got %d messages after %v, want 1 at once", len(got), time.Since(began))
		}
		sub.queue <- message{seq: 2, more: true}
		if got := sub.gather(t.Context(), message{seq: 1, more: true}); len(got) != 2 || time.Since(began) != moreTime {
			t.Errorf("others that do not come: got %d messages after %v, want 2 after %v", len(got), time.Since(began), moreTime)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		began = time.Now()
		if got := sub.gather(ctx, message{seq: 1, more: true}); len(got) != 1 || time.Since(began) != 0 {
			t.Errorf("at the end of the session: got %d messages after %v, want 1 at once", len(got), time.Since(began))
		}
	})
}
