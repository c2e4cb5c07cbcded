package opcua

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/wire"
)

// curves is an arrival of a message with so many bytes of curves.
func curves(seq uint32, bytes int) arrival {
	c := &wire.DataChange{N: 1, Values: make([]byte, bytes)}
	return arrival{PublishResponse: &ua.PublishResponse{NotificationMessage: &ua.NotificationMessage{SequenceNumber: seq, NotificationData: c.Wrapped()}}}
}

// A press sends its curves while the disk is slow. What waits for the disk must
// not fill the memory: the rest stays with the server.
func TestLargeMessagesWaitAtTheServerWhileTheSinkBlocks(t *testing.T) {
	const mb = 1 << 20
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		sub := benchSubscription(1)
		sub.arrivals, sub.queue, sub.sequence = make(chan arrival), newQueue(), newSequence()
		ended := make(chan error, 1)
		go func() { ended <- sub.order(ctx) }()
		sent := 0
		go func() {
			for _, size := range []int{7 * mb, 7 * mb, 7 * mb, 40 * mb, 1, 0, 7 * mb} {
				select {
				case sub.arrivals <- curves(uint32(sent+1), size):
					sent++
				case <-ctx.Done():
					return
				}
			}
		}()
		for i, waiting := range []int{2, 2, 1, 1, 3, 2, 1} {
			synctest.Wait()
			if got := len(sub.queue.list); got != waiting {
				t.Errorf("after %d were taken: got %d messages waiting, want %d", i, got, waiting)
			}
			m := <-sub.queue.list
			if sub.queue.took(m); m.seq != uint32(i+1) {
				t.Errorf("got message %d, want %d", m.seq, i+1)
			}
		}
		if got := sub.queue.bytes.Load(); got != 0 || sent != 7 {
			t.Errorf("got %d messages through and %d bytes waiting, want all 7 and none", sent, got)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestASubscriptionEndsWhileItWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		sub := benchSubscription(1)
		sub.queue, sub.sequence = newQueue(), newSequence()
		sub.early = []arrival{curves(1, mostWaiting), curves(2, mostWaiting)}
		ended := make(chan error, 1)
		go func() { ended <- sub.order(ctx) }()
		synctest.Wait()
		if got := len(sub.queue.list); got != 1 {
			t.Errorf("got %d messages waiting, want 1", got)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestOneBatchIsOfFewLargeMessages(t *testing.T) {
	sub := &subscription{queue: newQueue()}
	for seq := range uint32(4) {
		a := curves(seq+2, mostWaiting/2)
		sub.queue.put(t.Context(), message{seq: seq + 2, data: a.NotificationMessage.NotificationData})
	}
	if got := sub.gather(t.Context(), message{seq: 1}); len(got) != 3 || len(sub.queue.list) != 2 {
		t.Errorf("got %d messages in the batch and %d waiting, want 3 and 2", len(got), len(sub.queue.list))
	}
}
