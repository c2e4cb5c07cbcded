package web

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"andon/engine"
	"andon/plant"
)

// A stopsView is what the address of the stops page asks for.
type stopsView struct {
	Line   *plant.Line
	Path   string // of the line or of its equipment that the list is of
	Window plant.Interval
	Shift  plant.Shift // that the window is, without a name when it is none
	Sort   string
	Needs  bool // those that need a reason come first
	Stop   string

	Title, Previous, Next string // of the window, and the addresses beside it
}

// The bounds of the window.
const (
	maxStopsWindow = 7 * 24 * time.Hour
	minStopsWindow = time.Minute
	// usualWindow is shown of lines without shifts.
	usualWindow = 8 * time.Hour
	// shiftsAround is how far the shifts beside one are looked for: over a
	// long weekend.
	shiftsAround = 5 * 24 * time.Hour
)

// readView reads the address. It gives a line and a window in any case.
func (s *Server) readView(q *query) stopsView {
	v := stopsView{Path: s.place(q), Window: q.window(), Stop: q.text("stop")}
	v.Sort = q.choice("sort", engine.SortDuration, engine.SortDuration, engine.SortCost, engine.SortTime)
	v.Needs = q.choice("first", "needs", "needs", "all") == "needs"
	at := s.askedTime(q)
	if name := q.text("eq"); name != "" && v.Path == "" {
		v.Path = s.pathOf(q, name)
	}
	if v.Line = s.lineAt(v.Path); v.Line == nil {
		q.fail("equipment: there is no line here")
		return v
	}
	if v.Path == "" || !below(v.Path, v.Line.Path) {
		v.Path = v.Line.Path
	}
	shifts := s.shiftsOf(v.Line)
	switch {
	case v.Window.From != 0 && v.Window.To != 0:
		if d := v.Window.Duration(); d > maxStopsWindow || d < minStopsWindow {
			q.fail("to: want %s to 7 days after from", minStopsWindow)
			v.Window = plant.Interval{From: at.Add(-usualWindow), To: at}
		}
	case v.Window != (plant.Interval{}):
		q.fail("from: want both from and to, or none of them")
		v.Window = plant.Interval{From: at.Add(-usualWindow), To: at}
	default:
		v.Window = shiftAt(shifts, at)
	}
	s.beside(&v, shifts)
	return v
}

