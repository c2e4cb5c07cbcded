package web

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"andon/engine"
	"andon/production"
)

// maxParetoRows bounds the bars; the rest stands in the last one.
const maxParetoRows = 12

// A paretoView tells how much time and money each reason took within the
// window.
type paretoView struct {
	Rows      []paretoRow
	Downtime  string // sum, of the part within the window
	Cost      string // "" when nothing has a price
	Stops     int
	Planned   string // "" for none
	Several   bool   // of several equipment, whose times overlap
	Explained string // share of the lost time that has a reason
	ByCost    bool   // bars and shares are those of the cost
	needs     int
}

// A paretoRow is one reason.
type paretoRow struct {
	Reason, Time, Cost, Share string
	Width                     string // of its bar, in percent
	Count                     int
	Planned, Needs            bool

	time time.Duration
	cost production.Money
}

// pareto sums stops by reason. A split, a merge or another reason moves time
// and money between its rows and leaves the sums as they are. A reason is one
// row by its id, under the name that the first of its stops has.
func pareto(stops []engine.SheetStop, v stopsView) paretoView {
	type kind struct {
		reason         string
		planned, needs bool
	}
	rows := map[kind]*paretoRow{}
	var all []*paretoRow
	for _, x := range stops {
		if x.NotDowntime {
			continue
		}
		key := kind{x.Reason, x.Planned, x.NeedsReason}
		row := rows[key]
		if row == nil {
			row = &paretoRow{Reason: x.ReasonName, Planned: x.Planned, Needs: x.NeedsReason}
			if x.NeedsReason {
				row.Reason += " without a reason"
			}
			rows[key], all = row, append(all, row)
		}
		row.Count++
		row.time, row.cost = row.time+x.Inside, row.cost+x.InsideCost.Amount
	}
	slices.SortStableFunc(all, func(a, b *paretoRow) int {
		by := 0
		switch {
		case a.Planned != b.Planned: // it is no loss
			by = -1
			if a.Planned {
				by = 1
			}
		case v.Sort == engine.SortCost:
			by = cmp.Compare(b.cost, a.cost)
		}
		return cmp.Or(by, cmp.Compare(b.time, a.time), cmp.Compare(a.Reason, b.Reason))
	})
	return summed(all, stops, v)
}

func summed(all []*paretoRow, stops []engine.SheetStop, v stopsView) paretoView {
	var p paretoView
	var down, planned, asked, told time.Duration
	var cost production.Money
	priced := false
	for _, x := range stops {
		priced = priced || x.Cost.Basis != ""
		switch {
		case x.NotDowntime:
			continue
		case x.Planned:
			planned += x.Inside
			continue
		}
		p.Stops++
		down, cost = down+x.Inside, cost+x.InsideCost.Amount
		if !x.Micro && !x.Provisional {
			asked += x.Inside
			if !x.NeedsReason {
				told += x.Inside
			}
		}
		if x.NeedsReason {
			p.needs++
		}
	}
	p.Downtime, p.Several = age(down), v.Path == v.Line.Path && len(v.Line.Equipment) > 1
	if priced {
		p.Cost = money(cost)
	}
	if planned > 0 {
		p.Planned = age(planned)
	}
	if asked > 0 {
		p.Explained = percent(float64(told), float64(asked))
	}
	p.ByCost = cost > 0 && v.Sort == engine.SortCost
	p.bars(all, down, cost)
	return p
}

// bars fills the rows, the bar of the greatest loss over the whole width. down
// and cost are those of all rows that are a loss.
func (p *paretoView) bars(all []*paretoRow, down time.Duration, cost production.Money) {
	if n := len(all); n > maxParetoRows {
		rest := &paretoRow{Reason: fmt.Sprintf("%d more", n-maxParetoRows+1)}
		for _, r := range all[maxParetoRows-1:] {
			rest.time, rest.cost, rest.Count = rest.time+r.time, rest.cost+r.cost, rest.Count+r.Count
		}
		all = append(all[:maxParetoRows-1:maxParetoRows-1], rest)
	}
	of := func(r *paretoRow) float64 { return float64(r.time) }
	greatest, whole := float64(time.Second), float64(down)
	if p.ByCost {
		of = func(r *paretoRow) float64 { return float64(r.cost) }
		greatest, whole = 1, float64(cost)
	}
	for _, r := range all {
		if !r.Planned {
			greatest = max(greatest, of(r))
		}
	}
	for _, r := range all {
		r.Time, r.Width = age(r.time), fixed(max(0, min(100, 100*of(r)/greatest)))
		if p.Cost != "" {
			r.Cost = money(r.cost)
		}
		if whole > 0 && !r.Planned {
			r.Share = percent(of(r), whole)
		}
		p.Rows = append(p.Rows, *r)
	}
}

func percent(part, whole float64) string {
	return fmt.Sprintf("%.0f\u00a0%%", 100*part/whole)
}

// money formats an amount with two decimals.
func money(m production.Money) string { return strconv.FormatFloat(m.Float(), 'f', 2, 64) }

// fixed formats a percentage of a drawing.
func fixed(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) + "%" }
