package opcua

import (
	"context"
	"fmt"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/address"
	"andon/collector/opcua/condition"
	"andon/collector/opcua/wire"
	"andon/plant"
)

const (
	// eventHandle is the client handle of the one item for events in its
	// subscription.
	eventHandle = 1
	// eventTrouble names events among the tags in trouble.
	eventTrouble = "events"
)

// An eventFeed reads the events of a source's server, by one subscription
// after the other. After each connection, and whenever something may be
// missing, it asks the server to tell all its conditions again.
type eventFeed struct {
	source   *Source
	config   Events // with defaults
	notifier address.Address
	types    []address.Address
	wake     chan struct{} // of size 1: a refresh is wanted

	// The following belong to the writer of the subscription.
	lost    bool   // something was lost since the refresh began
	wrong   bool   // something was not understood since then
	ended   bool   // a refresh ended, which is to be told
	missing string // what is missing of it, "" for nothing
}

func newEventFeed(s *Source, c Events) (*eventFeed, error) {
	f := &eventFeed{source: s, config: c.withDefaults(), wake: make(chan struct{}, 1)}
	var err error
	if f.notifier, err = address.Parse(f.config.Notifier); err != nil {
		return nil, fmt.Errorf("notifier: %w", err)
	}
	for _, t := range f.config.Types {
		a, err := address.Parse(t)
		if err != nil {
			return nil, fmt.Errorf("event type: %w", err)
		}
		f.types = append(f.types, a)
	}
	return f, nil
}

// addEvents adds the subscriber of events, if they are read.
func (s *Source) addEvents() error {
	if s.config.Events == nil {
		return nil
	}
	f, err := newEventFeed(s, *s.config.Events)
	if err != nil {
		return fmt.Errorf("events: %w", err)
	}
	s.subscribers = append(s.subscribers, &subscriber{source: s, interval: s.config.PublishingInterval, feed: f})
	return nil
}

// tagSubscribers returns how many subscribers have tags.
func (s *Source) tagSubscribers() int {
	if s.config.Events != nil {
		return len(s.subscribers) - 1
	}
	return len(s.subscribers)
}

// asks says what the server is asked for, "" where f is nil.
func (f *eventFeed) asks() string {
	if f == nil {
		return ""
	}
	c := f.config
	return fmt.Sprintf("%q %q %d %d", c.Notifier, c.Types, c.MinSeverity, c.QueueSize)
}

// knownNamespaces returns the server's namespaces, which must not be changed.
func (x *session) knownNamespaces() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.namespaces
}

// ask wants a refresh.
func (f *eventFeed) ask() {
	select {
	case f.wake <- struct{}{}:
	default: // it is wanted already
	}
}

// run monitors events until ctx is done or the session is lost.
func (f *eventFeed) run(ctx context.Context, sub *subscription) error {
	f.ask()
	for sub.eventItem.Load() == 0 {
		if err := f.monitor(ctx, sub); err != nil {
			return err
		}
		if sub.eventItem.Load() != 0 {
			break
		}
		if !sleep(ctx, f.source.config.ItemRetry) { // to ask costs the server little
			return nil
		}
		sub.session.learnNamespaces(ctx)
	}
	return f.keepFresh(ctx, sub)
}

// monitor creates the item. Only the loss of the session is an error; what
// else is wrong is told, and sub has no item then.
func (f *eventFeed) monitor(ctx context.Context, sub *subscription) error {
	node, ladder, err := f.wish(sub.session)
	if err != nil {
		f.tell(sub.out, err.Error())
		return nil
	}
	for i, filter := range ladder {
		var status ua.StatusCode
		status, err = f.create(ctx, sub, node, filter)
		switch {
		case ctx.Err() != nil:
			return nil
		case unsubscribed(err):
			<-ctx.Done()
			return nil
		case fatal(err):
			return fmt.Errorf("monitor events: session lost: %w", err)
		case err != nil:
			f.tell(sub.out, fmt.Sprintf("events cannot be monitored: %v", err))
			return nil
		case status == ua.StatusOK:
			f.tell(sub.out, "")
			f.source.saveHandover()
			return nil
		case !eventFilterRefused(status) || i == len(ladder)-1:
			f.tell(sub.out, fmt.Sprintf("events of %s cannot be monitored: %s", f.config.Notifier, statusText(status)))
			return nil
		}
	}
	return nil
}

