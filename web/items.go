package web

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"andon/alerts"
	"andon/plant"
)

// An item is a rendered piece of a page: an element of a list, or the inside
// of the element with that id. Ages are left out, so that an item changes
// only when what it says does; pages fill them in.
type item struct {
	ID   string `json:"id"`
	HTML string `json:"html"`
}

// A rowView is one row of the board.
type rowView struct {
	look
	ID, Path, Name, Place string
	Long                  bool // the name needs smaller letters
	Since                 sinceView
	Why                   string
	Good, Of, OEE         string
	Open, Unacked         int
}

// A sinceView is an age that the page keeps moving. Text is empty in items.
type sinceView struct {
	Milli int64 // Unix, 0 when there is none
	Text  string
}

// Symbol, Word, Class and Urgent are for the template.
func (l look) Symbol() string { return l.symbol }

// Word returns the state's word.
func (l look) Word() string { return l.word }

// Class returns the state's class in the style sheet.
func (l look) Class() string { return l.class }

// Urgent reports whether the row must stay on the board.
func (l look) Urgent() bool { return l.urgent }

// longName is the length from which a name no longer fits in large letters.
const longName = 12

func (s *Server) rowView(e liveEntry, now time.Time) rowView {
	v := rowView{look: lookOf(shown(e.live)), ID: "r-" + e.path, Path: e.path, Name: e.name,
		Long: len([]rune(e.name)) > longName, Since: since(e.live.Since, now), Why: s.why(e),
		Good: units(e.live.Good()), OEE: oee(e.live.KPI), Open: e.open, Unacked: e.unacked}
	v.Place = e.live.Equipment.Line.Name
	if e.live.Product != "" {
		v.Place += " · " + e.live.Product
	}
	v.Of = units(e.live.Reject()) + " rejected"
	return v
}

// why says in a few words what is behind a state.
func (s *Server) why(e liveEntry) string {
	state := shown(e.live)
	switch {
	case state == plant.StateUnknown && e.live.LastSeen == 0:
		return "never seen"
	case state == plant.StateUnknown:
		return "last " + s.clock(e.live.LastSeen)
	case state.Producing():
		return ""
	case e.live.Culprit != "" && e.live.Culprit != e.path:
		return "by " + lastName(e.live.Culprit)
	}
	return e.reason
}

// since returns an age; a zero now leaves its text out.
func since(from plant.Instant, now time.Time) sinceView {
	if from == 0 {
		return sinceView{}
	}
	v := sinceView{Milli: int64(from) / 1e6}
	if !now.IsZero() {
		v.Text = age(now.Sub(from.Time()))
	}
	return v
}

// until returns the time left, like since.
func until(to plant.Instant, now time.Time) sinceView {
	v := since(to, time.Time{})
	if v.Milli != 0 && !now.IsZero() {
		v.Text = age(to.Time().Sub(now))
	}
	return v
}

// An alarmView is one alarm as the pages show it.
type alarmView struct {
	alerts.Alarm
	DOM, Name, Place string
	Symbol, Word     string // of the priority and the state
	Over             bool   // the condition no longer holds
	CanAck           bool
	Since, Next      sinceView
	NextTo, ToldTo   string
	AckAt            string
	Times            int // raised so often, 0 when only once
}

func (s *Server) alarmView(a alerts.Alarm, now time.Time) alarmView {
	v := alarmView{Alarm: a, DOM: "a-" + a.ID, Name: lastName(a.Equipment), Over: !a.Active,
		CanAck: s.gate.open && (a.State == alerts.StateUnacknowledged || a.State == alerts.StateReturnedUnacknowledged),
		Since:  since(a.Raised.Event, now), ToldTo: strings.Join(a.Told, ", ")}
	if eq := s.o.Tree.FindEquipment(a.Equipment); eq != nil {
		v.Place = eq.Line.Name
	}
	if a.Recurrences > 0 {
		v.Times = a.Recurrences + 1
	}
	v.Symbol = "mark"
	switch a.Priority {
	case plant.PriorityCritical, plant.PriorityHigh:
		v.Symbol = "stop"
	case plant.PriorityMedium:
		v.Symbol = "attention"
	}
	v.Word = alarmWord(a.State)
	if a.NextAt != 0 {
		v.Next, v.NextTo = until(a.NextAt, now), strings.Join(a.NextTo, ", ")
	}
	if a.Acknowledged.Event != 0 {
		v.AckAt = s.moment(a.Acknowledged.Event)
	}
	return v
}

