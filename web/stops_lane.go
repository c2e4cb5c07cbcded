package web

import (
	"fmt"
	"time"

	"andon/engine"
	"andon/plant"
	"andon/production"
)

// A laneView is the timeline of one equipment.
type laneView struct {
	Name, Path, URL string
	Chosen          bool
	Marks           []markView
	Text            string // what it shows, for who cannot see it
}

// A markView is a stretch of a lane. Kinds of states differ in height and
// pattern as well as in colour.
type markView struct {
	Class, Fill string
	X, W        string // in percent
	Y, H        int
	Href, Title string // of a stop
	Word        string // written into it when there is room

	from, to plant.Instant
	severity int64
	n        int
	longest  time.Duration
	stop     string // id of the worst
}

// laneHeight is that of one lane in pixels; cells is how many parts of the
// window can be told apart.
const (
	laneHeight = 40
	cells      = 600
	// wordWidth is the share of the window in which a word finds room.
	wordWidth = 5.0
)

// height is how much of the lane a class fills, from below.
func height(class string) int {
	switch class {
	case "stop", "safety", "unknown":
		return laneHeight
	case "attention":
		return 30
	case "setup":
		return 20
	}
	return 12
}

// lane draws what one equipment did. Its stops lead to the list, or to a view
// that has them in its list.
func (s *Server) lane(sheet engine.Sheet, v stopsView, shown []engine.SheetStop) laneView {
	path, now := sheet.Equipment.Path, plant.At(s.o.Now())
	to := v
	to.Path, to.Stop = path, ""
	here := map[string]bool{}
	for _, x := range shown {
		here[x.ID] = true
	}
	l := laneView{Name: sheet.Equipment.Name, Path: path, URL: to.URL(), Chosen: path == v.Path}
	cell := v.Window.Duration() / cells
	marks := append(background(sheet.Segments, v.Window, cell, now), stopMarks(sheet.Stops, v.Window, cell, now)...)
	for i := range marks {
		marks[i].draw(v.Window)
		if m := &marks[i]; m.n > 0 {
			m.Title, m.Href = s.titled(*m), "#s-"+m.stop
			if !here[m.stop] {
				m.Href = to.Of(m.stop) + m.Href
			}
		}
	}
	l.Marks, l.Text = marks, fmt.Sprintf("%d stops", len(sheet.Stops))
	return l
}

// background are the stretches that are no stops: run, slow run, no data.
func background(segments []production.Segment, w plant.Interval, cell time.Duration, now plant.Instant) []markView {
	var out []markView
	for _, s := range segments {
		part := s.Interval(now).Clip(w)
		look := lookOf(s.State)
		if s.Stop != "" || part.To <= part.From || look.class == "off" {
			continue
		}
		if n := len(out); n > 0 && out[n-1].Class == look.class && part.From.Sub(out[n-1].to) <= cell {
			out[n-1].to = part.To
			continue
		}
		m := markView{Class: look.class, from: part.From, to: part.To}
		if look.urgent {
			m.Word = look.word
		}
		out = append(out, m)
	}
	return out
}

// stopMarks are the stops; those too short to be told apart are one mark that
// shows the worst of them.
func stopMarks(stops []engine.SheetStop, w plant.Interval, cell time.Duration, now plant.Instant) []markView {
	var out []markView
	for _, s := range stops {
		end := s.To
		if end == 0 {
			end = max(now, s.From)
		}
		part := plant.Interval{From: s.From, To: end}.Clip(w)
		if s.NotDowntime || part.To < part.From {
			continue
		}
		look := lookOf(s.State)
		m := markView{Class: look.class, from: part.From, to: part.To, n: 1, severity: s.State.Code(), longest: s.Duration(now),
			stop: s.ID, Title: lastName(s.Equipment) + " " + look.word + ": " + s.ReasonName, Word: look.word}
		if n := len(out); n > 0 && short(out[n-1], cell) && short(m, cell) && m.from.Sub(out[n-1].from) < 2*cell {
			out[n-1].join(m)
			continue
		}
		out = append(out, m)
	}
	return out
}

func short(m markView, cell time.Duration) bool { return m.to.Sub(m.from) < cell }

// join makes m and another one mark.
func (m *markView) join(other markView) {
	m.to, m.n = max(m.to, other.to), m.n+1
	if other.severity > m.severity || other.severity == m.severity && other.longest > m.longest {
		m.Class, m.severity, m.stop, m.Title = other.Class, other.severity, other.stop, other.Title
	}
	m.longest = max(m.longest, other.longest)
}

// draw places a mark in the window.
func (m *markView) draw(w plant.Interval) {
	width := float64(w.Duration())
	x, span := 100*float64(m.from.Sub(w.From))/width, 100*float64(m.to.Sub(m.from))/width
	if m.n > 0 {
		span = max(span, 0.3) // wide enough to be seen
	}
	m.X, m.W = fixed(x), fixed(min(span, 100-x))
	m.H = height(m.Class)
	m.Y = laneHeight - m.H
	switch m.Class {
	case "unknown":
		m.Fill = "url(#hatch)"
	case "setup":
		m.Fill = "url(#dots)"
	}
	if span < wordWidth {
		m.Word = ""
	}
}

// titled returns the title of a mark with when and how long.
func (s *Server) titled(m markView) string {
	text := m.Title + ", " + s.clock(m.from) + ", " + age(m.longest)
	if m.n > 1 {
		return fmt.Sprintf("%d stops, the worst: %s", m.n, text)
	}
	return text
}

// A tickView is a time under the timeline.
type tickView struct {
	X, Text string
	Odd     bool // left out where there is little room
}

// ticks returns full hours, or parts of them, in the window.
func (s *Server) ticks(w plant.Interval) []tickView {
	step := 24 * time.Hour
	for _, d := range []time.Duration{time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour} {
		if w.Duration() <= 10*d {
			step = d
			break
		}
	}
	var out []tickView
	at := w.From.Time().In(s.o.Tree.Zone)
	// Whole steps of the local day, which need not be those of UTC.
	first := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location())
	for t := first; t.Before(w.To.Time()); t = t.Add(step) {
		if t.Before(w.From.Time()) {
			continue
		}
		text := t.Format("15:04")
		if step == 24*time.Hour {
			text = t.Format("Mon 2")
		}
		out = append(out, tickView{X: position(plant.At(t), w), Text: text, Odd: len(out)%2 == 1})
	}
	return out
}

// position is where t lies in w, "" when it does not.
func position(t plant.Instant, w plant.Interval) string {
	if t < w.From || t >= w.To {
		return ""
	}
	return fixed(100 * float64(t.Sub(w.From)) / float64(w.Duration()))
}
