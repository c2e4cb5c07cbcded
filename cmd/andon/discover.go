package main

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"andon/collector/opcua"
	"andon/collector/opcua/browse"
	"andon/configs"
	"andon/plant"

	"github.com/prometheus/client_golang/prometheus"
)

// A discovery takes what sources find at their servers: it keeps it, tells
// what came and went, and asks for andon to be built anew where that is to be
// applied. It is safe for concurrent use.
type discovery struct {
	cfg     *configs.Config
	tree    *plant.Tree
	log     *slog.Logger
	metrics *prometheus.GaugeVec // source, state

	// changed has the configuration to go on with; the newest counts.
	changed chan *configs.Config

	mu    sync.Mutex // guards all below
	notes map[string]string
}

func newDiscovery(cfg *configs.Config, tree *plant.Tree, reg prometheus.Registerer, log *slog.Logger) *discovery {
	d := &discovery{cfg: cfg, tree: tree, log: log, changed: make(chan *configs.Config, 1), notes: map[string]string{},
		metrics: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "andon_opcua_discovered",
			Help: "Variables at the last look through a server: selected, waiting (new, collected from the next start), left (new, without a place), gone (configured tags whose node the server does not have).",
		}, []string{"source", "state"})}
	reg.MustRegister(d.metrics)
	return d
}

// found takes what one source found.
func (d *discovery) found(f opcua.Found) {
	d.mu.Lock()
	defer d.mu.Unlock()
	src, err := sourceNamed(d.cfg, f.Source)
	if err != nil {
		return // one of another configuration
	}
	areas, err := d.cfg.Discovered(f.Source)
	if err != nil {
		areas = nil // it was told when it was read, and is found anew
	}
	before := browse.Places(areas)
	fresh, left := d.place(src, f, before)
	set := func(state string, n int) { d.metrics.WithLabelValues(f.Source, state).Set(float64(n)) }
	set("selected", len(f.Nodes))
	set("left", len(left))
	set("gone", len(f.Gone))
	waiting, why := d.keep(src, before, fresh)
	set("waiting", waiting)
	when := "from the next start"
	if src.OPCUA.Discover.Apply {
		when = "as soon as andon has built itself anew"
	}
	d.tellLocked(f, remarks{fresh[:min(waiting, len(fresh))], left, when, why})
}

// place finds places for what is new; what was found before, and only waits,
// keeps its own. Those that would stand in equipment that another source reads
// have none.
func (d *discovery) place(src configs.Source, f opcua.Found, before []browse.Place) (fresh []browse.Place, left []browse.Left) {
	places, left := src.OPCUA.Discover.Place.Put(f.Tree, f.New, append(d.taken(), before...))
	for _, p := range places {
		eq := d.tree.FindEquipment(d.tree.Site + "/" + p.Area + "/" + p.Line + "/" + p.Equipment)
		if eq != nil && eq.Source != f.Source {
			left = append(left, browse.Left{Node: p.Node, Why: "equipment " + eq.Path + " is read by another source"})
			continue
		}
		fresh = append(fresh, p)
	}
	return fresh, left
}

// taken are the places that andon runs with. They have no addresses: those are
// of many servers, and what a tag of this one reads is not new.
func (d *discovery) taken() []browse.Place {
	places := make([]browse.Place, 0, len(d.tree.Tags()))
	for _, t := range d.tree.Tags() {
		line := t.Equipment.Line
		places = append(places, browse.Place{Area: line.Area.Name, Line: line.Name, Equipment: t.Equipment.Name, Tag: plant.TagConfig{Name: t.Name}})
	}
	return places
}

// keep writes down what is new, behind what was found before, and has it
// applied if that is wanted. It returns how much waits for the next start, and
// why something cannot be kept at all.
func (d *discovery) keep(src configs.Source, before, fresh []browse.Place) (waiting int, why error) {
	if len(fresh) == 0 {
		return 0, nil
	}
	kept := map[string]bool{}
	for _, p := range before {
		kept[p.Tag.Address] = true
	}
	all := slices.Clone(before)
	for _, p := range fresh {
		if !kept[p.Tag.Address] {
			all = append(all, p)
		}
	}
	if most := src.OPCUA.Discover.MaxNodes; len(all) > max(most, len(before)) {
		return 0, fmt.Errorf("%d variables were found over time, more than max_nodes, %d: remove %s while andon is stopped to have only those found that are there",
			len(all), most, d.cfg.DiscoveredFile(src.Name))
	}
	next, err := d.cfg.WithFound(src.Name, all)
	if err != nil {
		return 0, fmt.Errorf("what is new makes no good configuration: %w", err)
	}
	if len(all) > len(before) {
		if err := d.cfg.WriteDiscovered(src.Name, all); err != nil {
			return 0, fmt.Errorf("keep what is new: %w", err)
		}
	}
	// What is left out for a tag of the configuration is told when it is read;
	// it does not wait, and nothing is to be built for it.
	waiting = min(len(fresh), len(browse.Places(next.Plant.Areas))-len(d.tree.Tags()))
	if waiting <= 0 || !src.OPCUA.Discover.Apply {
		return max(waiting, 0), nil
	}
	select {
	case <-d.changed:
	default:
	}
	d.changed <- next
	return waiting, nil
}

// remarks are what there is to say of new variables.
type remarks struct {
	waiting []browse.Place // to be collected
	left    []browse.Left  // without a place
	when    string         // what waits is collected
	why     error          // something is not
}

// tellLocked says what there is to know in the log, when it is news, and on
// /readyz as long as it is so.
func (d *discovery) tellLocked(f opcua.Found, r remarks) {
	note := ""
	add := func(format string, args ...any) {
		if note != "" {
			note += "; "
		}
		note += fmt.Sprintf(format, args...)
	}
	if len(r.waiting) > 0 {
		add("%d new variables, such as %s, are collected %s", len(r.waiting), r.waiting[0].Node.Path(), r.when)
	}
	if len(f.Gone) > 0 {
		add("%d tags, such as %s, have no node at the server any more", len(f.Gone), f.Gone[0].Path)
	}
	if len(r.left) > 0 {
		add("%d new variables have no place, such as %s: %s", len(r.left), r.left[0].Node.Path(), r.left[0].Why)
	}
	if f.Tree.Cut != "" {
		add("not all was seen: cut %s", f.Tree.Cut)
	}
	if r.why != nil {
		add("%v", r.why)
	}
	if note == d.notes[f.Source] {
		return
	}
	if note == "" {
		delete(d.notes, f.Source)
		d.log.Info("the server's variables are those that are collected", "source", f.Source)
		return
	}
	d.notes[f.Source] = note
	d.log.Warn("the server's variables are not those that are collected", "source", f.Source, "what", note)
}

// told are the notes of all sources.
func (d *discovery) told() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := slices.Clone(d.cfg.Notes)
	for _, source := range slices.Sorted(maps.Keys(d.notes)) {
		list = append(list, "source "+source+": "+d.notes[source])
	}
	return list
}
