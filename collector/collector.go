// Package collector reads equipment. A Source per endpoint turns what
// equipment says into samples and hands them to a Sink; the Supervisor keeps
// every source running, each on its own, with back-off, and knows its health.
package collector

import (
	"context"

	"andon/plant"
)

// A Source reads one endpoint: one OPC UA server or one MQTT broker.
//
// Run connects and puts samples until ctx is done, then returns nil. It
// returns an error as soon as the session is lost and never reconnects by
// itself; the Supervisor owns back-off, so all sources behave alike. Run calls
// status.Up once data can flow and reports trouble with single tags through
// status.Trouble; both are safe for concurrent use and never block.
type Source interface {
	Name() string
	Run(ctx context.Context, sink Sink, status *Status) error
}

// A Sink takes over samples from a Source. A nil error means they are on
// disk, so the Source may acknowledge them upstream. Put blocks while the bus
// is busy and is safe for concurrent use; the batch belongs to the Sink from
// then on. It fails only when ctx is done or the bus is closed; then nothing
// may be acknowledged.
type Sink interface {
	Put(ctx context.Context, batch plant.Batch) error
}
