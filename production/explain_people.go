package production

import "andon/plant"

// staffed returns the heads of each crew in the window.
func (e *Explainer) staffed(heads func(Crew) float64) []Staffed {
	var out []Staffed
	for _, c := range e.in.Crews {
		if v := c.Clip(e.window); v.Duration() > 0 {
			out = append(out, personTime(v, heads(c), ""))
		}
	}
	return out
}

func personTime(v plant.Interval, heads float64, loss string) Staffed {
	return Staffed{From: v.From, To: v.To, Heads: heads, Loss: loss, Person: heads * Seconds(v.Duration()).Float()}
}

// peopled returns the heads present while the equipment's time is booked on
// some buckets.
func (e *Explainer) peopled(booked ...Loss) []Staffed {
	var out []Staffed
	next := e.in.Crews
	for _, s := range e.in.Facts.Segments {
		v := s.Interval(e.window.To).Clip(e.window)
		for len(next) > 0 && next[0].To <= v.From {
			next = next[1:]
		}
		for _, c := range next {
			both := c.Clip(v)
			if both.Duration() <= 0 {
				break
			}
			for _, loss := range booked {
				if e.in.booked(s) == loss {
					out = append(out, personTime(both, c.Present, loss.String()))
				}
			}
		}
	}
	return out
}

func headsPresent(c Crew) float64  { return c.Present }
func headsRequired(c Crew) float64 { return c.Required }

func presentCrews(e *Explainer) []Staffed  { return e.staffed(headsPresent) }
func requiredCrews(e *Explainer) []Staffed { return e.staffed(headsRequired) }
func workingCrews(e *Explainer) []Staffed  { return e.peopled(LossRun, LossSetup) }
func plannedCrews(e *Explainer) []Staffed  { return e.peopled(LossPlanned, LossNotScheduled) }

// crewTime is a term that sums up time of people.
func crewTime(of func(*Explainer) []Staffed) term {
	return term{unit: "person-s",
		value: func(e *Explainer) float64 {
			sum := 0.0
			for _, c := range of(e) {
				sum += c.Person
			}
			return sum
		},
		detail: func(e *Explainer, t *Term) { t.Crews = of(e) }}
}

// machines reports whether the people of a line are those at its machines.
func (e *Explainer) machines() bool {
	return e.kpi.Level == ScopeLine && len(e.staffed(headsPresent)) == 0
}

// byCrew returns a formula that holds where crews are known, which is not so
// of roll-ups and of lines whose people are those of the machines.
func byCrew(text, otherwise string) func(*Explainer) string {
	return func(e *Explainer) string {
		if e.rolled || e.machines() {
			return otherwise
		}
		return text
	}
}

// labourMade lists the good units made where people work.
func labourMade(e *Explainer, t *Term) {
	if e.kpi.LabourHours.OK {
		countedBy(unitsGood)(e, t)
	}
}
