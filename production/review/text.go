package review

import (
	"fmt"
	"strings"

	"andon/plant"
)

// Text says in a line for people who did what, such as "Anna: 10 scrap added
// (lab)".
func (e Edit) Text(d *Definitions) string {
	text := e.User + ": " + e.what(d)
	if e.Comment != "" && e.Kind != KindComment {
		text += " (" + e.Comment + ")"
	}
	return text
}

func (e Edit) what(d *Definitions) string {
	switch e.Kind {
	case KindAssign:
		return "reason of the stop at " + d.clock(e.Anchor) + " is " + e.title(d)
	case KindComment:
		return "comment on the stop at " + d.clock(e.Anchor)
	case KindSplit:
		return "stop at " + d.clock(e.Anchor) + " split at " + d.clock(e.Args.At)
	case KindMerge:
		return fmt.Sprintf("%d stops from %s on merged", len(e.Args.With), d.clock(e.From))
	case KindNotDowntime:
		return "stop at " + d.clock(e.Anchor) + " was no downtime"
	case KindUndo:
		return "edit " + e.Args.Edit + " taken back"
	case KindAdjust:
		return e.Args.Counts.text()
	case KindSignOff:
		return "signed off from " + d.clock(e.From) + " to " + d.clock(e.To)
	}
	return string(e.Kind) + " of the stop at " + d.clock(e.Anchor)
}

func (d *Definitions) clock(t plant.Instant) string { return t.Time().In(d.zone).Format("15:04:05") }

func (e Edit) title(d *Definitions) string {
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
