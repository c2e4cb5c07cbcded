package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"andon/plant"
)

// StreamInfo is how much an area's stream holds. Positions and times are 0
// while it is empty.
type StreamInfo struct {
	Messages, Bytes     uint64
	First, Last         uint64        // positions; of an empty stream Last is that of the last it had
	FirstTime, LastTime plant.Instant // stream time
	MaxBytes            int64         // what retention leaves
	MaxAge              time.Duration
}

// Info returns how much the area's stream holds; an empty one when there is
// none. It is safe for concurrent use.
func (b *Bus) Info(ctx context.Context, area *plant.Area) (StreamInfo, error) {
	info := StreamInfo{MaxBytes: b.cfg.MaxBytes, MaxAge: b.cfg.MaxAge}
	if b.room > 0 {
		info.MaxBytes = b.room
	}
	if b.byPath[area.Path] == nil {
		return info, nil
	}
	ctx, cancel := b.link.watch(ctx)
	defer cancel()
	s, err := b.js.Stream(ctx, streamName(area))
	if err != nil {
		return info, fmt.Errorf("look at stream of %s: %w", area.Path, err)
	}
	if most := s.CachedInfo().Config.MaxBytes; most > 0 { // a copy of Look has no limit
		info.MaxBytes = most
	}
	state := s.CachedInfo().State
	info.Messages, info.Bytes, info.First, info.Last = state.Msgs, state.Bytes, state.FirstSeq, state.LastSeq
	if state.Msgs > 0 {
		info.FirstTime, info.LastTime = plant.At(state.FirstTime), plant.At(state.LastTime)
	}
	return info, nil
}

// Next returns position and stream time of the first message at or after a
// position that holds telemetry or derived points, what InfluxDB gets; 0 when
// there is none.
func (b *Bus) Next(ctx context.Context, area *plant.Area, pos uint64) (uint64, plant.Instant, error) {
	var first uint64
	var at plant.Instant
	for _, kind := range []string{telemetry, derived} {
		p, t, err := b.from(ctx, area, pos, subject(kind, area))
		if err != nil {
			return 0, 0, err
		}
		if p != 0 && (first == 0 || p < first) {
			first, at = p, t
		}
	}
	return first, at, nil
}

// from returns the first message at or after a position whose subject
// matches, 0 when there is none.
func (b *Bus) from(ctx context.Context, area *plant.Area, pos uint64, subject string) (uint64, plant.Instant, error) {
	if b.byPath[area.Path] == nil {
		return 0, 0, nil
	}
	ctx, cancel := b.link.watch(ctx)
	defer cancel()
	s, err := b.js.Stream(ctx, streamName(area))
	if err != nil {
		return 0, 0, fmt.Errorf("look at stream of %s: %w", area.Path, err)
	}
	m, err := s.GetMsg(ctx, max(pos, 1), jetstream.WithGetMsgSubject(subject))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, fmt.Errorf("read stream of %s at %d: %w", area.Path, pos, err)
	}
	return m.Sequence, plant.At(m.Time), nil
}

// PositionAt returns the position of the first message that the stream took
// at or after a time, the one after the last when there is none. Where the
// clock was put back it is one of several.
func (b *Bus) PositionAt(ctx context.Context, area *plant.Area, at plant.Instant) (uint64, error) {
	info, err := b.Info(ctx, area)
	if err != nil {
		return 0, err
	}
	if info.Messages == 0 || at <= info.FirstTime {
		return max(info.First, 1), nil
	}
	low, high := info.First, info.Last+1 // the answer is one of these or between
	for low < high {
		middle := low + (high-low)/2
		pos, t, err := b.from(ctx, area, middle, "*."+area.Site+"."+area.Name)
		if err != nil {
			return 0, err
		}
		switch {
		case pos == 0 || t >= at:
			high = middle
		default:
			low = pos + 1
		}
	}
	return low, nil
}
