package opcua

import (
	"testing"

	"github.com/gopcua/opcua/ua"
)

// A server that was not acknowledged anything for long has thousands of messages.
func TestNoAcknowledgementIsLeftOutWhereOneRequestHasRoomForSome(t *testing.T) {
	var a acks
	for n := range uint32(2500) {
		a.add(&ua.SubscriptionAcknowledgement{SubscriptionID: 7, SequenceNumber: n})
	}
	next := uint32(0)
	for _, want := range []int{1000, 1000, 500, 0} {
		list := a.first(1000)
		if len(list) != want {
			t.Fatalf("got %d, want %d", len(list), want)
		}
		for _, x := range list {
			if x.SequenceNumber != next {
				t.Fatalf("got message %d, want %d", x.SequenceNumber, next)
			}
			next++
		}
	}
}
