package bus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"andon/plant"
)

// prepareTimeout bounds one attempt to make the streams, which on a cluster
// waits for all replicas.
const prepareTimeout = 30 * time.Second

// reach starts our own server, if it is that, and connects.
func (b *Bus) reach(ctx context.Context) (err error) {
	if b.cfg.URL == "" {
		aside := asideName(string(b.cfg.Dir), time.Now())
		if b.scratch != "" { // a copy; it goes with it
			aside = filepath.Join(b.scratch, "damaged")
		}
		if b.host, err = newHost(b.cfg, b.cfg.MaxBytes*int64(len(b.tree.Areas)), aside, b.log); err != nil {
			return err
		}
	}
	if b.nc, err = b.connect(ctx); err != nil {
		return err
	}
	if most := b.nc.MaxPayload(); most < maxMessage+maxText+maxExtra {
		return fmt.Errorf("NATS takes messages of at most %d bytes, want %d or more", most, maxMessage+maxText+maxExtra)
	}
	b.js, err = jetstream.New(b.nc)
	return err
}

func (b *Bus) open(ctx context.Context) (err error) {
	if err := b.reach(ctx); err != nil {
		return err
	}
	b.fitDisk(len(b.tree.Areas))
	for failures := 1; ; failures++ {
		if err = b.prepare(ctx); err == nil || !passing(err) || ctx.Err() != nil {
			return err
		}
		if failures == 1 {
			b.log.Warn("JetStream is not ready, trying on", "err", err)
		}
		if pause(ctx, backOff(failures)) != nil {
			return err
		}
	}
}

// passing reports whether an error of JetStream may go by itself: its servers
// are just starting, or choosing a leader.
func passing(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, nats.ErrNoResponders) ||
		errors.Is(err, nats.ErrReconnectBufExceeded) || errors.Is(err, jetstream.ErrJetStreamNotEnabled)
}

// prepare makes sure of the bucket and the streams.
func (b *Bus) prepare(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, prepareTimeout)
	defer cancel()
	if b.positions, err = b.ensureBucket(ctx, b.tree.Site); err != nil {
		return err
	}
	return b.addLanes(ctx)
}

func (b *Bus) addLanes(ctx context.Context) error {
	b.lanes = nil
	b.byArea, b.byPath, b.bySource = map[*plant.Area]*lane{}, map[string]*lane{}, map[string][]*lane{}
	for _, a := range b.tree.Areas {
		last, err := b.openStream(ctx, a)
		if err != nil {
			return err
		}
		l := newLane(b, a, last)
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

// shut closes the connection and our own server, as far as they are open, and
// removes the copy of Look.
func (b *Bus) shut(ctx context.Context) error {
	if b.nc != nil {
		b.nc.Close()
	}
	var err error
	if b.host != nil {
		err = b.host.close(ctx)
	}
	if b.scratch != "" {
		err = errors.Join(err, os.RemoveAll(b.scratch))
	}
	if b.held != nil {
		err = errors.Join(err, b.held.Close())
	}
	return err
}
