package rules

import (
	"slices"
	"strings"

	"andon/plant/setting"
)

// A field is one that not every kind of rule has.
type field struct {
	name string
	set  bool
}

func (r Rule) fields() []field {
	return []field{
		{"tag", r.Tag != ""}, {"levels", len(r.Levels) > 0}, {"raise", r.Raise != ""}, {"clear", r.Clear != ""},
		{"when", len(r.When.States) > 0 || r.When.Settle != 0}, {"on_delay", r.OnDelay != 0}, {"off_delay", r.OffDelay != 0},
		{"quality", r.Quality != ""}, {"states", len(r.States) > 0}, {"reason", r.Reason != ""}, {"for", r.For != 0},
		{"center", r.Center != nil}, {"sigma", r.Sigma != 0}, {"spec", r.Spec != Spec{}}, {"tests", len(r.Tests) > 0},
		{"clear_after", r.ClearAfter != 0}, {"rising", r.Rising != 0}, {"ewma", r.EWMA != EWMA{}}, {"cusum", r.CUSUM != CUSUM{}},
		{"capability_over", r.CapabilityOver != 0}, {"gap", r.Gap != 0}, {"limit", r.Limit != ""}, {"within", r.Within != 0},
		{"clear_beyond", r.ClearBeyond != 0}, {"window", r.Window != 0}, {"points", r.Points != 0}, {"jump", r.Jump != 0},
		{"count", r.Count != 0}, {"same_reason", r.SameReason},
		{"source", r.Source != ""}, {"conditions", len(r.Conditions) > 0}, {"place", len(r.Place) > 0},
	}
}

// takes names the fields that a kind has besides those of every rule, and
// says what may have been meant by one that it does not have.
func (k Kind) takes() (names, why string) {
	switch k {
	case KindThreshold:
		return "tag levels raise clear when on_delay off_delay quality", "when.states limits it to states, on_delay is its time"
	case KindState:
		return "states reason for off_delay", "for is its time"
	case KindAbsence:
		return "tag for", "for is its time"
	case KindSPC:
		return "tag levels tests center sigma spec clear_after rising ewma cusum capability_over gap", "its points are judged as they come, clear_after counts them"
	case KindTrend:
		return "tag limit within clear_beyond window points gap jump on_delay off_delay", "limit is what will be passed, within how soon"
	case KindEvent:
		return "source conditions place levels raise", "raise limits the severity; when a condition begins and ends is the server's to say"
	}
	return "states reason count within same_reason off_delay", "it counts how often equipment comes into states within a time"
}

// refuse reports fields that a rule of its kind does not have.
func (r Rule) refuse(p *setting.Problems) {
	if !slices.Contains(Kinds(), r.Kind) {
		return
	}
	names, why := r.Kind.takes()
	for _, f := range r.fields() {
		if f.set && !slices.Contains(strings.Fields(names), f.name) {
			p.Add(f.name, "nothing in a rule of kind %s; %s", r.Kind, why)
		}
	}
}
