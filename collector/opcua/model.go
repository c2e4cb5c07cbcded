package opcua

import (
	"context"
	"fmt"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
)

// How a subscription for changes of the server's nodes is asked for: seldom,
// for nobody waits for it.
const (
	modelInterval  = time.Second
	modelKeepAlive = 10 // intervals
	modelLifetime  = 60 // intervals
	modelHandle    = 1
)

// watchModel subscribes to what the server tells of changes of its nodes
// (OPC 10000-3, 9.32), so that they are looked at soon. A server that tells
// nothing of the kind is looked through at its times only.
func (p *publishing) watchModel(ctx context.Context) error {
	err := p.subscribeToModel(ctx)
	if fatal(err) && ctx.Err() == nil {
		return fmt.Errorf("watch the server's nodes: session lost: %w", err)
	}
	if err != nil {
		p.session.source.log.Debug("the server does not tell of changes of its nodes", "err", err)
	}
	return nil
}

func (p *publishing) subscribeToModel(ctx context.Context) error {
	p.dropModel(ctx)
	created, err := call[*ua.CreateSubscriptionResponse](ctx, p.session, &ua.CreateSubscriptionRequest{
		RequestedPublishingInterval: float64(modelInterval / time.Millisecond),
		RequestedLifetimeCount:      modelLifetime,
		RequestedMaxKeepAliveCount:  modelKeepAlive,
		PublishingEnabled:           true,
	})
	if err != nil {
		return err
	}
	p.model.Store(created.SubscriptionID)
	p.session.source.model = modelSubscription{p.session.token, created.SubscriptionID}
	resp, err := call[*ua.CreateMonitoredItemsResponse](ctx, p.session, &ua.CreateMonitoredItemsRequest{
		SubscriptionID:     created.SubscriptionID,
		TimestampsToReturn: ua.TimestampsToReturnNeither,
		ItemsToCreate: []*ua.MonitoredItemCreateRequest{{
			ItemToMonitor:       &ua.ReadValueID{NodeID: ua.NewNumericNodeID(0, id.Server), AttributeID: ua.AttributeIDEventNotifier, DataEncoding: &ua.QualifiedName{}},
			MonitoringMode:      ua.MonitoringModeReporting,
			RequestedParameters: &ua.MonitoringParameters{ClientHandle: modelHandle, Filter: modelFilter(), QueueSize: 1, DiscardOldest: true},
		}},
	})
	if err == nil && (len(resp.Results) != 1 || resp.Results[0].StatusCode&severityBad != 0) {
		err = fmt.Errorf("monitor the Server object: %v", resp.Results)
	}
	if err != nil {
		p.model.Store(0)
		_, _ = call[*ua.DeleteSubscriptionsResponse](ctx, p.session, &ua.DeleteSubscriptionsRequest{SubscriptionIDs: []uint32{created.SubscriptionID}})
	}
	return err
}

// A modelSubscription is one for changes of nodes, and the session that has it.
type modelSubscription struct {
	session *ua.NodeID // its token
	id      uint32
}

// dropModel deletes the one that a session brought along which goes on over
// another connection: nobody takes what it tells.
func (p *publishing) dropModel(ctx context.Context) {
	old := p.session.source.model
	if old.id == 0 || old.session != p.session.token {
		return
	}
	// An error is of no use to anybody: it concerns nothing that is waited for.
	_, _ = call[*ua.DeleteSubscriptionsResponse](ctx, p.session, &ua.DeleteSubscriptionsRequest{SubscriptionIDs: []uint32{old.id}})
}

// modelFilter lets through what says that nodes came or went.
func modelFilter() *ua.ExtensionObject {
	return ua.NewExtensionObject(&ua.EventFilter{
		SelectClauses: []*ua.SimpleAttributeOperand{{
			TypeDefinitionID: ua.NewNumericNodeID(0, id.BaseEventType), BrowsePath: []*ua.QualifiedName{{Name: "EventType"}}, AttributeID: ua.AttributeIDValue,
		}},
		WhereClause: &ua.ContentFilter{Elements: []*ua.ContentFilterElement{{
			FilterOperator: ua.FilterOperatorOfType,
			FilterOperands: []*ua.ExtensionObject{ua.NewExtensionObject(&ua.LiteralOperand{Value: ua.MustVariant(ua.NewNumericNodeID(0, id.BaseModelChangeEventType))})},
		}}},
	})
}

// ofModel takes a response of that subscription, and reports whether it is one.
func (p *publishing) ofModel(resp *ua.PublishResponse) bool {
	id := p.model.Load()
	if id == 0 || resp.SubscriptionID != id {
		return false
	}
	msg := resp.NotificationMessage
	if len(msg.NotificationData) == 0 {
		return true
	}
	p.acks.add(&ua.SubscriptionAcknowledgement{SubscriptionID: id, SequenceNumber: msg.SequenceNumber})
	if _, ended := msg.NotificationData[0].Value.(*ua.StatusChangeNotification); ended {
		p.model.Store(0)
		return true
	}
	select {
	case p.session.remodelled <- struct{}{}:
	default: // it is told already
	}
	return true
}
