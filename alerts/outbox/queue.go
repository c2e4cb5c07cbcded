package outbox

import (
	"context"
	"time"

	"andon/alerts"
	"andon/plant"
)

// A Queue is the durable list of messages; the engine adds to it in the
// transaction that records the alarms. Both methods are called from several
// goroutines at a time.
type Queue interface {
	// Due returns, for each contact, its oldest message that is neither sent
	// nor dead, if its NextAt has come; the oldest first, at most n. A later
	// message of a contact never stands in for an earlier one that waits.
	Due(ctx context.Context, now time.Time, n int) ([]Delivery, error)
	// Mark sets all but the Message. It is durable when Mark returns nil.
	Mark(ctx context.Context, d Delivery) error
}

// A Delivery is a message of the queue and how far its delivery is.
type Delivery struct {
	Message  alerts.Message
	State    State
	Attempts int           // begun so far
	NextAt   plant.Instant // not before; wall clock
	DoneAt   plant.Instant // when it was sent or given up; wall clock
	Error    string        // of the last attempt, "" when there was none
}

// A State says how far the delivery of a message is.
type State string

// The states of a delivery.
const (
	Queued  State = "queued"  // waits for NextAt
	Sending State = "sending" // handed to a notifier; after a crash it is sent again
	Sent    State = "sent"    // the other side has it
	Dead    State = "dead"    // rejected, expired or without a contact: nobody was told
)