func alarmWord(state alerts.State) string {
	switch state {
	case alerts.StateUnacknowledged:
		return "not acknowledged"
	case alerts.StateAcknowledged:
		return "acknowledged"
	case alerts.StateReturnedUnacknowledged:
		return "over, not acknowledged"
	case alerts.StateNormal:
		return "over"
	}
	return string(state)
}

// renderItems renders every row and card once for all listeners.
func (s *Server) renderItems(b *snapshot) error {
	for i := range b.equipment {
		v := s.rowView(b.equipment[i], time.Time{})
		html, err := s.render("row", v)
		if err != nil {
			return err
		}
		b.equipment[i].row = item{v.ID, html}
	}
	for i := range b.lines {
		html, err := s.render("line", s.lineView(b.lines[i]))
		if err != nil {
			return err
		}
		b.lines[i].row = item{b.lines[i].path, html}
	}
	for i := range b.alarms {
		v := s.alarmView(b.alarms[i].alarm, time.Time{})
		html, err := s.render("card", v)
		if err != nil {
			return err
		}
		b.alarms[i].card = item{v.DOM, html}
	}
	return nil
}

// A partsView is what stands around the lists.
type partsView struct {
	Trouble, Shift, Count string
	Lines                 template.HTML // rendered
	Stops                 string        // what stops and edits are at
}

// parts describes the snapshot at and below path.
func (b *snapshot) parts(path string) partsView {
	v := partsView{Trouble: strings.Join(b.trouble, " · ")}
	var shifts []string
	for _, e := range b.lines {
		if below(e.path, path) {
			v.Lines += template.HTML(e.row.HTML) // by the template that escapes it
		}
	}
	for _, e := range b.equipment {
		name := e.live.Shift.Name
		if below(e.path, path) && name != "" && !slices.Contains(shifts, name) {
			shifts = append(shifts, name)
		}
	}
	v.Shift, v.Count, v.Stops = strings.Join(shifts, ", "), b.count(path), b.stopsRev(path)
	return v
}

// count says how many alarms are open at and below path.
func (b *snapshot) count(path string) string {
	if b.recordErr != nil {
		return none + " alarms"
	}
	open, unacked := b.openAlarms(path)
	switch {
	case open == 0:
		return "no alarms"
	case open == 1 && unacked == 1:
		return "1 alarm, unacked"
	case open == 1:
		return "1 alarm"
	}
	return units(int64(open)) + " alarms, " + units(int64(unacked)) + " unacked"
}

func (b *snapshot) openAlarms(path string) (open, unacked int) {
	for _, a := range b.alarms {
		if !below(a.alarm.Equipment, path) {
			continue
		}
		open++
		if unacknowledged(a.alarm) {
			unacked++
		}
	}
	return open, unacked
}

// items returns the parts that the topic's page shows, by the id of the
// element they fill. All but the lines are texts, so escaping them is all the
// rendering they need.
func (v partsView) items(topic string) []item {
	all := []item{
		{"trouble", template.HTMLEscapeString(v.Trouble)},
		{"count", template.HTMLEscapeString(v.Count)},
	}
	if topic == topicStops {
		all = append(all, item{"stops-rev", v.Stops})
	}
	if topic == topicBoard {
		all = append(all, item{"lines", string(v.Lines)}, item{"shift", template.HTMLEscapeString(v.Shift)})
	}
	return all
}
