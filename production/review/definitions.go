package review

import (
	"slices"
	"time"

	"andon/plant"
	"andon/production"
)

// Definitions are what edits mean: the reasons of each equipment, and the
// bounds of splitting and merging. They never change, so any goroutine may
// use them.
type Definitions struct {
	minPart, mergeGap time.Duration
	equipment         map[string]*definition
	rules             []production.ReasonRule
	zone              *time.Location
}

// A definition is what holds for one equipment.
type definition struct {
	micro   time.Duration
	reasons []production.Reason
	byID    map[string]int // index in reasons
	groups  map[string]bool
}

// NewDefinitions resolves cfg, which must be valid, for all equipment of tree.
func NewDefinitions(cfg production.Config, tree *plant.Tree) *Definitions {
	d := &Definitions{minPart: cfg.Review.MinPart, mergeGap: cfg.Review.MergeGap, equipment: map[string]*definition{},
		rules: cfg.ReasonRules, zone: tree.Zone}
	for _, eq := range tree.Equipment() {
		e := &definition{micro: cfg.MicroStopOf(eq).Duration(), reasons: cfg.ReasonsOf(eq), byID: map[string]int{}, groups: map[string]bool{}}
		for i, r := range e.reasons {
			e.byID[r.ID] = i
			e.groups[r.Parent] = true
		}
		d.equipment[eq.Path] = e
	}
	return d
}

// Reasons returns the reasons of one equipment that a stop which begins at
// may get, groups included, in the order of the configuration.
func (d *Definitions) Reasons(equipment string, at plant.Instant) []production.Reason {
	e := d.equipment[equipment]
	if e == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(e.reasons), func(r production.Reason) bool { return !validAt(r, at) })
}

// Group reports whether other reasons of the equipment stand below id, so
// that it is not itself one to choose.
func (d *Definitions) Group(equipment, id string) bool {
	e := d.equipment[equipment]
	return e != nil && id != "" && e.groups[id]
}

// MergeGap returns how long the run between stops may be that are merged.
func (d *Definitions) MergeGap() time.Duration { return d.mergeGap }

// Title returns the name of a reason for people, "" for one that the equipment
// does not have.
func (d *Definitions) Title(equipment, id string) string {
	if r, ok := d.reason(equipment, id); ok {
		return r.Title()
	}
	return ""
}

// Within reports whether the reason id of the equipment is the one of the name
// above, or stands below it.
func (d *Definitions) Within(equipment, id, above string) bool {
	for level := 0; level < 4 && id != above; level++ {
		r, ok := d.reason(equipment, id)
		if !ok || r.Parent == "" {
			return false
		}
		id = r.Parent
	}
	return id == above
}

func validAt(r production.Reason, at plant.Instant) bool {
	return (r.ValidFrom.IsZero() || at >= plant.At(r.ValidFrom)) && (r.ValidTo.IsZero() || at < plant.At(r.ValidTo))
}

// reason returns a reason by its id, valid or not.
func (d *Definitions) reason(equipment, id string) (production.Reason, bool) {
	e := d.equipment[equipment]
	if e == nil {
		return production.Reason{}, false
	}
	i, ok := e.byID[id]
	if !ok {
		return production.Reason{}, false
	}
	return e.reasons[i], true
}

func (d *Definitions) micro(equipment string) time.Duration {
	if e := d.equipment[equipment]; e != nil {
		return e.micro
	}
	return 0
}

// path returns the names from the top of the tree to the stop's reason.
func (d *Definitions) path(equipment string, s production.Stop) []string {
	path := []string{s.ReasonName}
	r, ok := d.reason(equipment, s.Reason)
	for level := 0; ok && r.Parent != "" && level < 3; level++ {
		if r, ok = d.reason(equipment, r.Parent); ok {
			path = append(path, r.Title())
		}
	}
	slices.Reverse(path)
	return path
}
