package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"andon/bus"
	"andon/plant"
	"andon/production"
	"andon/store"
)

// ErrUnknownTarget says that a command's target is in no area of the plant.
var ErrUnknownTarget = errors.New("no area of the plant has this target")

// Options are what a Plant needs.
type Options struct {
	Config  Config
	Tree    *plant.Tree
	Bus     *bus.Bus
	Store   *store.Store
	Log     *slog.Logger
	Metrics *Metrics
	Wake    func() // called after messages were queued; must not block; may be nil
}

// A Plant runs the engines of all areas. All methods are safe for concurrent
// use.
type Plant struct {
	o       Options
	runners []*runner
	desk    *Desk
	kpis    *KPIs
	reviser *reviser
	outlook *Outlook

	mu      sync.Mutex
	changed map[chan struct{}]bool
}

// New builds the engines; Run starts them.
func New(o Options) (*Plant, error) {
	if o.Wake == nil {
		o.Wake = func() {}
	}
	p := &Plant{o: o, changed: map[chan struct{}]bool{}, desk: NewDesk(o.Config.Production, o.Tree, o.Store)}
	for _, area := range o.Tree.Areas {
		r, err := newRunner(o, area, p.notify)
		if err != nil {
			return nil, err
		}
		p.runners = append(p.runners, r)
	}
	p.keepKPIs()
	return p, nil
}

// keepKPIs builds what keeps the KPIs of windows that are over.
func (p *Plant) keepKPIs() {
	k := &KPIs{cfg: p.o.Config.Production, tree: p.o.Tree, store: p.o.Store, areas: map[*plant.Area]*production.Definitions{}, defs: p.desk.Definitions()}
	for _, r := range p.runners {
		k.areas[r.area] = r.core.prod.Definitions
	}
	p.kpis = newKPIs(k)
	p.kpis.now = func(_ context.Context, area *plant.Area) (plant.Instant, error) {
		return plant.Instant(p.runnerFor(area).written.Load()), nil
	}
	p.reviser = newReviser(p.o, p.kpis, func(area *plant.Area) (plant.Instant, bool) { return p.runnerFor(area).complete() })
	p.reviser.told = p.notify
	for _, r := range p.runners {
		r.look = p.reviser.look
	}
	p.outlook = NewOutlook(p.kpis, p.o.Tree)
}

func (p *Plant) runnerFor(area *plant.Area) *runner {
	return p.runners[slices.IndexFunc(p.runners, func(r *runner) bool { return r.area == area })]
}

// KPIs returns the KPIs of the plant from its records.
func (p *Plant) KPIs() *KPIs { return p.kpis }

// Outlook returns who answers how far orders are and what lines will make.
func (p *Plant) Outlook() *Outlook { return p.outlook }

// Run reads every area's stream and ticks its clock until ctx is done, then
// commits what was taken and returns nil. If one engine fails it stops the
// others and returns the error.
func (p *Plant) Run(ctx context.Context) error {
	if err := p.retire(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // stopped before anything began; the next start does it
		}
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, len(p.runners))
	var wg sync.WaitGroup
	for i, r := range p.runners {
		wg.Go(func() {
			defer cancel()
			errs[i] = r.run(ctx)
		})
		wg.Go(func() { r.tick(ctx) })
	}
	wg.Go(func() { p.reviser.run(ctx) })
	wg.Go(func() { p.outlook.Watch(ctx, p.notify) })
	wg.Wait()
	return errors.Join(errs...)
}

// tick puts the clock on the stream each second: timers run on stream time,
// so that a replay runs them again.
func (r *runner) tick(ctx context.Context) {
	every := time.NewTicker(time.Second)
	defer every.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		err := r.o.Bus.Tick(ctx, r.area)
		switch {
		case ctx.Err() != nil || (err != nil) == failing:
		case err != nil:
			failing = true
			r.log.Warn("clock does not reach the stream, timers stand still", "err", err)
		default:
			failing = false
			r.log.Info("clock reaches the stream again")
		}
	}
}

