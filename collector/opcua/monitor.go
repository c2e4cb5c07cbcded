package opcua

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gopcua/opcua/ua"
)

// maxRefused is how many calls in a row may be refused as a whole before the
// server itself is to blame: enough to find one item among a thousand.
const maxRefused = 12

// monitor creates monitored items for list, in calls that the server bears.
// An item that fails is in trouble and others are not. Only the loss of the
// session is an error.
func (t *items) monitor(ctx context.Context, list []*item) error {
	defer t.showStates()
	defer t.tellDenials(ctx)
	lim := t.sub.session.limits
	blame := search{most: len(list)}
	for len(list) > 0 {
		batch, rest := t.batch(list, min(lim.monitors(), blame.most))
		if len(batch.items) == 0 {
			return nil // none of the rest has a node id
		}
		resp, err := t.send(ctx, batch)
		if cut := cutOff(ctx, err); cut || err == nil {
			lim.monitorEnded(len(batch.items), cut)
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case tooMuch(err) && lim.shrinkMonitor(len(batch.items)):
			continue
		case unsubscribed(err):
			t.sub.doubted.Store(true)
			<-ctx.Done()
			return ctx.Err()
		case fatal(err):
			return fmt.Errorf("monitor %d items: session lost: %w", len(batch.items), err)
		case err != nil:
			list = t.refuse(&blame, batch.items, rest, err)
		default:
			blame = search{most: 2 * blame.most}
			// Those whose filter was refused go again with a weaker one.
			list = append(t.settle(batch.items, resp.Results), rest...)
		}
	}
	return nil
}

// A search is for the items for which a server refuses whole calls.
type search struct {
	most    int // items in the next call
	refused int // calls in a row
}

// refuse takes a call of list that failed as a whole, before rest, and returns
// what is still to be asked for. A call that the server refused is halved: one
// item may be to blame, and the others are not.
func (t *items) refuse(blame *search, list, rest []*item, err error) []*item {
	if isFault(err) {
		blame.refused++
		switch {
		case blame.refused > maxRefused:
			t.failAll(slices.Concat(list, rest), err)
			return nil
		case len(list) > 1:
			blame.most = len(list) / 2
			return slices.Concat(list, rest)
		}
	}
	t.failAll(list, err)
	return rest
}

// A batch is what one call creates.
type batch struct {
	items    []*item
	requests []*ua.MonitoredItemCreateRequest
}

// batch takes up to n items with known nodes from the front of list, as many as
// one chunk has room for, and returns the rest. Items whose namespace is unknown
// are in trouble.
func (t *items) batch(list []*item, n int) (batch, []*item) {
	var b batch
	room := t.sub.session.channel.Room()
	for i, it := range list {
		if len(b.items) == n {
			return b, list[i:]
		}
		node, err := t.sub.session.node(t.points[it.handle])
		if err != nil {
			t.deny(it, ua.StatusBadNodeIDUnknown)
			t.failFor(it, reasonNamespace, err.Error())
			continue
		}
		req := t.request(it, node)
		body, err := ua.Encode(req)
		if err != nil {
			t.failFor(it, reasonOther, err.Error())
			continue
		}
		if room -= len(body); room < 0 && len(b.items) > 0 {
			return b, list[i:]
		}
		b.items, b.requests = append(b.items, it), append(b.requests, req)
	}
	return b, nil
}

func (t *items) request(it *item, node *ua.NodeID) *ua.MonitoredItemCreateRequest {
	terms := t.points[it.handle].terms
	sampling := -1.0 // the publishing interval, by the standard
	if terms.Sampling > 0 {
		sampling = float64(terms.Sampling) / float64(time.Millisecond)
	}
	return &ua.MonitoredItemCreateRequest{
		ItemToMonitor:  &ua.ReadValueID{NodeID: node, AttributeID: ua.AttributeIDValue, DataEncoding: &ua.QualifiedName{}},
		MonitoringMode: ua.MonitoringModeReporting,
		RequestedParameters: &ua.MonitoringParameters{
			ClientHandle:     it.handle,
			SamplingInterval: sampling,
			Filter:           it.filters[it.filter],
			QueueSize:        terms.Queue,
			DiscardOldest:    terms.Discard != DiscardNewest,
		},
	}
}

