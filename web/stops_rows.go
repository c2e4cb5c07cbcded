package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"andon/engine"
	"andon/plant"
	"andon/production/review"
)

// A stopRow is one stop of the list.
type stopRow struct {
	look
	ID, DOM, Path, Name string
	Start, Length       string    // of what lies in the window
	Whole               string    // of a stop that reaches over the window: from when, how long, for how much
	Lasts               sinceView // of one that is not over and began in the window
	Reason, Source      string
	Cost, Product       string
	Life, LifeClass     string
	Who                 string // who said something last, and when
	Needs               bool
	Details             string // address that opens it, or closes it again
	Next                string // address to come back to
	Revision            int64
	CanWrite            bool
	Quick               []reasonButton
	Open                *stopDetail // nil: closed
}

// order sorts the stops of a view: what needs somebody first, if asked for,
// then as chosen. What was planned costs nothing and comes last.
func order(all []engine.SheetStop, v stopsView) {
	slices.SortStableFunc(all, func(a, b engine.SheetStop) int {
		first := 0
		if v.Needs && a.NeedsReason != b.NeedsReason {
			first = 1
			if a.NeedsReason {
				first = -1
			}
		}
		by := 0
		switch {
		case v.Sort == engine.SortTime:
			by = cmp.Compare(b.From, a.From)
		case a.Planned != b.Planned:
			by = -1
			if a.Planned {
				by = 1
			}
		case v.Sort == engine.SortCost:
			by = cmp.Compare(b.InsideCost.Amount, a.InsideCost.Amount)
		}
		return cmp.Or(first, by, cmp.Compare(b.Inside, a.Inside), cmp.Compare(b.From, a.From), cmp.Compare(a.ID, b.ID))
	})
}

// rows fills the list.
func (s *Server) rows(ctx context.Context, d *stopsData, shown []engine.SheetStop, edits []engine.EditView) error {
	now := plant.At(s.o.Now())
	texts := map[string]engine.EditView{}
	for _, e := range edits {
		texts[e.ID] = e
	}
	likely := s.likely(ctx, now)
	quick := 0
	for _, stop := range shown {
		row := s.stopRow(stop, d.View, now)
		row.Revision = d.Revision
		if n := len(stop.Edits); n > 0 {
			if e, ok := texts[stop.Edits[n-1]]; ok {
				row.Who = e.User + " " + s.clock(e.Time)
			}
		}
		open := stop.ID == d.View.Stop
		if d.CanWrite && (open || row.Needs && quick < maxQuickRows) {
			quick++
			buttons, err := likely(stop)
			if err != nil {
				return err
			}
			row.Quick = buttons
		}
		if open {
			row.Open = s.detail(stop, nextOn(d.all, stop), s.editRows(about(stop, edits), row.Next, d.Revision))
			row.Open.retype(stop, d.Typed)
			row.Details = d.View.Of("")
		}
		d.Rows = append(d.Rows, row)
	}
	return nil
}

func (s *Server) stopRow(stop engine.SheetStop, v stopsView, now plant.Instant) stopRow {
	row := stopRow{look: lookOf(stop.State), ID: stop.ID, DOM: "s-" + stop.ID, Path: stop.Equipment, Name: lastName(stop.Equipment),
		Start: s.startIn(stop.From, v.Window), Length: age(length(stop, now)), Reason: strings.Join(stop.ReasonPath, " › "),
		Source: sourceText(stop.Stop), Product: stop.Product, Life: lifeText(stop.Stop), LifeClass: string(stop.Life),
		Needs: stop.NeedsReason, Details: v.Of(stop.ID), Next: v.URL(), CanWrite: s.gate.open}
	row.Whole = s.whole(stop, v.Window, now)
	if stop.To == 0 && row.Whole == "" {
		row.Lasts = since(stop.From, now.Time())
	}
	if stop.Cost.Basis != "" {
		row.Cost = money(stop.InsideCost.Amount)
	}
	if stop.NotDowntime {
		row.look.word = "NO STOP"
	}
	return row
}

// length is what of a stop lies in the window; what was no stop keeps its own.
func length(stop engine.SheetStop, now plant.Instant) time.Duration {
	if stop.NotDowntime {
		return stop.Duration(now)
	}
	return stop.Inside
}

// whole says of a stop that reaches over the window how, and what all of it
// took; "" of one that lies in it.
func (s *Server) whole(stop engine.SheetStop, w plant.Interval, now plant.Instant) string {
	end := stop.To
	if end == 0 {
		end = now
	}
	before, after := stop.From < w.From, end > w.To
	if !before && !after {
		return ""
	}
	var words []string
	if before {
		words = append(words, "began "+s.startIn(stop.From, w))
	}
	if after {
		words = append(words, "goes on")
	}
	words = append(words, age(stop.Duration(now))+" in all")
	if stop.Cost.Basis != "" {
		words = append(words, money(stop.Cost.Amount))
	}
	return strings.Join(words, ", ")
}

