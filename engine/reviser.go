package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"andon/bus"
	"andon/plant"
	"andon/production"
	"andon/store"
)

const (
	// dirtyPerRound and windowsPerRound bound what one transaction of
	// revisions covers.
	dirtyPerRound   = 50
	windowsPerRound = 50
)

// A reviser keeps the KPIs of windows that are over: the first revision when
// the window has settled, and a further one when facts or definitions of it
// changed afterwards. What is to be looked at again stands in the records,
// written together with the facts, so that a crash loses none of it.
type reviser struct {
	kpis   *KPIs
	bus    *bus.Bus
	settle time.Duration
	log    *slog.Logger
	metric *Metrics
	// complete returns the stream time up to which the records of an area are
	// complete; false while part of the stream is worked through again.
	complete func(*plant.Area) (plant.Instant, bool)
	wake     chan struct{} // has room for one
	process  string        // as in runner
	told     func()        // called after revisions were written; nil for nobody
	sent     int           // messages with points

	// definitions are the reviser's own: some of what points ask an Area is
	// for one goroutine only.
	definitions map[*plant.Area]*production.Area

	last map[string]map[string]plant.Instant // by path and kind: start of the last window that has a revision

	mu    sync.Mutex
	fresh map[store.Dirty]bool // written since the round began
}

func newReviser(o Options, k *KPIs, complete func(*plant.Area) (plant.Instant, bool)) *reviser {
	return &reviser{kpis: k, bus: o.Bus, settle: o.Config.Production.Settle, log: o.Log, metric: o.Metrics, complete: complete,
		wake: make(chan struct{}, 1), process: rand.Text(), last: map[string]map[string]plant.Instant{}, fresh: map[store.Dirty]bool{}}
}

// look wakes the reviser; it does not block.
func (v *reviser) look() {
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// commit writes a commit with changed time in it. A row that the round under
// way is about to take away, and that comes again, must stay.
func (v *reviser) commit(ctx context.Context, s *store.Store, row store.Commit) error {
	if v == nil || len(row.Dirty) == 0 {
		return s.Commit(ctx, row)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, d := range row.Dirty {
		v.fresh[d] = true
	}
	return s.Commit(ctx, row)
}

// run revises when woken, until ctx is done. What it cannot do now it tries
// again; it never keeps the engine waiting.
func (v *reviser) run(ctx context.Context) {
	failing := ""
	for {
		more, err := v.round(ctx)
		pause := time.Duration(0)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			if text := err.Error(); text != failing {
				v.log.Error("KPIs not revised, trying again", "err", err)
				failing = text
			}
			pause = commitBackoff
		case failing != "":
			v.log.Info("KPIs are revised again")
			failing = ""
		}
		if more && err == nil {
			continue
		}
		if !v.wait(ctx, pause) {
			return
		}
	}
}

// wait waits for a pause or, without one, to be woken; false when ctx is done.
func (v *reviser) wait(ctx context.Context, pause time.Duration) bool {
	if pause > 0 {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pause):
			return true
		}
	}
	select {
	case <-ctx.Done():
		return false
	case <-v.wake:
		return true
	}
}

// round writes the revisions of one batch and reports whether there may be
// more to do.
func (v *reviser) round(ctx context.Context) (more bool, err error) {
	v.mu.Lock()
	clear(v.fresh)
	v.mu.Unlock()
	if !v.ready() {
		return false, nil
	}
	rows, err := v.kpis.store.DirtyTime(ctx, "", dirtyPerRound)
	if err != nil {
		return false, err
	}
	jobs, done, err := v.touched(ctx, rows)
	if err != nil {
		return false, err
	}
	settled, err := v.over(ctx)
	if err != nil || len(done)+len(settled) == 0 {
		return false, err
	}
	revisions, points, err := v.work(ctx, append(jobs, settled...))
	if err != nil {
		return false, err
	}
	if err := v.publish(ctx, points); err != nil {
		return false, err
	}
	if err := v.rewriteOld(ctx, done); err != nil {
		return false, err
	}
	if err := v.write(ctx, revisions, done); err != nil {
		return false, err
	}
	if len(revisions) > 0 && v.told != nil {
		v.told()
	}
	return true, nil
}

// ready reports whether no area works through a part of its stream again.
func (v *reviser) ready() bool {
	for _, p := range v.kpis.all {
		if p.scope != production.ScopeArea {
			continue
		}
		if _, ok := v.complete(p.area); !ok {
			return false
		}
	}
	return true
}

// write writes revisions and takes away the changed time that led to them,
// but for what came again meanwhile.
func (v *reviser) write(ctx context.Context, revisions []store.KPI, rows []store.Dirty) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	rows = slices.DeleteFunc(rows, func(d store.Dirty) bool { return v.fresh[d] })
	if err := v.kpis.store.Revise(ctx, revisions, rows); err != nil {
		return err
	}
	for _, k := range revisions {
		v.reached(k.Path, k.Window, k.Start)
		v.metric.revisions.Inc()
	}
	return nil
}

// publish puts the points of revisions on the stream of an area.
func (v *reviser) publish(ctx context.Context, points map[*plant.Area][]byte) error {
	for _, p := range v.kpis.all {
		lines := points[p.area]
		if p.scope != production.ScopeArea || len(lines) == 0 {
			continue
		}
		v.sent++
		id := fmt.Sprintf("revision-%s-%d-%s", p.path, v.sent, v.process)
		if err := v.bus.Derived(ctx, p.area, id, lines); err != nil && !errors.Is(err, bus.ErrTooLong) {
			return fmt.Errorf("publish points of revisions: %w", err)
		}
	}
	return nil
}
