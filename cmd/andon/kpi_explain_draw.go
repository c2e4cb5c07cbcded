package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"andon/plant"
	"andon/production"
)

// A drawing draws explanations for people, as trees no wider than a screen.
type drawing struct {
	b    strings.Builder
	zone *time.Location
	rows int // of each term
}

const (
	columns = 100
	maxRows = 1 << 30
)

// line writes words after a stem, on as many lines as they need.
func (d *drawing) line(stem, hang, text string) {
	at, first := 0, true
	for _, word := range strings.Split(text, " ") {
		n := utf8.RuneCountInString(word)
		if first || at+1+n > columns {
			if !first {
				d.b.WriteByte('\n')
				stem = hang
			}
			d.b.WriteString(stem + word)
			at, first = utf8.RuneCountInString(stem)+n, false
			continue
		}
		d.b.WriteString(" " + word)
		at += 1 + n
	}
	d.b.WriteByte('\n')
}

// clock shows a time; with the day when that is not the window's.
func (d *drawing) clock(t plant.Instant) string { return t.Time().In(d.zone).Format("01-02 15:04:05") }

func amountText(v float64, unit string) string {
	text := strconv.FormatFloat(v, 'f', -1, 64)
	if unit != "1" && unit != "" {
		text += " " + unit
	}
	return text
}

func (d *drawing) explanation(x production.Explanation) string {
	d.line("", "    ", fmt.Sprintf("%s of %s, %s to %s", x.KPI, x.Path, x.From.Time().In(d.zone).Format("2006-01-02 15:04:05"), d.clock(x.To)))
	d.line("", "    ", d.head(x))
	d.line("", "    ", "by "+x.Source+d.definitions(x))
	for i, t := range x.Terms {
		branch, stem := "├─ ", "│  "
		if i == len(x.Terms)-1 {
			branch, stem = "└─ ", "   "
		}
		rule := ""
		if t.Rule != "" {
			rule = " (" + t.Rule + ")"
		}
		d.line(branch, stem+"    ", t.Name+" = "+amountText(t.Value, t.Unit)+rule)
		d.term(stem+"   ", t)
	}
	d.waterfall(x.Waterfall)
	return d.b.String()
}

// head is the value with its formula.
func (d *drawing) head(x production.Explanation) string {
	value := amountText(x.Value.Value, x.Unit)
	switch {
	case x.Text != "":
		value = strconv.Quote(x.Text)
	case x.Time != nil:
		value = x.Time.Time().In(d.zone).Format("2006-01-02 15:04:05.000")
	case x.Null != "":
		value = "none, since " + x.Null
	}
	if x.Origin != nil {
		value += " = " + x.Origin.Time().In(d.zone).Format("15:04:05.000") + " + seconds of"
	}
	if x.Formula == "" {
		return value
	}
	if x.Origin != nil {
		return value + " " + x.Formula
	}
	return value + " = " + x.Formula
}

func (d *drawing) definitions(x production.Explanation) string {
	var all []string
	if x.OEEMode != "" {
		all = append(all, "oee_mode "+string(x.OEEMode), "unknown "+string(x.UnknownPolicy))
	}
	for _, r := range x.Rules {
		all = append(all, r.Name+" "+r.Value)
	}
	if len(all) == 0 {
		return ""
	}
	return "; " + strings.Join(all, ", ")
}

// term writes what a term is the sum of.
func (d *drawing) term(stem string, t production.Term) {
	var rows []string
	for _, v := range t.Members {
		rows = append(rows, fmt.Sprintf("%s: %s (its %s)", v.Path, amountText(v.Value, t.Unit), v.KPI))
	}
	for _, v := range t.Intervals {
		rows = append(rows, d.interval(v))
	}
	for _, c := range t.Counts {
		rows = append(rows, fmt.Sprintf("%d units of %s at %s s: %s s%s", c.Units, or(c.Product, "no product"), number64(c.IdealCycle.Float()),
			number64(c.StandardTime.Float()), after(" counted by ", c.Equipment)))
	}
	for _, s := range t.Stops {
		rows = append(rows, d.stop(s, t.Unit))
	}
	for _, m := range t.Meters {
		rows = append(rows, fmt.Sprintf("%s: %s%s", d.clock(m.Minute), amountText(m.Value, t.Unit), after(" of ", m.Tag)))
	}
	for _, c := range t.Costs {
		rows = append(rows, d.cost(c))
	}
	rows = append(rows, d.others(t)...)
	for i, row := range rows {
		if i == d.rows && len(rows) > d.rows+1 {
			d.line(stem, stem, fmt.Sprintf("... and %d more: --all shows them", len(rows)-i))
			return
		}
		d.line(stem, stem+"    ", row)
	}
}

