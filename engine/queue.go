package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"andon/alerts/outbox"
	"andon/store"
)

var _ outbox.Queue = Queue{}

// A Queue is the outbox in the records as the delivering worker sees it. It
// is safe for concurrent use.
type Queue struct{ Store *store.Store }

// Due returns each contact's oldest waiting message whose time has come.
func (q Queue) Due(ctx context.Context, now time.Time, n int) ([]outbox.Delivery, error) {
	rows, err := q.Store.Due(ctx, now, n)
	if err != nil {
		return nil, err
	}
	all := make([]outbox.Delivery, len(rows))
	for i, r := range rows {
		all[i] = outbox.Delivery{State: outbox.State(r.State), Attempts: r.Attempts, NextAt: r.NextAt, DoneAt: r.DoneAt, Error: r.Error}
		if err := json.Unmarshal(r.Body, &all[i].Message); err != nil {
			return nil, fmt.Errorf("read message %s: %w", r.ID, err)
		}
	}
	return all, nil
}

// Mark sets how far the delivery of a message is; it is durable when Mark
// returns nil.
func (q Queue) Mark(ctx context.Context, d outbox.Delivery) error {
	return q.Store.Mark(ctx, store.Delivery{ID: d.Message.ID, State: string(d.State), Attempts: d.Attempts,
		NextAt: d.NextAt, DoneAt: d.DoneAt, Error: d.Error})
}
