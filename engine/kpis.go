package engine

import (
	"context"
	"fmt"
	"slices"

	"andon/plant"
	"andon/production"
	"andon/production/review"
	"andon/store"
)

// KPIs answers from the records what the KPIs of equipment, lines, areas and
// the site are and were. It reads only and needs no running engine. All
// methods are safe for concurrent use.
type KPIs struct {
	cfg   production.Config
	tree  *plant.Tree
	store *store.Store
	areas map[*plant.Area]*production.Definitions
	all   []*place
	defs  *review.Definitions
	now   func(context.Context, *plant.Area) (plant.Instant, error)
}

// NewKPIs returns the KPIs of a plant from its records.
func NewKPIs(cfg production.Config, tree *plant.Tree, s *store.Store) (*KPIs, error) {
	areas := map[*plant.Area]*production.Definitions{}
	for _, area := range tree.Areas {
		prod, err := production.NewDefinitions(cfg, tree, area)
		if err != nil {
			return nil, fmt.Errorf("production of %s: %w", area.Path, err)
		}
		areas[area] = prod
	}
	return newKPIs(&KPIs{cfg: cfg, tree: tree, store: s, areas: areas, defs: review.NewDefinitions(cfg, tree)}), nil
}

// newKPIs completes k, whose definitions are known.
func newKPIs(k *KPIs) *KPIs {
	k.all = k.places(k.tree)
	k.now = k.recorded
	return k
}

// recorded returns the stream time up to which the records of an area are
// complete.
func (k *KPIs) recorded(ctx context.Context, area *plant.Area) (plant.Instant, error) {
	return k.store.Time(ctx, area.Path)
}

// Paths returns the paths of all places that have KPIs, parts before wholes.
func (k *KPIs) Paths() []string {
	paths := make([]string, len(k.all))
	for i, p := range k.all {
		paths[i] = p.path
	}
	return paths
}

func (k *KPIs) place(path string) (*place, error) {
	i := slices.IndexFunc(k.all, func(p *place) bool { return p.path == path })
	if i < 0 {
		return nil, fmt.Errorf("KPIs of %.100q: %w", path, store.ErrNotFound)
	}
	return k.all[i], nil
}

// Windows returns the hours, shifts or production days of a place that
// overlap v.
func (k *KPIs) Windows(path, name string, v plant.Interval) ([]plant.Interval, error) {
	p, err := k.place(path)
	if err != nil {
		return nil, err
	}
	return k.windows(p, name, v), nil
}

// A computing works out the KPIs of one window for one place after the other.
type computing struct {
	k       *KPIs
	window  plant.Interval
	name    string
	settled bool          // as revisions are: what comes after the window is cut off
	now     plant.Instant // latest stream time that was used
	inputs  map[*plant.Equipment]production.KPIInput
	done    map[*place]computed
	// calendars are those of the machines, which share them.
	calendars production.Resolved
}

// A computed is what of returns.
type computed struct {
	kpi  production.KPI
	hash string
}

// of returns the KPIs of a place and the digest of what they come from. It
// works them out once: wholes share those of their parts.
func (x *computing) of(ctx context.Context, p *place) (production.KPI, string, error) {
	if c, ok := x.done[p]; ok {
		return c.kpi, c.hash, nil
	}
	kpi, hash, err := x.compute(ctx, p)
	if err != nil {
		return production.KPI{}, "", err
	}
	if x.done == nil {
		x.done = map[*place]computed{}
	}
	x.done[p] = computed{kpi, hash}
	x.drop(p)
	return kpi, hash, nil
}

func (x *computing) compute(ctx context.Context, p *place) (production.KPI, string, error) {
	switch p.scope {
	case production.ScopeEquipment:
		in, err := x.input(ctx, p.calendar)
		if err != nil {
			return production.KPI{}, "", err
		}
		hash, err := production.Digest(in)
		return production.Compute(in), hash, err
	case production.ScopeLine:
		var parts []production.KPIInput
		for _, part := range p.parts {
			in, err := x.input(ctx, part.calendar)
			if err != nil {
				return production.KPI{}, "", err
			}
			parts = append(parts, in)
		}
		hash, err := production.LineDigest(x.k.cfg, p.line, parts)
		return production.ComputeLine(x.k.cfg, p.line, parts), hash, err
	}
	var parts []production.KPI
	var hashes []string
	for _, part := range p.parts {
		kpi, hash, err := x.of(ctx, part)
		if err != nil {
			return production.KPI{}, "", err
		}
		parts, hashes = append(parts, kpi), append(hashes, hash)
	}
	hash, err := production.RollUpDigest(p.path, hashes)
	return production.RollUp(p.scope, p.path, parts), hash, err
}

// input reads the inputs of each equipment once: all levels share them.
func (x *computing) input(ctx context.Context, eq *plant.Equipment) (production.KPIInput, error) {
	if in, ok := x.inputs[eq]; ok {
		return in, nil
	}
	now, err := x.k.now(ctx, eq.Line.Area)
	if err != nil {
		return production.KPIInput{}, err
	}
	x.now = max(x.now, now)
	in, err := kpiInput(ctx, kpiQuery{store: x.k.store, prod: x.k.areas[eq.Line.Area], defs: x.k.defs, equipment: eq, window: x.window, name: x.name,
		now: max(now, x.window.From), settled: x.settled})
	if err == nil {
		if x.inputs == nil {
			x.inputs = map[*plant.Equipment]production.KPIInput{}
		}
		x.calendars.Use(&in)
		x.inputs[eq] = in
	}
	return in, err
}