// startIn is the time of day, with the day when it is not that of the window.
func (s *Server) startIn(t plant.Instant, w plant.Interval) string {
	at, from := t.Time().In(s.o.Tree.Zone), w.From.Time().In(s.o.Tree.Zone)
	if at.Format(time.DateOnly) == from.Format(time.DateOnly) {
		return at.Format("15:04:05")
	}
	return at.Format("Mon 15:04:05")
}

// sourceText says where a reason comes from and how sure it is.
func sourceText(stop review.Stop) string {
	sure := fmt.Sprintf("%.0f\u00a0%%", 100*stop.Confidence)
	switch {
	case stop.NotDowntime:
		return "said so"
	case stop.NeedsReason:
		return "nobody said why"
	case stop.Assigned != nil:
		return "said by " + stop.Assigned.User
	case stop.Confidence == 0:
		return "not asked"
	}
	return "by " + strings.ReplaceAll(stop.ReasonSource, "_", " ") + ", " + sure
}

// lifeText says how far people are with a stop.
func lifeText(stop review.Stop) string {
	text := strings.ReplaceAll(string(stop.Life), "_", " ")
	switch {
	case stop.Life == review.LifeSignedOff && stop.Corrected:
		text = "corrected after sign-off"
	case stop.Life == review.LifeReviewed && stop.Reviewed != nil:
		text = "reviewed by " + stop.Reviewed.User
	}
	if stop.Micro {
		text = "micro-stop, " + text
	}
	return text
}

// A stopDetail is all that can be said of one stop.
type stopDetail struct {
	Groups           []reasonGroup
	Facts            []string
	History          []editRow
	From, To, Middle string // for splitting, times of day; "" when it cannot be
	Days             bool   // it lasts so long that From, To and Middle have their day
	Merge            string // id of the next stop on the equipment, "" for none
	MergeText        string
	Comment          string // that the person wrote before
	Over             bool
}

// longForClock is how long a stop must last for a time of day not to tell
// which day is meant.
const longForClock = 23 * time.Hour

// detail makes what the opened row shows.
func (s *Server) detail(stop engine.SheetStop, next *engine.SheetStop, history []editRow) *stopDetail {
	d := &stopDetail{Over: stop.To != 0, History: history}
	d.Groups = s.reasonsOf([]*plant.Equipment{s.o.Tree.FindEquipment(stop.Equipment)}, stop.From)
	end := stop.To
	if end == 0 {
		end = max(plant.At(s.o.Now()), stop.From)
	}
	if end.Sub(stop.From) >= 2*time.Second {
		show := s.clock
		if d.Days = end.Sub(stop.From) >= longForClock; d.Days {
			show = func(t plant.Instant) string { return t.Time().In(s.o.Tree.Zone).Format("2006-01-02T15:04:05") }
		}
		d.From, d.To, d.Middle = show(stop.From), show(end), show(stop.From.Add(end.Sub(stop.From)/2))
	}
	if next != nil && next.From.Sub(end) <= s.o.Desk.Definitions().MergeGap() {
		d.Merge, d.MergeText = next.ID, fmt.Sprintf("%s after it, %s, %s", age(next.From.Sub(end)), s.clock(next.From), next.ReasonName)
	}
	for _, f := range []struct{ name, value string }{{"Code", stop.Code}, {"Order", stop.Order}, {"Shift", stop.Shift},
		{"Because of", lastName(stop.Culprit)}, {"Cost", stop.Cost.Basis}} {
		if f.value != "" {
			d.Facts = append(d.Facts, f.name+": "+f.value)
		}
	}
	return d
}

// about returns the edits that speak of a stop's time.
func about(stop engine.SheetStop, edits []engine.EditView) []engine.EditView {
	var mine []engine.EditView
	for _, e := range edits {
		after := stop.To != 0 && e.Edit.From >= stop.To
		before := max(e.To, e.Edit.From+1) <= stop.From
		if e.Equipment == stop.Equipment && e.Kind != review.KindAdjust && !after && !before {
			mine = append(mine, e)
		}
	}
	return mine
}

// nextOn returns the stop after another one on the same equipment.
func nextOn(all []engine.SheetStop, stop engine.SheetStop) *engine.SheetStop {
	var next *engine.SheetStop
	for k := range all {
		x := &all[k]
		if stop.To != 0 && x.Equipment == stop.Equipment && x.From >= stop.To && (next == nil || x.From < next.From) {
			next = x
		}
	}
	return next
}

// latestFirst orders edits for people.
func latestFirst(edits []engine.EditView) []engine.EditView {
	all := slices.Clone(edits)
	slices.SortStableFunc(all, func(a, b engine.EditView) int { return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(b.Seq, a.Seq)) })
	return all
}
