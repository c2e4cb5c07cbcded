package engine

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"andon/bus"
	"andon/plant"
	"andon/production/review"
	"andon/store"
)

const (
	// fetchMax is how many messages one commit covers at most; more make
	// catching up cheaper and a single commit longer.
	fetchMax = 500
	// fetchWait is how long a quiet stream is waited for.
	fetchWait = time.Second
	// snapshotEvery bounds what a restart has to do again, in stream time. A
	// snapshot of a large area has megabytes, a minute of its stream is
	// worked through in well under a second.
	snapshotEvery = 2 * time.Minute
	// progressEvery bounds how old the stored position is while nothing
	// changes.
	progressEvery = 10 * time.Second
	// commitBackoff is the pause after a failed commit.
	commitBackoff = time.Second

	minute = time.Minute
)

// A runner keeps one area's engine going.
type runner struct {
	o       Options
	area    *plant.Area
	core    *core // of run alone
	log     *slog.Logger
	defs    *review.Definitions
	changed func()
	// process makes the ids of derived points this process's own: after a
	// restart other points come in between, and a message that looks like one
	// of before must not be dropped as its repeat.
	process string

	pos       uint64 // last message taken
	committed plant.Instant
	snapped   plant.Instant
	snapTook  time.Duration // to make the last snapshot
	points    pointWriter
	quality   qualityWatch
	// prepared is a commit that is not on disk yet. What it was drained from
	// is gone, so it is kept until it is written.
	prepared  *prepared
	divided   *divided // a commit that goes on in portions, nil for none
	told      uint64   // position up to which alarms are written, see tell
	large     bool     // commits are divided
	portionOf int      // machines
	live      func(plant.Instant) bool
	held      int           // messages taken since the last commit, see handle
	heldUpTo  plant.Instant // stream time of the latest of them
	leftOut   bool          // points were left out, and that is logged
	late      lateness
	// look is called when there may be something to revise, and waits for it
	// as long as told.
	look func(ctx context.Context, wait patience)

	screen  *screen
	seen    atomic.Int64 // stream time, for health
	written atomic.Int64 // stream time up to which the records are complete
	asOf    atomic.Int64 // the same, of the last end of a quiet time
	done    atomic.Int64 // stream position of the last commit
	before  atomic.Int64 // that of the process before, -1 until it is known
	again   atomic.Int64 // stream time up to which that counts: a stream made anew has small positions at later times

	unwritten atomic.Pointer[error] // why the records are not written, nil when they are

	mu      sync.Mutex
	waiting map[string]chan error // by command id; each has room for its answer
	answers map[string]error      // of commands taken but not yet committed
}

// A prepared is one commit on its way to disk.
type prepared struct {
	row   store.Commit
	lines []byte // derived points
	write func(context.Context, store.Commit) error
	whole bool // with it, the records have everything up to its position
	snap  bool
	news  bool // something changed that screens show
	wake  bool // messages were queued
}

func newRunner(o Options, area *plant.Area, changed func()) (*runner, error) {
	c, err := newCore(o.Config, o.Tree, area)
	if err != nil {
		return nil, err
	}
	r := &runner{o: o, area: area, core: c, defs: c.defs, changed: changed, process: rand.Text(), log: o.Log.With("area", area.Path),
		waiting: map[string]chan error{}, answers: map[string]error{}, look: func(context.Context, patience) {}, points: pointWriter{settle: o.Config.Production.Settle, quiet: o.Config.Production.Quiet},
		quality: qualityWatch{area: area.Name}, screen: newScreen(len(area.Lines)), portionOf: portionMachines, live: live}
	r.large = len(c.equipment()) > portionMachines
	r.before.Store(-1)
	return r, nil
}

// run takes messages until ctx is done; then it commits what it took and
// returns nil.
func (r *runner) run(ctx context.Context) error {
	in, err := r.begin(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil // stopped before anything was taken
		}
		return err
	}
	defer in.Close()
	for ctx.Err() == nil {
		wait := fetchWait
		if r.screen.unfinished() || r.divided != nil {
			wait = 0
		}
		msgs, err := in.Fetch(ctx, fetchMax, wait)
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("read stream of %s: %w", r.area.Path, err)
		}
		if ctx.Err() != nil {
			break
		}
		if err := r.handleAndDraw(ctx, msgs, wait); err != nil && ctx.Err() == nil {
			return fmt.Errorf("commit %s: %w", r.area.Path, err)
		}
	}
	return r.leave(ctx)
}

// begin goes back to where the records end, and opens the stream there.
func (r *runner) begin(ctx context.Context) (*bus.Reader, error) {
	if err := r.resume(ctx); err != nil {
		return nil, fmt.Errorf("resume engine of %s: %w", r.area.Path, err)
	}
	if err := r.find(ctx); err != nil {
		return nil, err
	}
	in, err := r.o.Bus.NamedReader(ctx, "engine", r.area, r.pos)
	if err != nil {
		return nil, fmt.Errorf("read stream of %s: %w", r.area.Path, err)
	}
	return in, nil
}

