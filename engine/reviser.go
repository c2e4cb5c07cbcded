package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"andon/bus"
	"andon/plant"
	"andon/production"
	"andon/store"
)

// windowsPerRound bounds the first revisions of one transaction, besides
// machinesPerRound.
const windowsPerRound = 50

// A reviser keeps the KPIs of windows that are over: the first revision when
// the window has settled, and a further one when facts or definitions of it
// changed afterwards. What is to be looked at again stands in the records,
// written together with the facts, so that a crash loses none of it.
type reviser struct {
	kpis   *KPIs
	bus    *bus.Bus
	settle time.Duration
	quiet  time.Duration
	log    *slog.Logger
	metric *Metrics
	// complete returns the end of the last quiet time of which the records of
	// an area have all; false while part of the stream is worked through again.
	complete func(*plant.Area) (plant.Instant, bool)
	asked    *asked
	process  string // as in runner
	told     func() // called after revisions were written; nil for nobody
	sent     int    // messages with points

	sweeps map[store.Dirty]sweep // those that are not through

	last map[string]map[string]plant.Instant // by path and kind: start of the last window that has a revision, 0 while none has

	firsts map[*plant.Equipment]plant.Instant // of one look at all places: when each one's facts begin, 0 when there are none

	// nothing is from when and until when settled time may end without a
	// window being over of which the reviser does not know.
	nothing map[placeKind]plant.Interval
}

func newReviser(o Options, k *KPIs, complete func(*plant.Area) (plant.Instant, bool)) *reviser {
	c := o.Config.Production
	return &reviser{kpis: k, bus: o.Bus, settle: c.Settle, quiet: c.Quiet, log: o.Log, metric: o.Metrics, complete: complete,
		asked: newAsked(), process: rand.Text(), last: map[string]map[string]plant.Instant{}, nothing: map[placeKind]plant.Interval{}}
}

// look has the reviser look for what there is to do.
func (v *reviser) look(ctx context.Context, wait patience) { v.asked.ask(ctx, wait) }

// run revises when asked, until ctx is done. What it cannot do now it tries
// again; it never keeps the engine waiting for that.
func (v *reviser) run(ctx context.Context) {
	failing := ""
	for {
		n := v.asked.number() // what is asked from here on may miss this round
		more, enough, err := v.round(ctx)
		v.asked.answer(n, enough)
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
		if !v.asked.wait(ctx, pause) {
			return
		}
	}
}

// round writes the revisions of one batch. It reports whether there may be
// more to do, and who need not wait for that.
func (v *reviser) round(ctx context.Context) (more bool, enough patience, err error) {
	if !v.ready() {
		return false, untilAll, nil
	}
	if err := v.publishQueued(ctx); err != nil {
		return false, untilAll, err
	}
	b, err := v.batch(ctx)
	if err != nil || len(b.done.Done)+len(b.jobs) == 0 {
		return false, untilAll, err
	}
	points, err := v.work(ctx, &b)
	if err != nil {
		return false, untilAll, err
	}
	if err := v.publish(ctx, points); err != nil {
		return false, untilAll, err
	}
	if err := v.rewriteOld(ctx, b.done.Done); err != nil {
		return false, untilAll, err
	}
	if err := v.write(ctx, &b); err != nil {
		return false, untilAll, err
	}
	if len(b.done.KPIs) > 0 && v.told != nil {
		v.told()
	}
	return true, b.enough(), nil
}

// A batch is what one round does.
type batch struct {
	pending
	jobs     []*job
	index    map[any]*job
	machines int // as in machinesPerRound
	settled  int // of the jobs: first revisions
	done     store.Revised
	left     []*sweep // go on in the next round
	saidLeft bool
	swept    bool // said or changed facts were looked at
}

func (v *reviser) batch(ctx context.Context) (b batch, err error) {
	rows, err := v.kpis.store.DirtyTime(ctx)
	if err != nil {
		return b, err
	}
	b.pending = v.gather(rows)
	if err := v.touched(ctx, &b); err != nil {
		return b, err
	}
	settled, err := v.over(ctx, b.pending)
	b.jobs, b.settled = append(b.jobs, settled...), len(settled)
	return b, err
}

// enough returns who need not wait longer than for this batch.
func (b *batch) enough() patience {
	switch {
	case b.saidLeft:
		return atOnce
	case b.swept || b.settled > 0:
		return untilSaid
	}
	return untilAll
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

// write writes revisions and takes away the changed time that led to them.
func (v *reviser) write(ctx context.Context, b *batch) error {
	if err := v.kpis.store.Revise(ctx, b.done); err != nil {
		return err
	}
	v.sweeps = map[store.Dirty]sweep{}
	for _, s := range b.left {
		v.sweeps[s.row] = *s
	}
	for _, k := range b.done.KPIs {
		v.reached(k.Path, k.Window, k.Start)
		v.metric.revisions.Inc()
	}
	return nil
}

// publish puts the points of revisions on the stream of an area.
func (v *reviser) publish(ctx context.Context, points map[*plant.Area][]byte) error {
	for _, area := range v.kpis.tree.Areas {
		if err := v.put(ctx, area, points[area]); err != nil {
			return err
		}
	}
	return nil
}

// put puts points on the stream of an area.
func (v *reviser) put(ctx context.Context, area *plant.Area, lines []byte) error {
	if len(lines) == 0 {
		return nil
	}
	v.sent++
	id := fmt.Sprintf("revision-%s-%d-%s", area.Path, v.sent, v.process)
	if err := v.bus.Derived(ctx, area, id, lines); err != nil && !errors.Is(err, bus.ErrTooLong) {
		return fmt.Errorf("publish points of revisions: %w", err)
	}
	return nil
}

// publishQueued publishes the points of revisions that were made while no
// daemon ran. After a crash they may come twice, which InfluxDB does not
// notice.
func (v *reviser) publishQueued(ctx context.Context) error {
	for {
		queued, err := v.kpis.store.Unpublished(ctx, 1)
		if err != nil || len(queued) == 0 {
			return err
		}
		for _, area := range v.kpis.tree.Areas {
			if area.Path != queued[0].Area { // of an area that is no more: nobody writes them
				continue
			}
			if err := v.put(ctx, area, queued[0].Lines); err != nil {
				return err
			}
		}
		if err := v.kpis.store.Published(ctx, queued[0].Seq); err != nil {
			return err
		}
	}
}
