package opcua

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/condition"
	"andon/collector/opcua/wire"
)

// keepFresh asks for refreshes as they are wanted, and from time to time. When
// each leads to the next, such as where the server's queue is too short for
// all, the pauses grow.
func (f *eventFeed) keepFresh(ctx context.Context, sub *subscription) error {
	regular := time.NewTicker(f.config.RefreshInterval)
	defer regular.Stop()
	var last time.Time
	pause := f.source.config.ItemRetry
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-regular.C:
		case <-f.wake:
		}
		if left := pause - time.Since(last); !last.IsZero() && left > 0 {
			if !sleep(ctx, left) {
				return nil
			}
			pause = min(2*pause, maxItemRetry)
		} else {
			pause = f.source.config.ItemRetry
		}
		last = time.Now()
		if err := f.refresh(ctx, sub); err != nil {
			return err
		}
	}
}

// refresh asks the server to tell all conditions that it has (OPC 10000-9,
// 5.5.7). Only the loss of the session is an error.
func (f *eventFeed) refresh(ctx context.Context, sub *subscription) error {
	resp, err := call[ua.Response](ctx, sub.session, &ua.CallRequest{MethodsToCall: []*ua.CallMethodRequest{{
		ObjectID:       ua.NewNumericNodeID(0, id.ConditionType),
		MethodID:       ua.NewNumericNodeID(0, id.ConditionType_ConditionRefresh),
		InputArguments: []*ua.Variant{ua.MustVariant(sub.id)},
	}}})
	if err == nil {
		err = wire.CallError(resp)
	}
	f.source.metrics.refreshes.Inc()
	switch {
	case err == nil: // whether it is well, the end of the refresh shows
	case ctx.Err() != nil, unsubscribed(err):
	case fatal(err):
		return fmt.Errorf("refresh conditions: session lost: %w", err)
	case errors.Is(err, ua.StatusBadRefreshInProgress), errors.Is(err, context.DeadlineExceeded):
		f.ask()
	default:
		f.tell(sub.out, fmt.Sprintf("the server does not tell its conditions again, so that an alarm which ended while it was away may stay: %v", err))
	}
	return nil
}

// heed takes what an event means to the refresh, and reports whether it is to
// be stored. The end of a refresh of which something is missing is not: what
// was not named may hold all the same.
func (f *eventFeed) heed(n condition.Notice) bool {
	switch n {
	case condition.NoticeStart:
		f.lost, f.wrong = false, false
	case condition.NoticeEnd:
		f.ended, f.missing = true, f.misses()
		return f.missing == ""
	case condition.NoticeRequired:
		f.ask()
		return false
	case condition.NoticeOverflow:
		f.source.metrics.eventOverflows.Inc()
		f.lose()
		return false
	}
	return true
}

// misses says what is missing of the refresh that ends, "" for nothing.
func (f *eventFeed) misses() string {
	const so = "so that an alarm which ended while it was away may stay"
	switch {
	case f.wrong:
		return "some of the conditions that the server tells are not understood (event_malformed), " + so
	case f.lost:
		return "the server lost events while it told its conditions: raise events.queue_size if this stays, " + so
	}
	return ""
}

// tellEnd tells whether the last refresh was whole, once each.
func (f *eventFeed) tellEnd(out *output) {
	if f.ended {
		f.ended = false
		f.tell(out, f.missing)
	}
}

// lose notes that events were lost.
func (f *eventFeed) lose() {
	f.lost = true
	f.ask()
}