// handleAndDraw handles what came within wait, goes on with a commit that is
// written in portions, and works out some of what screens show. That nothing
// came means nothing unless it was waited for.
func (r *runner) handleAndDraw(ctx context.Context, msgs []plant.Message, wait time.Duration) error {
	if len(msgs) > 0 || wait > 0 {
		if err := r.handle(ctx, msgs); err != nil {
			return err
		}
	}
	if err := r.goOn(ctx); err != nil {
		return err
	}
	r.draw()
	return nil
}

func (r *runner) take(msgs []plant.Message) {
	tick := false
	for _, m := range msgs {
		was := r.core.now
		refused := r.core.step(m)
		if r.core.now < was {
			r.log.Warn("clock was put back, stream time follows", "from", was, "to", r.core.now)
		}
		r.late.note(m, r.edge())
		if m.Pos <= r.pos { // of another stream, that was made anew
			r.told = 0
		}
		r.pos = m.Pos
		tick = tick || m.Kind == plant.KindTick
		r.o.Metrics.samples.WithLabelValues(r.area.Name).Add(float64(len(m.Samples)))
		if m.Kind == plant.KindCommand {
			r.mu.Lock()
			r.answers[m.Command.ID] = refused
			r.mu.Unlock()
		}
	}
	if len(msgs) == 0 {
		return
	}
	last := msgs[len(msgs)-1].Time
	r.seen.Store(int64(r.core.now))
	r.o.Metrics.messages.WithLabelValues(r.area.Name).Add(float64(len(msgs)))
	r.o.Metrics.lag.WithLabelValues(r.area.Name).Set(time.Since(last.Time()).Seconds())
	if tick {
		r.publishLive()
	}
}

// commit writes what changed, and the position, until it succeeds or ctx is
// done. What ctx kept from being written is written by the next commit.
func (r *runner) commit(ctx context.Context, last bool) error {
	if err := r.finishAll(ctx); err != nil {
		return err
	}
	if err := r.prepare(last); err != nil || r.prepared == nil {
		return err
	}
	return r.finish(ctx)
}

// prepare drains the core into r.prepared, unless there is nothing to write.
func (r *runner) prepare(last bool) error {
	if c, snap, due := r.drain(last); due {
		return r.prepareWhole(c, snap)
	}
	return nil
}

// drain returns what changed since the last drain, whether a snapshot goes
// with it and whether there is anything to write.
func (r *runner) drain(last bool) (c changes, snap, due bool) {
	r.held = 0
	c = r.core.drain()
	r.quality.look(r.o.Metrics, r.core, c.Quality)
	now := r.core.now
	// Also when the clock was put back: what is behind must not come back.
	snap = last || now.Sub(r.snapped) >= snapshotEvery || now < r.snapped
	if c.empty() && !snap && now.Sub(r.committed) < progressEvery && !r.answersWait() && !r.points.late.due(now) {
		r.late = lateness{} // it changed nothing
		return c, false, false
	}
	return c, snap, true
}

// prepareWhole makes one transaction of c.
func (r *runner) prepareWhole(c changes, snap bool) error {
	row, err := records(r.area.Path, c)
	if err != nil {
		return err
	}
	if err := r.complement(&row, r.dirty(c), snap); err != nil {
		return err
	}
	r.prepared = &prepared{row: row, lines: r.points.lines(r.core, c, snap), write: r.o.Store.Commit, whole: true, snap: snap,
		news: len(c.Stops) > 0 || len(c.edits) > 0 || len(c.alerts.Alarms) > 0, wake: len(c.alerts.Messages) > 0}
	return nil
}

// complement adds the position and what goes with it to the rows of a commit.
func (r *runner) complement(row *store.Commit, dirty []store.Dirty, snap bool) (err error) {
	row.Pos, row.Time, row.Dirty, row.Told = r.pos, r.core.now, append(row.Dirty, dirty...), r.told
	if snap {
		began := time.Now()
		row.Snapshot, err = r.core.snapshot()
		r.snapTook = time.Since(began)
	}
	return err
}

// finish writes r.prepared and tells those who wait for it.
func (r *runner) finish(ctx context.Context) error {
	p := r.prepared
	if err := r.persist(ctx, p); err != nil {
		return err
	}
	r.prepared = nil
	if p.whole {
		r.committed = p.row.Time
		r.written.Store(int64(p.row.Time))
		r.done.Store(int64(p.row.Pos))
		r.answerAll()
	}
	if p.snap {
		r.snapped = p.row.Time
		r.o.Metrics.snapshots.WithLabelValues(r.area.Name).Inc()
	}
	if p.news {
		r.screen.news = true
		r.publishLive()
	}
	if p.wake {
		r.o.Wake()
	}
	return nil
}

// complete returns the last end of a quiet time of which the records have all
// that came before. It is false until the engine is beyond what the process
// before had done: it does that again, and facts may be missing for a moment.
func (r *runner) complete() (plant.Instant, bool) {
	before := r.before.Load()
	return plant.Instant(r.asOf.Load()), before == 0 || before > 0 && (r.done.Load() > before || r.written.Load() > r.again.Load())
}
