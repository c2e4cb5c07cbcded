package opcua

import (
	"testing"

	"github.com/gopcua/opcua/ua"
)

func TestAChangeOfTheServersNodesIsToldOnceAndAcknowledged(t *testing.T) {
	p := newPublishing(&session{remodelled: make(chan struct{}, 1)}, nil, nil)
	response := func(subscription uint32, data ...*ua.ExtensionObject) *ua.PublishResponse {
		return &ua.PublishResponse{SubscriptionID: subscription, NotificationMessage: &ua.NotificationMessage{SequenceNumber: 5, NotificationData: data}}
	}
	events := ua.NewExtensionObject(&ua.EventNotificationList{})
	if p.ofModel(response(7, events)) {
		t.Error("without such a subscription: got one of its responses")
	}
	p.model.Store(7)
	if p.ofModel(response(8, events)) || !p.ofModel(response(7)) || len(p.session.remodelled) != 0 {
		t.Error("another subscription and a keep-alive: want the keep-alive taken, and nothing told")
	}
	for range 2 {
		if !p.ofModel(response(7, events)) || len(p.session.remodelled) != 1 {
			t.Error("an event and another one: want both taken, and one look")
		}
	}
	if got := p.acks.take(); len(got) != 2 || got[0].SubscriptionID != 7 || got[0].SequenceNumber != 5 {
		t.Errorf("acknowledged: got %v, want both", got)
	}
	if !p.ofModel(response(7, ua.NewExtensionObject(&ua.StatusChangeNotification{Status: ua.StatusBadTimeout}))) || p.model.Load() != 0 || len(p.session.remodelled) != 1 {
		t.Error("its end: want it noted, and nothing told")
	}
}
