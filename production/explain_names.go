package production

import (
	"andon/plant/setting"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// instead are the values meant by the names of groups.
var instead = map[string]string{
	"throughput_rate": "throughput_rate.per_hour_calendar", "good_rate": "good_rate.per_hour_calendar", "cost": "cost.total",
	"mean_time_between_failures_interval": "mean_time_between_failures_interval.low",
	"downtime_by_reason":                  "downtime", "downtime_by_culprit": "downtime", "waterfall": "calendar_time",
	"confidence_parts": "confidence", "cost.by_loss": "cost.total", "cost.by_reason": "cost.total", "cost.items": "cost.total",
}

// Explained returns the names of all values that can be explained, with * for
// what depends on the plant, such as the id of a reason.
func Explained() []string {
	var names []string
	for _, f := range formulas() {
		names = append(names, f.name)
	}
	return names
}

// find finds a value with its formula.
func (e *Explainer) find(name string) (leaf, formula, error) {
	if f, ok := e.emptyList(name); ok {
		return leaf{name: name, pattern: name}, f, nil
	}
	l, ok := e.values[name]
	if to := instead[name]; to != "" && (!ok || name == "cost" && e.kpi.Cost != nil) {
		l, ok = e.values[to]
	}
	if !ok { // one that these KPIs do not have
		i := slices.IndexFunc(e.all, func(f formula) bool { return f.name == name })
		if i < 0 {
			return l, formula{}, e.unknown(name)
		}
		return leaf{name: name, pattern: name}, e.all[i], nil
	}
	i := slices.IndexFunc(e.all, func(f formula) bool { return f.name == l.pattern })
	if i < 0 {
		return l, formula{}, fmt.Errorf("kpi %.100q: it has no explanation", name)
	}
	return l, e.all[i], nil
}

// emptyList finds a list of that name that has nothing in it.
func (e *Explainer) emptyList(name string) (formula, bool) {
	i := slices.IndexFunc(listFormulas, func(f formula) bool { return f.name == name })
	if i < 0 {
		return formula{}, false
	}
	for n := range e.values {
		if strings.HasPrefix(n, name+".") {
			return formula{}, false
		}
	}
	return listFormulas[i], true
}

// near is how many names an unknown one is answered with.
const near = 6

// unknown is the error for a name that there is none of.
func (e *Explainer) unknown(name string) error {
	names := Explained()
	for n := range e.values {
		names = append(names, n)
	}
	return fmt.Errorf("kpi %.100q: there is none of that name; near are %s", name, strings.Join(nearest(name, names, near), ", "))
}

// nearest returns the n names that are most like one: those that hold it
// first, then by how many letters differ.
func nearest(name string, names []string, n int) []string {
	distance := func(other string) int {
		d := setting.Distance(name, other)
		if strings.Contains(other, name) {
			d -= 1000
		}
		return d
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(distance(a), distance(b)), strings.Compare(a, b)) })
	names = slices.Compact(names)
	return names[:min(n, len(names))]
}
