package bus

import (
	"context"
	"time"
)

const (
	// watchEvery is how often the bus looks whether it is in trouble.
	watchEvery = time.Second
	// careEvery is how often the streams' figures are taken, and how often at
	// most our own server is started again.
	careEvery = 5 * time.Second
)

// watch keeps our own server well and the streams' metrics fresh until ctx is
// done.
func (b *Bus) watch(ctx context.Context) {
	t := time.NewTicker(watchEvery)
	defer t.Stop()
	var revived, measured time.Time
	ill := false
	for {
		troubled, now := b.troubled(), time.Now()
		ill = ill && troubled
		if b.host != nil && troubled && now.Sub(revived) >= careEvery && b.revive(ill) {
			ill, revived = true, time.Now()
		}
		if now.Sub(measured) >= careEvery {
			measured = now
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
// such as after the disk was full, and reports whether it had to. While the
// disk is still full that goes on every few seconds; known says that it was
// logged.
func (b *Bus) revive(known bool) bool {
	err := b.host.sick()
	if err == nil {
		return false
	}
	b.m.restarts.Inc()
	again := b.host.restart()
	if !known {
		b.log.Error("our NATS server was sick and is started again until it is well", "err", err, "start_err", again)
	}
	return true
}

// measure refreshes the gauges of the streams.
func (b *Bus) measure(ctx context.Context) {
	for _, l := range b.lanes {
		actx, cancel := b.link.watch(ctx)
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
