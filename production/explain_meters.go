package production

import (
	"time"

	"andon/plant"
)

// metering lists what each minute shows.
func metering(of func(Meter) float64) func(*Explainer, *Term) {
	return func(e *Explainer, t *Term) {
		for _, m := range e.in.Facts.Meters {
			if v := of(m); v != 0 && e.window.Contains(m.Minute) {
				t.Meters = append(t.Meters, Metering{Minute: m.Minute, Value: v})
			}
		}
	}
}

func energyUsed(m Meter) float64 { return float64(m.EnergyRun + m.EnergyIdle) }
func energyIdle(m Meter) float64 { return float64(m.EnergyIdle) }
func eStops(m Meter) float64     { return float64(m.EStops) }
func eStopTime(m Meter) float64  { return m.EStopTime.Float() }
func guardRuns(m Meter) float64  { return float64(m.GuardRuns) }
func guardTime(m Meter) float64  { return m.GuardRunTime.Float() }

// summed is the sum of what metering lists of whole milliwatt-hours.
func summed(of func(Meter) float64) func(*Explainer) float64 {
	return func(e *Explainer) float64 {
		t := Term{}
		metering(of)(e, &t)
		sum := 0.0
		for _, m := range t.Meters {
			sum += m.Value
		}
		return sum
	}
}

// lastSafety returns when something safety-relevant happened last, 0 for
// never.
func (e *Explainer) lastSafety() plant.Instant {
	last := e.in.LastSafety
	for _, m := range e.in.Facts.Meters {
		if m.Safety() && e.window.Contains(m.Minute) {
			last = max(last, m.Minute)
		}
	}
	return last
}

func sinceSafety(e *Explainer) float64 {
	if last := e.lastSafety(); last != 0 {
		return Seconds(e.window.To.Sub(last)).Float()
	}
	return 0
}

func safetyEvent(e *Explainer, t *Term) {
	if last := e.lastSafety(); last != 0 {
		t.Rule = "from the minute listed to the end of the window"
		t.Meters = []Metering{{Minute: last, Value: t.Value}}
	}
}

// material returns the one that the KPI's name names.
func (e *Explainer) material() Material {
	for _, m := range e.kpi.Materials {
		if len(e.args) > 0 && m.Tag == e.args[0] {
			return m
		}
	}
	return Material{}
}

func levelRead(e *Explainer, t *Term) {
	if m := e.material(); m.LevelTime != nil {
		t.Meters = []Metering{{Minute: m.LevelTime.Truncate(time.Minute), Tag: m.Tag, Time: m.LevelTime, Value: m.Level.Value}}
	}
}

// levelSince is where run-outs are counted from.
func levelSince(e *Explainer) *plant.Instant { return e.material().LevelTime }

// present returns what the product at the end of the window takes from the
// level.
func (e *Explainer) present() Intake {
	product := ""
	for _, s := range e.in.Facts.Segments {
		if s.From < e.window.To {
			product = s.Product
		}
	}
	for _, t := range e.in.Intakes {
		if t.Tag == e.material().Tag && t.Product == product && t.IdealCycle > 0 {
			return t
		}
	}
	return Intake{}
}

func perUnitNow(e *Explainer) float64 { return e.present().PerUnit }
func cycleNow(e *Explainer) float64   { return Seconds(e.present().IdealCycle).Float() }

func presentIntake(e *Explainer, t *Term) {
	if p := e.present(); p.Tag != "" {
		t.Rule = "of the product at the end of the window"
		t.Products = []Taken{{Product: p.Product, PerUnit: p.PerUnit, IdealCycle: Seconds(p.IdealCycle)}}
	}
}

// takings are what was taken in the last minutes of the window, by product.
func (e *Explainer) takings() []Taken {
	of := e.material()
	last := demonstrated(e.window)
	var out []Taken
	for _, i := range e.in.Intakes {
		if i.Tag != of.Tag {
			continue
		}
		if n := madeOf(e.in.Facts.Counts, i.Product, last); n != 0 {
			out = append(out, Taken{Product: i.Product, PerUnit: i.PerUnit, IdealCycle: Seconds(i.IdealCycle), Units: n, Amount: i.PerUnit * float64(n)})
		}
	}
	return out
}

func takenSum(e *Explainer) float64 {
	sum := 0.0
	for _, t := range e.takings() {
		sum += t.Amount
	}
	return sum
}

func takenOf(e *Explainer, t *Term) { t.Products = e.takings() }
