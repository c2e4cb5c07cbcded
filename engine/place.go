package engine

import (
	"andon/plant"
	"andon/production"
)

// A place is what KPIs are of: equipment, a line, an area or the site.
type place struct {
	path  string
	scope production.Scope
	area  *plant.Area // nil of the site
	line  *plant.Line // of equipment and lines
	// calendar is the equipment whose shifts and days hold: of a line its
	// constraint, further up that of the first line.
	calendar *plant.Equipment
	parts    []*place // of a line its equipment, further up what is right below
}

// equipment returns all equipment of the place.
func (p *place) equipment() []*plant.Equipment {
	if p.scope == production.ScopeEquipment {
		return []*plant.Equipment{p.calendar}
	}
	var all []*plant.Equipment
	for _, part := range p.parts {
		all = append(all, part.equipment()...)
	}
	return all
}

// places returns all places of the tree of which there are KPIs, the parts
// before the whole.
func (k *KPIs) places(tree *plant.Tree) []*place {
	site := &place{path: tree.Site, scope: production.ScopeSite}
	var all []*place
	for _, a := range tree.Areas {
		area := &place{path: a.Path, scope: production.ScopeArea, area: a}
		for _, l := range a.Lines {
			line := k.linePlace(l)
			all = append(all, line.parts...)
			if line.calendar != nil {
				area.parts = append(area.parts, line)
				all = append(all, line)
			}
		}
		if len(area.parts) > 0 {
			area.calendar = area.parts[0].calendar
			site.parts = append(site.parts, area)
			all = append(all, area)
		}
	}
	if len(site.parts) > 0 {
		site.calendar = site.parts[0].calendar
		all = append(all, site)
	}
	return all
}

// linePlace returns a line with that of its equipment which has KPIs. Without
// its constraint the line has none, and then no calendar.
func (k *KPIs) linePlace(l *plant.Line) *place {
	line := &place{path: l.Path, scope: production.ScopeLine, area: l.Area, line: l}
	for _, eq := range l.Equipment {
		if k.areas[l.Area].Definition(eq, plant.Interval{}, "").Mode == "" {
			continue
		}
		line.parts = append(line.parts, &place{path: eq.Path, scope: production.ScopeEquipment, area: l.Area, line: l, calendar: eq})
		if eq == l.Constraint {
			line.calendar = eq
		}
	}
	return line
}

// windows returns the hours, shifts or production days of a place that
// overlap v.
func (k *KPIs) windows(p *place, name string, v plant.Interval) []plant.Interval {
	prod := k.areas[p.calendar.Line.Area]
	var all []plant.Interval
	switch name {
	case production.WindowHour:
		for h := v.From.Truncate(60 * minute); h < v.To; h = h.Add(60 * minute) {
			all = append(all, plant.Interval{From: h, To: h.Add(60 * minute)})
		}
	case production.WindowShift:
		for _, s := range prod.Shifts(p.calendar, v) {
			all = append(all, s.Interval())
		}
	case production.WindowDay:
		for _, d := range prod.Days(p.calendar, v) {
			all = append(all, plant.Interval{From: d.From, To: d.To})
		}
	}
	return all
}

// kinds are the windows whose KPIs are kept.
func kinds() []string {
	return []string{production.WindowHour, production.WindowShift, production.WindowDay}
}