// Live returns what screens show of every equipment and line, area by area: as
// of the last second, or of the last five when nobody looked for a while. The
// maps and slices in it must not be changed.
func (p *Plant) Live() iter.Seq[production.Live] {
	return func(yield func(production.Live) bool) {
		for _, r := range p.runners {
			if !r.screen.see(yield) {
				return
			}
		}
	}
}

// KPI computes the KPIs of one equipment over a window from the records.
func (p *Plant) KPI(ctx context.Context, equipment string, w plant.Interval) (production.KPI, error) {
	eq := p.o.Tree.FindEquipment(equipment)
	if eq == nil {
		return production.KPI{}, fmt.Errorf("equipment %.100q: %w", equipment, store.ErrNotFound)
	}
	for _, r := range p.runners {
		if r.area == eq.Line.Area {
			now := max(plant.Instant(r.written.Load()), w.From)
			return kpi(ctx, kpiQuery{store: p.o.Store, prod: p.kpis.areas[r.area], defs: r.defs, equipment: eq, window: w, name: production.WindowRange, now: now})
		}
	}
	return production.KPI{}, fmt.Errorf("equipment %.100q: %w", equipment, store.ErrNotFound)
}

// Desk returns who answers from the records what stops were.
func (p *Plant) Desk() *Desk { return p.desk }

// Do puts a command on the stream of its target's area and returns once it is
// done and in the records, with the error of whoever refused it.
func (p *Plant) Do(ctx context.Context, cmd plant.Command) error {
	r, err := p.runnerOf(ctx, cmd)
	if err != nil {
		return err
	}
	return r.do(ctx, p.o.Bus, cmd)
}

// runnerOf finds the area of a command: that of the alarm it names.
func (p *Plant) runnerOf(ctx context.Context, cmd plant.Command) (*runner, error) {
	equipment := cmd.Target
	if _, after, ok := strings.Cut(cmd.Target, "@"); ok {
		equipment = after
	} else if a, err := p.o.Store.Alarm(ctx, cmd.Target); err == nil {
		equipment = a.Equipment
	} else if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if equipment == p.o.Tree.Site {
		return p.runners[0], nil // its book has the alarms of the whole site
	}
	for _, r := range p.runners {
		if equipment == r.area.Path || strings.HasPrefix(equipment, r.area.Path+"/") {
			return r, nil
		}
	}
	return nil, fmt.Errorf("%.100q: %w", cmd.Target, ErrUnknownTarget)
}

// staleAfter is how far an engine may be from the clock before it is not
// healthy.
const staleAfter = 30 * time.Second

// Healthy returns an error that names the areas whose engine is behind, or
// ahead of the clock.
func (p *Plant) Healthy(context.Context) error {
	var errs []error
	for _, r := range p.runners {
		seen := plant.Instant(r.seen.Load())
		if seen == 0 {
			errs = append(errs, fmt.Errorf("engine of %s has taken no message yet", r.area.Path))
		} else if behind := time.Since(seen.Time()); behind > staleAfter {
			errs = append(errs, fmt.Errorf("engine of %s is %s behind", r.area.Path, behind.Round(time.Second)))
		} else if behind < -staleAfter {
			errs = append(errs, fmt.Errorf("engine of %s is %s ahead of the clock of this machine", r.area.Path, -behind.Round(time.Second)))
		}
	}
	return errors.Join(errs...)
}

// Subscribe returns a channel that gets a signal when something changed;
// signals that were not taken yet melt into one. cancel ends it.
func (p *Plant) Subscribe() (changed <-chan struct{}, cancel func()) {
	ch := make(chan struct{}, 1)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changed[ch] = true
	return ch, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.changed, ch)
	}
}

func (p *Plant) notify() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for ch := range p.changed {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}
