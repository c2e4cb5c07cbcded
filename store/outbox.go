package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"andon/plant"
)

// The states of a message in the outbox.
const (
	Queued  = "queued"  // waits for NextAt
	Sending = "sending" // handed to a notifier; after a crash it is sent again under the same id
	Sent    = "sent"
	Dead    = "dead" // rejected or expired; nobody was told
)

// A Delivery is a message of the outbox and how far its delivery is.
type Delivery struct {
	ID, Contact string
	State       string
	Attempts    int
	NextAt      plant.Instant
	Created     plant.Instant
	DoneAt      plant.Instant
	Error       string
	Body        []byte
}

const deliveryColumns = `SELECT id, contact, state, attempts, next_at, created, done_at, error, body FROM outbox`

func scanDelivery(r *sql.Rows) (d Delivery, err error) {
	return d, r.Scan(&d.ID, &d.Contact, &d.State, &d.Attempts, (*int64)(&d.NextAt), (*int64)(&d.Created), (*int64)(&d.DoneAt), &d.Error, &d.Body)
}

// farRetry is more than any message waits to be tried again, which is an hour
// at most: a later time was set before the clock was put back.
const farRetry = 65 * time.Minute

// Due returns, for each contact, its oldest message that is neither sent nor
// dead, if it was never tried or the time of its next attempt has come; the
// oldest first, at most n. So the messages of one contact leave in the order
// they arose.
func (s *Store) Due(ctx context.Context, now time.Time, n int) ([]Delivery, error) {
	return list(ctx, s, scanDelivery, deliveryColumns+` WHERE seq IN
		(SELECT MIN(seq) FROM outbox WHERE state IN ('queued', 'sending') GROUP BY contact)
		AND (attempts = 0 OR next_at <= ? OR next_at > ?) ORDER BY seq LIMIT ?`, now.UnixNano(), now.Add(farRetry).UnixNano(), n)
}

// Deliveries returns the latest messages of the outbox about one alarm, or
// about all when alarm is "".
func (s *Store) Deliveries(ctx context.Context, alarm string, limit int) ([]Delivery, error) {
	var q where
	if alarm != "" {
		q.add("alarm = ?", alarm)
	}
	return list(ctx, s, scanDelivery, deliveryColumns+q.clause()+` ORDER BY seq DESC LIMIT ?`, q.limit(limit)...)
}

// Mark sets how far the delivery of a message is. It is durable when Mark
// returns.
func (s *Store) Mark(ctx context.Context, d Delivery) error {
	res, err := s.write.ExecContext(ctx, `UPDATE outbox SET state = ?, attempts = ?, next_at = ?, done_at = ?, error = ? WHERE id = ?`,
		d.State, d.Attempts, int64(d.NextAt), int64(d.DoneAt), d.Error, d.ID)
	if err != nil {
		return fmt.Errorf("mark message %s: %w", d.ID, s.note(err))
	}
	if n, err := res.RowsAffected(); err == nil && n == 0 {
		return fmt.Errorf("mark message %s: %w", d.ID, ErrNotFound)
	}
	return nil
}
