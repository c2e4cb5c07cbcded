package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"andon/bus/salvage"
	"andon/plant"
)

// DamagedSuffix follows the name of what was found damaged and was set aside,
// before the time when.
const DamagedSuffix = ".damaged-"

// damagedStamp is how that time is written, in UTC.
const damagedStamp = "20060102T150405Z"

// asideName returns where damaged parts of dir are moved at a time.
func asideName(dir string, now time.Time) string {
	return strings.TrimRight(dir, `/\`) + DamagedSuffix + now.UTC().Format(damagedStamp)
}

// salvaged takes what is damaged out of the store in dir, moves it to aside
// and tells of it.
func salvaged(dir, aside string, log *slog.Logger) error {
	same, gone, err := salvage.AsClosed(dir)
	if err == nil {
		err = salvage.Opened(dir)
	}
	if err != nil {
		return err
	}
	for _, d := range gone {
		log.Error("a file of the stream is gone, what only it had is lost", "file", d.File)
	}
	if same {
		return nil
	}
	began := time.Now()
	log.Info("the stream was not closed in order, its files are checked", "dir", dir)
	found, err := salvage.Check(dir, aside)
	for _, d := range found {
		log.Error("a file of the stream was damaged and is set aside, all that is good in it stays",
			"file", d.File, "aside", d.Aside, "messages_lost", d.Lost, "maybe_more", d.Open, "err", d.Err)
	}
	if err != nil {
		return fmt.Errorf("set damaged files of the stream aside: %w", err)
	}
	if len(found) > 0 {
		keepNewest(dir, log)
	}
	log.Info("the files of the stream are checked", "damaged", len(found), "took", time.Since(began).Round(time.Millisecond).String())
	return nil
}

// keyOf reports whether a position is one in the stream of an area: its name
// ends with that of the area.
func keyOf(name string, area *plant.Area) bool { return strings.HasSuffix(name, "."+area.Name) }

// nextPrefix begins the names of positions of what comes next, instead of what
// was done last: those of writing to InfluxDB again.
const nextPrefix = "rewrite."

// fitPositions makes the saved positions fit the stream of an area. In one
// that was made anew they mean nothing, so they are forgotten and everything
// is read. Behind the end of one that lost its end, they go back to the end:
// the messages to come get these numbers again.
func (b *Bus) fitPositions(ctx context.Context, area *plant.Area, last uint64, anew bool) error {
	names, err := b.positions.ListKeys(ctx)
	if err != nil {
		return fmt.Errorf("list positions: %w", err)
	}
	defer func() { _ = names.Stop() }()
	for name := range names.Keys() {
		if !keyOf(name, area) {
			continue
		}
		if anew {
			if err := b.positions.Delete(ctx, name); err != nil {
				return fmt.Errorf("forget position %s: %w", name, err)
			}
			continue
		}
		pos, err := b.LoadPosition(ctx, name)
		var bad *strconv.NumError
		if errors.As(err, &bad) {
			pos, err = 0, b.SavePosition(ctx, name, 0)
			b.log.Error("a position cannot be read, reading from the beginning of the stream", "name", name, "err", bad)
		}
		if err != nil {
			return err
		}
		end := last
		if strings.HasPrefix(name, nextPrefix) {
			end++
		}
		if pos > end {
			b.log.Error("the stream has lost its end, which was read before", "area", area.Name, "reader", name, "position", pos, "last", last)
			if err := b.SavePosition(ctx, name, end); err != nil {
				return err
			}
		}
	}
	return nil
}

// Resume returns the position after which a reader goes on that had read up to
// pos when stream time was asOf. That is pos, unless the stream has lost its
// end: then it is the last position that was left when the bus was opened. Of
// a stream that was made anew everything is read. It is asked before the first
// reader of an area writes.
func (b *Bus) Resume(ctx context.Context, area *plant.Area, pos uint64, asOf plant.Instant) (uint64, error) {
	l := b.byPath[area.Path]
	if l == nil {
		return 0, fmt.Errorf("area %s is not of site %s", area.Path, b.tree.Site)
	}
	opened := l.opened.Swap(math.MaxUint64) // later all positions are of this stream
	if pos <= opened {
		return pos, nil
	}
	ctx, cancel := b.link.watch(ctx)
	defer cancel()
	s, err := b.js.Stream(ctx, streamName(area))
	if err != nil {
		return 0, fmt.Errorf("look at stream of %s: %w", area.Path, err)
	}
	state := s.CachedInfo().State
	if state.Msgs == 0 || plant.At(state.FirstTime) >= asOf {
		b.log.Warn("the stream was made anew, reading from its beginning", "area", area.Name, "after", pos)
		return 0, nil
	}
	b.log.Error("the stream has lost its end, which was read before", "area", area.Name, "position", pos, "last", opened)
	return opened, nil
}

// missing passes by what is not in the stream, up to a position: what
// retention removed, and what cannot be read because its file is damaged.
func (r *Reader) missing(to uint64) {
	if to <= r.after {
		return
	}
	ctx, cancel := r.b.link.watch(context.Background())
	defer cancel()
	first := to + 1
	if s, err := r.b.js.Stream(ctx, streamName(r.area)); err == nil {
		first = s.CachedInfo().State.FirstSeq
	}
	r.skip(min(first-1, to))
	if to <= r.after {
		return
	}
	count := to - r.after
	r.skipped.Add(count)
	r.b.m.damaged.WithLabelValues(r.area.Name).Add(float64(count))
	r.b.log.Error("messages of the stream are lost, its file is damaged", "area", r.area.Name, "after", r.after, "count", count)
	r.after = to
}

// openStream makes sure of the area's stream and of the positions in it.
func (b *Bus) openStream(ctx context.Context, a *plant.Area) (last uint64, err error) {
	var stored uint64
	found, err := b.js.Stream(ctx, streamName(a))
	if err == nil {
		stored = found.CachedInfo().State.Bytes
	}
	anew := errors.Is(err, jetstream.ErrStreamNotFound)
	if err != nil && !anew {
		return 0, fmt.Errorf("look for stream of %s: %w", a.Path, err)
	}
	s, err := b.ensureStream(ctx, a, stored)
	if err != nil {
		return 0, err
	}
	state := s.CachedInfo().State
	// One whose description was damaged is found again with all its messages.
	return state.LastSeq, b.fitPositions(ctx, a, state.LastSeq, anew && state.LastSeq == 0)
}