// askedTime reads at, in RFC 3339 or, as dashboards have it, in milliseconds;
// it is now when missing.
func (s *Server) askedTime(q *query) plant.Instant {
	now := plant.At(s.o.Now())
	text := q.text("at")
	if text == "" {
		return now
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil && ms > 0 && ms < 1<<43 {
		return plant.Instant(ms * 1e6)
	}
	if t := q.instant("at"); t != 0 {
		return t
	}
	return now
}

// pathOf finds equipment by its name alone.
func (s *Server) pathOf(q *query, name string) string {
	for _, eq := range s.o.Tree.Equipment() {
		if eq.Name == name {
			return eq.Path
		}
	}
	q.fail("eq: the plant has no equipment of the name %.40q", name)
	return ""
}

// lineAt returns the line at, above or first below a path; the plant's first
// for none.
func (s *Server) lineAt(path string) *plant.Line {
	var first *plant.Line
	for _, area := range s.o.Tree.Areas {
		for _, line := range area.Lines {
			if below(path, line.Path) && path != "" {
				return line
			}
			if first == nil && below(line.Path, path) {
				first = line
			}
		}
	}
	return first
}

// shiftsOf returns the shifts of a line around a time.
func (s *Server) shiftsOf(line *plant.Line) func(plant.Instant) []plant.Shift {
	return func(t plant.Instant) []plant.Shift {
		if line.Constraint == nil {
			return nil
		}
		around := plant.Interval{From: t.Add(-shiftsAround), To: t.Add(shiftsAround)}
		all := s.o.Desk.Shifts(line.Constraint, around)
		slices.SortStableFunc(all, func(a, b plant.Shift) int { return int(max(-1, min(1, a.From-b.From))) })
		return all
	}
}

// shiftAt returns the shift at t or the last one before, else the hours up to
// t.
func shiftAt(shifts func(plant.Instant) []plant.Shift, t plant.Instant) plant.Interval {
	for _, x := range slices.Backward(shifts(t)) {
		if x.From <= t {
			return x.Interval()
		}
	}
	end := t.Truncate(time.Hour).Add(time.Hour)
	return plant.Interval{From: end.Add(-usualWindow), To: end}
}

// beside names the window and finds what lies beside it.
func (s *Server) beside(v *stopsView, shifts func(plant.Instant) []plant.Shift) {
	width := v.Window.Duration()
	before := plant.Interval{From: v.Window.From.Add(-width), To: v.Window.From}
	after := plant.Interval{From: v.Window.To, To: v.Window.To.Add(width)}
	all := shifts(v.Window.From)
	if i := slices.IndexFunc(all, func(x plant.Shift) bool { return x.Interval() == v.Window }); i >= 0 {
		v.Shift = all[i]
		if i > 0 {
			before = all[i-1].Interval()
		}
		if i+1 < len(all) {
			after = all[i+1].Interval()
		}
	}
	v.Title = s.span(v.Window)
	if v.Shift.Name != "" {
		v.Title = v.Shift.Name + ", " + v.Title
	}
	v.Previous, v.Next = v.in(before), v.in(after)
}

// span formats a window at the site.
func (s *Server) span(w plant.Interval) string {
	from, to := w.From.Time().In(s.o.Tree.Zone), w.To.Time().In(s.o.Tree.Zone)
	end := "15:04"
	if from.Format("2 Jan 2006") != to.Format("2 Jan 2006") {
		end = "Mon 2 Jan 15:04"
	}
	return from.Format("Mon 2 Jan 15:04") + " to " + to.Format(end) + " " + to.Format("MST")
}

// URL is the address of the view itself.
func (v stopsView) URL() string {
	a := url.Values{"equipment": {v.Path}, "from": {v.Window.From.String()}, "to": {v.Window.To.String()}}
	if v.Sort != engine.SortDuration {
		a.Set("sort", v.Sort)
	}
	if !v.Needs {
		a.Set("first", "all")
	}
	if v.Stop != "" {
		a.Set("stop", v.Stop)
	}
	return "/stops?" + a.Encode()
}

// in is the address of another window.
func (v stopsView) in(w plant.Interval) string {
	v.Window, v.Stop = w, ""
	return v.URL()
}

// Of is the address of one stop.
func (v stopsView) Of(id string) string {
	v.Stop = id
	return v.URL()
}

// Running is the address without a time: the shift that runs now.
func (v stopsView) Running() string {
	return "/stops?" + url.Values{"equipment": {v.Path}}.Encode()
}

// First is the address with what comes first changed.
func (v stopsView) First() string {
	v.Needs = !v.Needs
	return v.URL()
}

// A choiceView is one of several to choose from.
type choiceView struct {
	Name, URL string
	Chosen    bool
}

// choices fills what there is to choose from.
func (d *stopsData) choices(s *Server) {
	v := d.View
	for _, area := range s.o.Tree.Areas {
		for _, line := range area.Lines {
			x := v
			x.Path, x.Stop = line.Path, ""
			d.Lines = append(d.Lines, choiceView{area.Name + " " + line.Name, x.URL(), line == v.Line})
		}
	}
	place := func(name, path string) {
		x := v
		x.Path, x.Stop = path, ""
		d.Places = append(d.Places, choiceView{name, x.URL(), path == v.Path})
	}
	place("All", v.Line.Path)
	for _, eq := range v.Line.Equipment {
		place(eq.Name, eq.Path)
	}
	for _, by := range []struct{ key, name string }{{engine.SortDuration, "Longest"}, {engine.SortCost, "Costliest"}, {engine.SortTime, "Latest"}} {
		x := v
		x.Sort = by.key
		d.Sorts = append(d.Sorts, choiceView{by.name, x.URL(), by.key == v.Sort})
	}
}
