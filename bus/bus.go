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
// Nothing is dropped: while NATS or the disk is away, writing blocks and tries
// on until the caller's ctx is done. A message whose fate is unknown is
// written again under the same id and stored once.
package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"andon/plant"
)

// ErrClosed is returned by all methods after Close.
var ErrClosed = errors.New("the bus is closed")

// Options are what Open needs. Log and Metrics may be nil.
type Options struct {
	Config  Config // must have passed Validate
	Tree    *plant.Tree
	Log     *slog.Logger
	Metrics *Metrics
}

// A Bus is the stream of all areas of a site. All methods are safe for
// concurrent use.
type Bus struct {
	cfg      Config
	tree     *plant.Tree
	log      *slog.Logger
	m        *Metrics
	maxBytes int64 // per area, at most cfg.MaxBytes

	host      *host // nil with an external NATS
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

func (b *Bus) open(ctx context.Context) (err error) {
	if b.cfg.URL == "" {
		if b.host, err = newHost(b.cfg, b.log); err != nil {
			return err
		}
	}
	if b.nc, err = b.connect(ctx); err != nil {
		return err
	}
	if most := b.nc.MaxPayload(); most < maxMessage+maxText+maxExtra {
		return fmt.Errorf("NATS takes messages of at most %d bytes, want %d or more", most, maxMessage+maxText+maxExtra)
	}
	if b.js, err = jetstream.New(b.nc); err != nil {
		return err
	}
	b.fitDisk(len(b.tree.Areas))
	if b.positions, err = b.ensureBucket(ctx, b.tree.Site); err != nil {
		return err
	}
	return b.addLanes(ctx)
}

func (b *Bus) addLanes(ctx context.Context) error {
	b.byArea, b.byPath, b.bySource = map[*plant.Area]*lane{}, map[string]*lane{}, map[string][]*lane{}
	for _, a := range b.tree.Areas {
		s, err := b.ensureStream(ctx, a)
		if err != nil {
			return err
		}
		l := newLane(b, a, s.CachedInfo().State.LastSeq)
		b.lanes = append(b.lanes, l)
		b.byArea[a], b.byPath[a.Path] = l, l
	}
	for _, e := range b.tree.Equipment() {
		l := b.byArea[e.Line.Area]
		lanes := b.bySource[e.Source]
		if len(lanes) == 0 || lanes[len(lanes)-1] != l {
			b.bySource[e.Source] = append(lanes, l)
		}
	}
	return nil
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

// shut closes the connection and our own server, as far as they are open.
func (b *Bus) shut(ctx context.Context) error {
	if b.nc != nil {
		b.nc.Close()
	}
	if b.host == nil {
		return nil
	}
	return b.host.close(ctx)
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

// watchEvery is how often the bus looks after itself; the streams' figures are
// taken every tenth time.
const watchEvery = time.Second

// watch keeps our own server well and the streams' metrics fresh until ctx is
// done.
func (b *Bus) watch(ctx context.Context) {
	t := time.NewTicker(watchEvery)
	defer t.Stop()
	for n := 0; ; n++ {
		if b.host != nil && (n%10 == 0 || b.troubled()) {
			b.revive()
		}
		if n%10 == 0 {
			b.measure(ctx)
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}

func (b *Bus) troubled() bool {
	for _, l := range b.lanes {
		if l.trouble() != nil {
			return true
		}
	}
	return false
}

// revive starts our own server again when it does not take messages any more,
// such as after the disk was full.
func (b *Bus) revive() {
	err := b.host.sick()
	if err == nil {
		return
	}
	b.log.Error("our NATS server is sick, starting it again", "err", err)
	b.m.restarts.Inc()
	if err := b.host.restart(); err != nil {
		b.log.Error("our NATS server does not start, trying on", "err", err)
	}
}

// measure refreshes the gauges of the streams.
func (b *Bus) measure(ctx context.Context) {
	for _, l := range b.lanes {
		actx, cancel := context.WithTimeout(ctx, attemptTimeout)
		s, err := b.js.Stream(actx, streamName(l.area))
		cancel()
		if err != nil {
			continue // its absence shows in the figures of publishing
		}
		state := s.CachedInfo().State
		b.m.streamBytes.WithLabelValues(l.area.Name).Set(float64(state.Bytes))
		b.m.streamMessages.WithLabelValues(l.area.Name).Set(float64(state.Msgs))
		b.m.streamFirst.WithLabelValues(l.area.Name).Set(float64(state.FirstSeq))
		b.m.streamLast.WithLabelValues(l.area.Name).Set(float64(state.LastSeq))
	}
}
