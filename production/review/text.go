package review

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"andon/plant"
)

// Text says in a line for people who did what, such as "Anna: 10 scrap added
// at B1 from 09:00:00 to 10:00:00 (lab)". The edits are all of one command, or
// some of it; among known are those that they take back.
func Text(d *Definitions, edits, known []Edit) string {
	e := edits[0]
	text := e.User + ": " + d.what(edits, known)
	if e.Comment != "" && e.Kind != KindComment {
		text += " (" + e.Comment + ")"
	}
	return text
}

func (d *Definitions) what(edits, known []Edit) string {
	e := edits[0]
	switch e.Kind {
	case KindAssign:
		return "reason of " + d.stops(edits) + " is " + d.title(e)
	case KindComment:
		return "comment on " + d.stops(edits)
	case KindSplit:
		return d.stops(edits) + " split at " + d.when(e.Args.At, e)
	case KindMerge:
		return fmt.Sprintf("%d stops of %s from %s on merged", len(e.Args.With), names(edits), d.when(e.From, e))
	case KindNotDowntime:
		return d.stops(edits) + " no downtime"
	case KindReview:
		return d.stops(edits) + " reviewed"
	case KindDispute:
		return d.stops(edits) + " disputed"
	case KindReopen:
		return d.stops(edits) + " reopened"
	case KindUndo:
		return d.taken(edits, known)
	case KindAdjust:
		return e.Args.Counts.text() + " at " + names(edits) + d.window(e)
	case KindSignOff:
		return names(edits) + " signed off" + d.window(e)
	}
	return string(e.Kind) + " of " + d.stops(edits)
}

// taken says what undoing took back or, undoing that, did again.
func (d *Definitions) taken(edits, known []Edit) string {
	var roots []Edit
	again := false
	for _, e := range edits {
		r := root(known, e)
		if r.Kind == KindUndo { // what it took back is not among them
			return "edit " + e.Args.Edit + " taken back"
		}
		if len(roots) == 0 || r.Command == roots[0].Command {
			roots = append(roots, r)
		}
		again = undone(known, e)%2 == 0 // taking back what took it back
	}
	what := "“" + Text(d, roots, known) + "”"
	if again {
		return what + " done again"
	}
	return what + " taken back"
}

// undone counts the undos from e down to what it is about.
func undone(known []Edit, e Edit) int {
	for n := range known {
		i := slices.IndexFunc(known, func(x Edit) bool { return e.Kind == KindUndo && x.ID == e.Args.Edit })
		if i < 0 {
			return n
		}
		e = known[i]
	}
	return 0
}

// stops names the stops that edits of one command speak of.
func (d *Definitions) stops(edits []Edit) string {
	if len(edits) == 1 {
		return "stop of " + names(edits) + " at " + d.when(edits[0].Anchor, edits[0])
	}
	return fmt.Sprintf("%d stops of %s", len(edits), names(edits))
}

// names are those of the equipment, each once.
func names(edits []Edit) string {
	var all []string
	for _, e := range edits {
		if name := path.Base(e.Equipment); !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return strings.Join(all, ", ")
}

func (d *Definitions) window(e Edit) string {
	return " from " + d.when(e.From, e) + " to " + d.when(e.To, e)
}

// when is the time of day of t at the site, with the date unless that is the
// day on which e was said, and with the year unless it is that one.
func (d *Definitions) when(t plant.Instant, e Edit) string {
	at, said := t.Time().In(d.zone), e.Time.Time().In(d.zone)
	switch {
	case at.Format("2006-01-02") == said.Format("2006-01-02"):
		return at.Format("15:04:05")
	case at.Year() == said.Year():
		return at.Format("Mon 2 Jan 15:04:05")
	}
	return at.Format("Mon 2 Jan 2006 15:04:05")
}

func (d *Definitions) clock(t plant.Instant) string { return t.Time().In(d.zone).Format("15:04:05") }

func (d *Definitions) title(e Edit) string {
	if r, ok := d.reason(e.Equipment, e.Args.Reason); ok {
		return r.Title()
	}
	return e.Args.Reason
}

// text names what changes.
func (a Adjustment) text() string {
	good, scrap, rework := a.Moves()
	var parts []string
	for _, x := range []struct {
		name string
		n    int64
		told bool
	}{{"scrap", scrap, true}, {"rework", rework, true}, {"good", good, a.Good != nil || a.Produced != nil}} {
		switch {
		case !x.told:
		case x.n > 0:
			parts = append(parts, fmt.Sprintf("%d %s added", x.n, x.name))
		case x.n < 0:
			parts = append(parts, fmt.Sprintf("%d %s taken off", -x.n, x.name))
		}
	}
	return strings.Join(parts, ", ")
}
