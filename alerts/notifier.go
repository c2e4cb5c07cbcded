package alerts

import (
	"context"
	"errors"
	"time"
)

// A Notifier tells one contact by one means. Notify returns nil once the
// other side has taken the message over. It blocks until then, returns soon
// after ctx is done and is safe for concurrent use. The same message may come
// again, with the same ID, when it was not known whether it arrived; the
// notifier passes the ID on, so that the receiver can drop the repeat.
//
// Errors that wrap ErrRejected are final; all others are tried again until
// the message expires, not before the wait of a RetryAfterError is over.
type Notifier interface {
	Notify(ctx context.Context, to string, m Message) error
}

// ErrRejected is wrapped by errors of a Notifier that no repeat can mend:
// the other side understood the message and refused it.
var ErrRejected = errors.New("rejected")

// A RetryAfterError is an error after which the other side asked for a wait.
type RetryAfterError struct {
	Wait time.Duration
	Err  error
}

// Error returns the text of the error that it wraps, and the wait.
func (e *RetryAfterError) Error() string { return e.Err.Error() + ", retry after " + e.Wait.String() }

// Unwrap returns the error that made the wait necessary.
func (e *RetryAfterError) Unwrap() error { return e.Err }