func (t *items) send(ctx context.Context, b batch) (*ua.CreateMonitoredItemsResponse, error) {
	resp, err := call[*ua.CreateMonitoredItemsResponse](ctx, t.sub.session, &ua.CreateMonitoredItemsRequest{
		SubscriptionID:     t.sub.id,
		TimestampsToReturn: ua.TimestampsToReturnBoth,
		ItemsToCreate:      b.requests,
	})
	if err == nil && (!t.sub.ready.Load() || slices.ContainsFunc(resp.Results, isMonitored)) {
		// Of this there is an end; to refuse the same items again and again says nothing.
		t.sub.requests.busy(time.Now())
	}
	if err == nil && len(resp.Results) != len(b.items) {
		err = fmt.Errorf("create monitored items: got %d results, want %d", len(resp.Results), len(b.items))
	}
	return resp, err
}

func isMonitored(r *ua.MonitoredItemCreateResult) bool { return r.StatusCode&severityBad == 0 }

// settle takes the results of one call and returns the items that are to be
// tried again with the next filter of their ladder.
func (t *items) settle(list []*item, results []*ua.MonitoredItemCreateResult) []*item {
	var again []*item
	for i, it := range list {
		switch r := results[i]; {
		case isMonitored(r):
			t.succeed(it, r.MonitoredItemID)
		case filterRefused(r.StatusCode) && it.filter < len(it.filters)-1:
			it.filter++
			again = append(again, it)
		default:
			t.deny(it, r.StatusCode)
			t.fail(it, r.StatusCode)
		}
	}
	return again
}

// failAll puts all items of a call that failed as a whole into trouble.
func (t *items) failAll(list []*item, err error) {
	var status ua.StatusCode
	for _, it := range list {
		if errors.As(err, &status) {
			t.deny(it, status)
			t.fail(it, status)
		} else {
			t.deny(it, ua.StatusBadNoCommunication)
			t.failFor(it, reasonOther, err.Error())
		}
	}
}

// severityBad is the highest bit of a StatusCode.
const severityBad = ua.StatusCode(0x80000000)

// The reasons why items are in trouble, as metrics name them.
const (
	reasonNode         = "unknown_node"
	reasonDenied       = "denied"
	reasonFilter       = "filter"
	reasonNamespace    = "namespace"
	reasonSubscription = "subscription" // there is none for them
	reasonOther        = "other"
)

func reasonOf(s ua.StatusCode) string {
	switch {
	case nodeGone(s):
		return reasonNode
	case s == ua.StatusBadUserAccessDenied, s == ua.StatusBadNotReadable:
		return reasonDenied
	case filterRefused(s):
		return reasonFilter
	}
	return reasonOther
}

// nodeGone reports whether a status says that there is no such node.
func nodeGone(s ua.StatusCode) bool {
	return s == ua.StatusBadNodeIDUnknown || s == ua.StatusBadNodeIDInvalid
}

// nodeTrouble reports whether a status speaks of the node and not of the
// equipment behind it.
func nodeTrouble(s ua.StatusCode) bool {
	return nodeGone(s) || s == ua.StatusBadUserAccessDenied || s == ua.StatusBadNotReadable || s == ua.StatusBadAttributeIDInvalid
}

func filterRefused(s ua.StatusCode) bool {
	return slices.Contains([]ua.StatusCode{
		ua.StatusBadFilterNotAllowed, ua.StatusBadMonitoredItemFilterUnsupported,
		ua.StatusBadMonitoredItemFilterInvalid, ua.StatusBadDeadbandFilterInvalid,
	}, s)
}

// statusText names a status for people.
func statusText(s ua.StatusCode) string {
	if d, ok := ua.StatusCodes[s]; ok {
		return d.Name
	}
	return fmt.Sprintf("0x%08X", uint32(s))
}
