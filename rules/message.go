package rules

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"text/template"
	"time"

	"andon/plant"
)

// maxMessage bounds a rendered message, so that it fits everywhere.
const maxMessage = 500

// Facts is what the template of a message may name.
type Facts struct {
	Equipment Place
	Tag       string // name, "" when the rule has none
	Value     string // at most three decimals
	Limit     string // as written in the rule: "> 85"; the time of an absence or state rule
	Unit      string // of the tag
	State     string // canonical state of the equipment
	Reason    string // of the state, "" when it only repeats it
	Since     Clock  // when it began, on the site's clock

	// SPC. Figures of capability begin with ~ when they are of fewer than 25
	// points; they are "" when there are none.
	Test, Pattern         string // N2, and what it says in words
	N                     int    // points of the capability
	Cp, Cpk, Pp, Ppk, Cpm string
	In, Rate              string // trend: time until the limit, and change per minute
	Count                 int    // count: how often

	// Event. Value is the severity, Limit that of the level.
	Text, Condition string // what the server says, and the name of its condition
}

// A Place is where equipment stands; it prints as its path.
type Place struct{ Site, Area, Line, Name, Path string }

// String returns the path.
func (p Place) String() string { return p.Path }

func placeOf(e *plant.Equipment) Place {
	return Place{Site: e.Line.Area.Site, Area: e.Line.Area.Name, Line: e.Line.Name, Name: e.Name, Path: e.Path}
}

// A Clock prints as the time of day; its other methods are those of
// time.Time, such as {{.Since.Format "2 Jan 15:04"}}.
type Clock struct{ time.Time }

// String returns the time of day, such as 10:05:30.
func (c Clock) String() string { return c.Format(time.TimeOnly) }

// defaultMessage is the text of a rule that has none. It does not name the
// equipment: whoever shows a condition says where it is.
func defaultMessage(k Kind) string {
	switch k {
	case KindState:
		return `state {{.State}}{{if .Reason}} ({{.Reason}}){{end}} since {{.Since}}`
	case KindAbsence:
		return `{{if .Tag}}{{.Tag}}: {{end}}nothing heard since {{.Since}}`
	case KindSPC:
		return `{{.Tag}} is {{.Value}}{{if .Unit}} {{.Unit}}{{end}}: {{.Pattern}} ({{.Test}}){{if .Cpk}}, Cpk {{.Cpk}}{{end}}`
	case KindTrend:
		return `{{.Tag}} is {{.Value}}{{if .Unit}} {{.Unit}}{{end}}, {{if .In}}{{.Limit}} in {{.In}}{{else}}limit {{.Limit}}{{end}}`
	case KindCount:
		return `state {{.State}}{{if .Reason}} ({{.Reason}}){{end}} {{.Count}} times, limit {{.Limit}}`
	case KindEvent:
		return `{{or .Text .Condition}}`
	}
	return `{{.Tag}} is {{.Value}}{{if .Unit}} {{.Unit}}{{end}} (limit {{.Limit}})`
}

// parseMessage reads a template and tries it out.
func parseMessage(r Rule) (*template.Template, error) {
	text := r.Message
	if text == "" {
		text = defaultMessage(r.Kind)
	}
	t, err := template.New(r.ID).Parse(text)
	if err != nil {
		return nil, err
	}
	_, err = render(t, Facts{Equipment: Place{"site", "area", "line", "name", "site/area/line/name"}, Tag: "tag", Value: "1.5", Limit: "> 1",
		Unit: "mm/s", State: "fault", Reason: "reason", Since: Clock{time.Unix(0, 0).UTC()}, Test: "N1", Pattern: "beyond 3 sigma", N: 125,
		Cp: "1.67", Cpk: "1.67", Pp: "1.67", Ppk: "1.67", Cpm: "1.67", In: "10m", Rate: "0.5", Count: 2,
		Text: "text", Condition: "condition"})
	return t, err
}

func render(t *template.Template, f Facts) (string, error) {
	var s strings.Builder
	if err := t.Execute(&s, f); err != nil {
		return "", err
	}
	out := strings.Join(strings.Fields(s.String()), " ") // one line: titles are made of it
	if len(out) > maxMessage {
		out = strings.ToValidUTF8(out[:maxMessage], "") + "…"
	}
	return out, nil
}

// format writes v for people.
func format(v plant.Value) string {
	f, ok := v.Float()
	if v.Kind() != plant.KindFloat || !ok || math.Abs(f) >= 1e15 {
		return v.String()
	}
	return decimals(f, 3)
}

// decimals writes x with at most n decimals.
func decimals(x float64, n int) string {
	scale := math.Pow10(n)
	return strconv.FormatFloat(math.Round(x*scale)/scale, 'f', -1, 64)
}

// number writes a number of the configuration.
func number(x float64) string { return strconv.FormatFloat(x, 'g', 12, 64) }

// short writes a time without its zeros: 10m, not 10m0s.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// message renders the text of level k.
func (s *Set) message(i *instance, k int) string {
	r := i.rule
	st := s.states[i.equipment.ID]
	f := Facts{Equipment: placeOf(i.equipment), Value: format(i.value), Limit: r.limitText(k),
		State: st.State.String(), Reason: st.Reason, Since: Clock{i.began.Time().In(s.zone)}}
	if strings.EqualFold(f.Reason, f.State) {
		f.Reason = ""
	}
	if i.tag != nil {
		f.Tag, f.Unit = i.tag.Name, i.tag.Unit
	}
	switch {
	case i.chart != nil:
		i.chart.explain(&f, r, k)
	case i.trend != nil:
		i.trend.explain(&f)
	case i.entries != nil:
		f.Count = i.entries.count(r)
	}
	text, err := render(r.message, f)
	if err != nil { // tried out when it was read, yet a template can fail on some values only
		return fmt.Sprintf("%s on %s (its message: %v)", r.ID, i.equipment.Path, err)
	}
	return text
}
