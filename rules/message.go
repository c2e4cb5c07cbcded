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
		Unit: "mm/s", State: "fault", Reason: "reason", Since: Clock{time.Unix(0, 0).UTC()}})
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
	return strconv.FormatFloat(math.Round(f*1000)/1000, 'f', -1, 64)
}

func (s *Set) message(i *instance, limit string) string {
	r := i.rule
	st := s.states[i.equipment.ID]
	f := Facts{Equipment: placeOf(i.equipment), Value: format(i.value), Limit: limit,
		State: st.State.String(), Reason: st.Reason, Since: Clock{i.began.Time().In(s.zone)}}
	if strings.EqualFold(f.Reason, f.State) {
		f.Reason = ""
	}
	if i.tag != nil {
		f.Tag, f.Unit = i.tag.Name, i.tag.Unit
	}
	text, err := render(r.message, f)
	if err != nil { // tried out when it was read, yet a template can fail on some values only
		return fmt.Sprintf("%s on %s (its message: %v)", r.ID, i.equipment.Path, err)
	}
	return text
}