// wish returns the notifier and the filters in a session.
func (f *eventFeed) wish(x *session) (*ua.NodeID, []*ua.ExtensionObject, error) {
	namespaces := x.knownNamespaces()
	node, err := f.notifier.Resolve(namespaces)
	if err != nil {
		return nil, nil, fmt.Errorf("events: %w", err)
	}
	types := make([]*ua.NodeID, len(f.types))
	for i, a := range f.types {
		if types[i], err = a.Resolve(namespaces); err != nil {
			return nil, nil, fmt.Errorf("event type %s: %w", f.config.Types[i], err)
		}
	}
	return node, condition.Filters(types, f.config.MinSeverity), nil
}

// create asks the server for the item with one filter.
func (f *eventFeed) create(ctx context.Context, sub *subscription, node *ua.NodeID, filter *ua.ExtensionObject) (ua.StatusCode, error) {
	resp, err := call[*ua.CreateMonitoredItemsResponse](ctx, sub.session, &ua.CreateMonitoredItemsRequest{
		SubscriptionID:     sub.id,
		TimestampsToReturn: ua.TimestampsToReturnBoth,
		ItemsToCreate: []*ua.MonitoredItemCreateRequest{{
			ItemToMonitor:  &ua.ReadValueID{NodeID: node, AttributeID: ua.AttributeIDEventNotifier, DataEncoding: &ua.QualifiedName{}},
			MonitoringMode: ua.MonitoringModeReporting,
			RequestedParameters: &ua.MonitoringParameters{
				ClientHandle: eventHandle, Filter: filter, QueueSize: f.config.QueueSize, DiscardOldest: true,
			},
		}},
	})
	switch {
	case err != nil:
		return ua.StatusOK, err
	case len(resp.Results) != 1:
		return ua.StatusOK, fmt.Errorf("got %d results, want 1", len(resp.Results))
	}
	r := resp.Results[0]
	if r.StatusCode&severityBad == 0 {
		sub.eventItem.Store(r.MonitoredItemID)
		return ua.StatusOK, nil
	}
	return r.StatusCode, nil
}

// eventFilterRefused reports whether a weaker filter may do.
func eventFilterRefused(s ua.StatusCode) bool {
	for _, x := range []ua.StatusCode{
		ua.StatusBadEventFilterInvalid, ua.StatusBadContentFilterInvalid, ua.StatusBadFilterOperatorInvalid,
		ua.StatusBadFilterOperatorUnsupported, ua.StatusBadFilterOperandInvalid, ua.StatusBadFilterElementInvalid,
		ua.StatusBadFilterOperandCountMismatch, ua.StatusBadFilterLiteralInvalid,
	} {
		if s == x {
			return true
		}
	}
	return filterRefused(s)
}

// tell notes trouble with events, "" when it is over.
func (f *eventFeed) tell(out *output, text string) {
	if !out.status.OwnTrouble(eventTrouble, text) {
		return
	}
	if text == "" {
		f.source.log.Info("events are well again")
		return
	}
	f.source.log.Warn("events are in trouble", "trouble", text)
}

// events makes out what messages say of conditions. It is called by the writer
// alone.
func (sub *subscription) events(batch []message, now time.Time) (events []plant.Event) {
	f := sub.feed
	if f == nil {
		return nil
	}
	d := &condition.Decoder{Source: f.source.name, Past: f.source.config.TimeWindow.Past, Future: f.source.config.TimeWindow.Future, MinSeverity: f.config.MinSeverity, Namespaces: sub.session.knownNamespaces()}
	for _, m := range batch {
		if m.lost {
			f.lose()
		}
		for _, o := range m.data {
			switch l := o.Value.(type) {
			case *wire.EventList:
				events = f.take(events, l, d, now)
			case *ua.EventNotificationList:
				events = f.take(events, wire.EncodedEvents(l), d, now)
			}
		}
	}
	f.tellEnd(sub.out)
	return events
}

// take makes events of a list that the server sent.
func (f *eventFeed) take(events []plant.Event, l *wire.EventList, d *condition.Decoder, now time.Time) []plant.Event {
	m := f.source.metrics
	for i := range l.Events {
		if l.Events[i].Handle != eventHandle {
			m.unknown.Inc()
			continue
		}
		x, n, err := d.Decode(&l.Events[i], now)
		switch {
		case err != nil:
			m.malformed.Inc()
			f.wrong = true
			f.source.log.Debug("event not understood", "err", err)
			continue
		case n == condition.NoticeNone:
			continue
		}
		m.events.Inc()
		if f.heed(n) {
			events = append(events, x)
		}
	}
	if l.Broken != nil {
		m.malformed.Inc()
		f.wrong = true
		f.source.log.Debug("events not understood", "err", l.Broken)
	}
	return events
}