// others are the rows of people, neighbours, products and the calendar.
func (d *drawing) others(t production.Term) []string {
	var rows []string
	for _, c := range t.Crews {
		rows = append(rows, fmt.Sprintf("%s to %s: %s people, %s person-s%s", d.clock(c.From), d.clock(c.To), number64(c.Heads), number64(c.Person), after(" in ", c.Loss)))
	}
	for _, n := range t.Neighbours {
		rows = append(rows, fmt.Sprintf("%s gave %d, %s took %s: confidence %s at a tolerance of %d", n.From, n.Out, n.To, number64(n.In), number64(n.Confidence), n.Tolerance))
	}
	for _, p := range t.Products {
		made := ""
		switch {
		case p.Seconds > 0:
			made = fmt.Sprintf(", %s s: %s units", number64(p.Seconds.Float()), number64(p.Amount))
		case p.Units > 0:
			made = fmt.Sprintf(", %d units: %s", p.Units, number64(p.Amount))
		}
		cycle := ""
		if p.IdealCycle > 0 {
			cycle = ", " + number64(p.IdealCycle.Float()) + " s/unit"
		}
		rows = append(rows, fmt.Sprintf("%s: %s per unit%s%s", or(p.Product, "no product"), number64(p.PerUnit), cycle, made))
	}
	for _, w := range t.Work {
		rows = append(rows, fmt.Sprintf("%s to %s %10s s", d.clock(w.From), d.clock(w.To), number64(w.Seconds.Float())))
	}
	return rows
}

func (d *drawing) interval(v production.Span) string {
	why := after(": ", v.Reason) + after(" by ", v.Culprit)
	if v.State != v.Loss {
		why = " (" + v.State + ")" + why
	}
	return fmt.Sprintf("%s to %s %10s s %s%s%s", d.clock(v.From), d.clock(v.To), number64(v.Seconds.Float()), v.Loss, why, after("; ", v.Why))
}

func (d *drawing) stop(s production.NotedStop, unit string) string {
	text := fmt.Sprintf("%s %s, stop %s", d.clock(s.From), s.Reason, s.Stop)
	if s.Acknowledged != nil {
		text += ", acknowledged " + d.clock(*s.Acknowledged)
	}
	if s.Before+s.After != "" {
		text += ", from " + or(s.Before, "?") + " to " + or(s.After, "?")
	}
	if unit == "s" {
		text += ": " + amountText(s.Value, unit)
	}
	return text
}

func (d *drawing) cost(c production.Priced) string {
	what := number64(c.Seconds.Float()) + " s"
	switch {
	case c.Units != 0:
		what = strconv.FormatInt(c.Units, 10) + " units"
	case c.KWh != 0:
		what = number64(c.KWh) + " kWh"
	}
	text := fmt.Sprintf("%s to %s %s %s", d.clock(c.From), d.clock(c.To), what, or(c.Reason, c.Loss))
	text += fmt.Sprintf(": %s, %s a %s = %s", c.Basis, c.Price, c.Per, c.Amount)
	if c.ValidFrom != nil {
		text += ", valid from " + d.clock(*c.ValidFrom)
	}
	if c.ValidTo != nil {
		text += ", valid to " + d.clock(*c.ValidTo)
	}
	return text
}

// waterfall writes where the window went.
func (d *drawing) waterfall(w production.Waterfall) {
	if w == (production.Waterfall{}) {
		return
	}
	d.b.WriteString("where the window went:\n")
	fall, err := json.Marshal(w)
	var parts map[string]float64
	if err != nil || json.Unmarshal(fall, &parts) != nil {
		return // numbers always encode
	}
	for _, name := range []string{"good", "quality", "speed", "micro_stop", "setup", "starved", "blocked", "fault", "safety", "other", "unknown", "planned", "not_scheduled"} {
		if parts[name] != 0 {
			fmt.Fprintf(&d.b, "   %-14s %10.1f s\n", name, parts[name])
		}
	}
}

// after returns text with words before it, "" when there is none.
func after(words, text string) string {
	if text == "" {
		return ""
	}
	return words + text
}

func number64(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
