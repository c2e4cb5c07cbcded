// Package bus is the plant's stream: one durable, ordered sequence of messages
// per area, kept by NATS JetStream. A server of our own runs inside the
// process, with files and synchronous writes; with Config.URL an external NATS
// does the same.
//
// Subjects are telemetry, command, clock and derived, each followed by
// .<site>.<area>; the payload of telemetry is described in batch.proto. A
// message's position is its sequence number in the area's stream and its time
// is when the server stored it.
//
// Order: what one caller puts stays in its order, what several callers put is
// interleaved. One message per area is being written at a time, so that a
// repeated write cannot overtake the one after it; Puts that arrive meanwhile
// share the next message.
//
// Readers that follow closely get the samples as they were put, once the
// stream has handed them the message; the others decode it.
//
// Nothing is dropped: while NATS or the disk is away, writing blocks and tries
// on until the caller's ctx is done. A message whose fate is unknown is
// written again under the same id and stored once.
package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"andon/plant"
)

// ErrClosed is returned by all methods after Close.
var ErrClosed = errors.New("the bus is closed")

// Options are what Open needs. Log and Metrics may be nil.
type Options struct {
	Config  Config
	Tree    *plant.Tree
	Log     *slog.Logger
	Metrics *Metrics
}

// A Bus is the stream of all areas of a site. All methods are safe for
// concurrent use.
type Bus struct {
	cfg  Config
	tree *plant.Tree
	log  *slog.Logger
	m    *Metrics
	room int64 // bytes for each area by what the disk has, at most cfg.MaxBytes

	host      *host    // nil with an external NATS
	scratch   string   // the copy that Look made, removed with Close
	held      *os.File // locked as long as scratch is read
	nc        *nats.Conn
	js        jetstream.JetStream
	link      link
	positions jetstream.KeyValue

	lanes    []*lane
	byArea   map[*plant.Area]*lane
	byPath   map[string]*lane
	bySource map[string][]*lane // the areas whose equipment a source reads

	closed  chan struct{}
	closing sync.Once
	stop    context.CancelFunc // ends what the bus runs by itself
	writers sync.WaitGroup     // the lanes
	watcher sync.WaitGroup
}

// Open starts our own server, or connects to the external NATS, and makes
// sure of the streams. It waits for an external NATS that is away until ctx is
// done. The bus lives on after ctx is done, until Close.
func Open(ctx context.Context, o Options) (*Bus, error) {
	if err := o.Config.Validate().Err(); err != nil {
		return nil, fmt.Errorf("bus: %w", err)
	}
	b := &Bus{cfg: o.Config, tree: o.Tree, log: o.Log, m: o.Metrics, closed: make(chan struct{})}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	if b.m == nil {
		b.m = NewMetrics(nil)
	}
	if err := b.open(ctx); err != nil {
		b.shut(context.WithoutCancel(ctx))
		return nil, fmt.Errorf("open the bus: %w", err)
	}
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	b.stop = stop
	for _, l := range b.lanes {
		b.writers.Go(func() { l.run(life) })
	}
	b.watcher.Go(func() { b.watch(life) })
	return b, nil
}

// Close takes no more, waits until what it took is on disk, and shuts the
// connection and our own server down. When ctx is done earlier, Puts that
// still wait fail. Close the readers' loops and the sources first; they get
// ErrClosed from then on.
func (b *Bus) Close(ctx context.Context) (err error) {
	b.closing.Do(func() { err = b.close(ctx) })
	return err
}

func (b *Bus) close(ctx context.Context) error {
	for _, l := range b.lanes {
		l.close()
	}
	late := await(ctx, &b.writers)
	b.stop()
	b.writers.Wait()
	close(b.closed)
	// The watcher may be starting our server again, which ends by itself.
	return errors.Join(late, await(ctx, &b.watcher), b.shut(ctx))
}

// await waits for g until ctx is done.
func await(ctx context.Context, g *sync.WaitGroup) error {
	done := make(chan struct{})
	go func() { g.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close the bus: %w", ctx.Err())
	}
}

// Healthy returns nil when messages can be written and read in every area.
func (b *Bus) Healthy(ctx context.Context) error {
	if b.isClosed() {
		return ErrClosed
	}
	if !b.nc.IsConnected() {
		return errors.New("NATS is away")
	}
	for _, l := range b.lanes {
		if err := l.trouble(); err != nil {
			return fmt.Errorf("stream of %s: %w", l.area.Path, err)
		}
		if _, err := b.Last(ctx, l.area); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bus) isClosed() bool {
	select {
	case <-b.closed:
		return true
	default:
		return false
	}
}

// MQTTAddress returns the address at which our own server takes MQTT clients,
// "" when it does not.
func (b *Bus) MQTTAddress() string {
	if b.host == nil {
		return ""
	}
	return b.host.mqttAddress()
}
