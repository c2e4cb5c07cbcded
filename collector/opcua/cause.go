package opcua

import (
	"errors"

	"github.com/gopcua/opcua/ua"

	"andon/collector"
)

// The causes for which a source needs a new session, as metrics name them.
const (
	causeConnect      = "connect"      // no session could be made
	causeConnection   = "connection"   // the connection was cut
	causeSilent       = "silent"       // no publish response came
	causeSession      = "session"      // the server ended the session or its channel
	causeSubscription = "subscription" // the server ended the subscription
	causeSink         = "sink"         // the bus did not take what came
	causePanic        = "panic"        // a bug
	causeOther        = "other"
)

// causeOf names why a session ended.
func causeOf(err error) string {
	switch {
	case errors.As(err, new(*collector.Panic)):
		return causePanic
	case errors.As(err, new(sinkError)):
		return causeSink
	case errors.Is(err, errSilent):
		return causeSilent
	case errors.As(err, new(endError)):
		return causeSubscription
	case disconnected(err), errors.Is(err, ua.StatusBadConnectionClosed):
		return causeConnection
	case fatal(err):
		return causeSession
	}
	return causeOther
}

// A sinkError is why the Sink did not take what came.
type sinkError struct{ error }

// Unwrap returns the Sink's error.
func (e sinkError) Unwrap() error { return e.error }
