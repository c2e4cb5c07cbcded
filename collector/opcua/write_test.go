package opcua

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
)

func TestTheEndOfASubscriptionKeepsWhatCameBefore(t *testing.T) {
	data := func(values ...any) *ua.ExtensionObject {
		return &ua.ExtensionObject{Value: opcuatest.Notification(values...)}
	}
	end := &ua.ExtensionObject{Value: &ua.StatusChangeNotification{Status: ua.StatusBadTimeout}}
	sub := benchSubscription(2)
	samples, n, err := sub.samples([]message{
		{seq: 1, data: []*ua.ExtensionObject{data(1.0, 2.0)}}, {seq: 2, data: []*ua.ExtensionObject{data(3.0), end, data(4.0)}}, {seq: 3},
	}, received)
	if len(samples) != 4 || n != 2 || !errors.Is(err, ua.StatusBadTimeout) {
		t.Errorf("got %d samples of %d messages and error %v, want 4 of 2 and %v", len(samples), n, err, ua.StatusBadTimeout)
	}
}

// The standard has a server tell the session that had a subscription that
// another has it now. When there is none, node-opcua tells the one that took it
// over. If it is somebody else's indeed, the server will soon say that there is
// none.
func TestASubscriptionThatWasTransferredGoesOn(t *testing.T) {
	sub := &subscription{}
	batch := []message{{seq: 7, data: []*ua.ExtensionObject{{Value: &ua.StatusChangeNotification{Status: ua.StatusGoodSubscriptionTransferred}}}}}
	if _, n, ended := sub.samples(batch, received); n != 1 || ended != nil {
		t.Errorf("got %d messages and error %v, want 1 and none", n, ended)
	}
}

func TestTheEndOfASubscriptionIsNotWaitedForByWhatWasHeldBack(t *testing.T) {
	sub := benchSubscription(1)
	sub.session.source.log = slog.New(slog.DiscardHandler)
	q := newSequence()
	q.add(message{seq: 1})
	q.add(message{seq: 4}) // 2 and 3 never came
	got := sub.arrive(q, arrival{gone: ua.StatusBadNoSubscription})
	if len(got) != 2 || got[0].seq != 4 || !errors.Is(got[1].gone, ua.StatusBadNoSubscription) {
		t.Errorf("got %v, want message 4 and the end", got)
	}
}

func TestMessagesThatTheServerSendsTogetherArePutTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sub := &subscription{queue: newQueue()}
		go func() {
			for n := range uint32(3) {
				<-time.After(moreTime / 4)
				sub.queue.put(t.Context(), message{seq: n + 2, more: n < 2})
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
		sub := &subscription{queue: newQueue()}
		began := time.Now()
		if got := sub.gather(t.Context(), message{seq: 1}); len(got) != 1 || time.Since(began) != 0 {
			t.Errorf("the last of its time: got %d messages after %v, want 1 at once", len(got), time.Since(began))
		}
		sub.queue.put(t.Context(), message{seq: 2, more: true})
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
