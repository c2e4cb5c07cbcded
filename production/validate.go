package production

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"andon/plant/setting"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Validate reports every problem of c that shows without the equipment tree.
// The others are for Check.
func (c Config) Validate() setting.Problems {
	var p setting.Problems
	c.validateTimes(&p)
	c.validateStartup(&p)
	c.validateCalendars(&p)
	names := map[string]bool{}
	for i, m := range c.StateMaps {
		p.Under(fmt.Sprintf("state_maps[%d]", i), m.validate(stateWords, stateWish))
		usedOnce(&p, names, fmt.Sprintf("state_maps[%d].name", i), m.Name)
	}
	names = map[string]bool{}
	for i, m := range c.ModeMaps {
		p.Under(fmt.Sprintf("mode_maps[%d]", i), m.validate(modeWords, modeWish))
		usedOnce(&p, names, fmt.Sprintf("mode_maps[%d].name", i), m.Name)
	}
	products := map[string]bool{}
	for i, q := range c.Products {
		at := fmt.Sprintf("products[%d]", i)
		usedOnce(&p, products, at+".name", q.Name)
		p.Under(at, q.validate())
	}
	p.Under("conservation", c.Conservation.validate(products))
	for i, o := range c.Orders {
		p.Under(fmt.Sprintf("orders[%d]", i), o.validate(products))
	}
	for i, s := range c.Changeover.Standards {
		p.Under(fmt.Sprintf("changeover.standards[%d]", i), s.validate(products))
	}
	for i, r := range c.Reasons {
		p.Under(fmt.Sprintf("reasons[%d]", i), r.validate())
	}
	c.validateReasonTree(&p)
	c.validateReview(&p)
	for i, e := range c.Equipment {
		p.Under(fmt.Sprintf("equipment[%d]", i), e.validate(products))
	}
	p.Under("costs", c.Costs.validate())
	c.validateLines(&p)
	c.validateStaff(&p)
	return p
}

func (c Config) validateTimes(p *setting.Problems) {
	if c.MicroStop < 0 || c.MicroStop > time.Hour {
		p.Add("micro_stop", "a time from 0s to 1h, not %s", c.MicroStop)
	}
	validCycles(p, c.MicroStopCycles)
	if c.Quality.Contradictions < 0 {
		p.Add("quality.contradictions", "a number of units, 0 or more")
	}
	if c.Quality.Window < time.Minute || c.Quality.Window > time.Hour {
		p.Add("quality.window", "a time from 1m to 1h, not %s", c.Quality.Window)
	}
	if c.SlowFactor <= 1 || c.SlowFactor > 10 {
		p.Add("slow_factor", "a number above 1, up to 10, not %v", c.SlowFactor)
	}
	if c.SlowWindow < time.Second || c.SlowWindow > time.Hour {
		p.Add("slow_window", "a time from 1s to 1h, not %s", c.SlowWindow)
	}
	if c.StaleAfter < time.Second || c.StaleAfter > time.Hour {
		p.Add("stale_after", "a time from 1s to 1h, not %s", c.StaleAfter)
	}
	if c.MinRun < 0 || c.MinRun > time.Minute {
		p.Add("min_run", "a time from 0s to 1m, not %s", c.MinRun)
	}
	if c.MinState < 0 || c.MinState > time.Minute {
		p.Add("min_state", "a time from 0s to 1m, not %s", c.MinState)
	}
	if c.Horizon < time.Hour || c.Horizon > 31*24*time.Hour {
		p.Add("horizon", "a time from 1h to 744h, not %s", c.Horizon)
	}
	if c.Settle < 0 || c.Settle > 24*time.Hour {
		p.Add("settle", "a time from 0s to 24h, not %s", c.Settle)
	}
	if c.Quiet < time.Second || c.Quiet > time.Hour {
		p.Add("quiet", "a time from 1s to 1h, not %s", c.Quiet)
	}
	if !slices.Contains([]UnknownPolicy{UnknownInfer, UnknownExclude, UnknownAsDown}, c.Unknown) {
		p.Add("unknown", "infer, exclude or as_down, not %q", c.Unknown)
	}
	if c.NoOrder != NoOrderNotScheduled && c.NoOrder != NoOrderLoss {
		p.Add("no_order", "not_scheduled or loss, not %q", c.NoOrder)
	}
	if c.OEEMode != ModeTPM && c.OEEMode != ModeISO22400 {
		p.Add("oee_mode", "tpm or iso22400, not %q", c.OEEMode)
	}
}

func (c Config) validateCalendars(p *setting.Problems) {
	names := map[string]bool{}
	for i, cal := range c.Calendars {
		at := fmt.Sprintf("calendars[%d]", i)
		p.Under(at, cal.Validate())
		usedOnce(p, names, at+".name", cal.Name)
	}
	for i, f := range c.CalendarFor {
		at := fmt.Sprintf("calendar_for[%d]", i)
		glob(p, at+".equipment", f.Equipment)
		if !names[f.Calendar] {
			p.Add(at+".calendar", "the name of a calendar, not %q", f.Calendar)
		}
	}
}

func (q Product) validate() setting.Problems {
	var p setting.Problems
	if q.Name == "" {
		p.Add("name", "a name")
	}
	for i, use := range q.Consumes {
		p.Under(fmt.Sprintf("consumes[%d]", i), use.validate())
	}
	for i, ic := range q.Ideal {
		at := fmt.Sprintf("ideal[%d]", i)
		optionalGlob(&p, at+".equipment", ic.Equipment)
		if ic.Cycle <= 0 || ic.Cycle > 24*time.Hour {
			p.Add(at+".cycle", "a time for one unit above 0s, such as 500ms")
		}
	}
	validCycles(&p, q.MicroStopCycles)
	if !(q.PlannedScrap >= 0 && q.PlannedScrap < 1) {
		p.Add("planned_scrap", "a share of the units produced from 0 to below 1, such as 0.03")
	}
	q.validatePrices(&p)
	return p
}

func (o Order) validate(products map[string]bool) setting.Problems {
	var p setting.Problems
	if o.Order == "" {
		p.Add("order", "a name")
	}
	knownProduct(&p, "product", o.Product, products)
	glob(&p, "line", o.Line)
	if o.Quantity < 0 {
		p.Add("quantity", "0 or more")
	}
	if o.DoneBefore < 0 {
		p.Add("done_before", "0 or more")
	}
	if o.From.IsZero() {
		p.Add("from", "a time such as 2026-03-02T08:00:00Z")
	}
	if !o.Until.IsZero() && !o.Until.After(o.From) {
		p.Add("until", "a time after from")
	}
	return p
}

func (s ChangeoverStandard) validate(products map[string]bool) setting.Problems {
	var p setting.Problems
	optionalGlob(&p, "equipment", s.Equipment)
	if s.From != "" {
		knownProduct(&p, "from", s.From, products)
	}
	if s.To != "" {
		knownProduct(&p, "to", s.To, products)
	}
	if s.Time <= 0 {
		p.Add("time", "a time above 0s")
	}
	return p
}

func (r Reason) validate() setting.Problems {
	var p setting.Problems
	if r.ID == "" {
		p.Add("id", "a name")
	}
	optionalGlob(&p, "equipment", r.Equipment)
	if len(r.Codes) == 0 && len(r.States) == 0 && r.Category == "" && r.Parent == "" {
		p.Add("codes", "at least one code, or else states, a category or a parent")
	}
	for i, s := range r.States {
		if !slices.Contains(stopStates, s) {
			p.Add(fmt.Sprintf("states[%d]", i), "one of %s, not %q", strings.Join(stopStates, ", "), s)
		}
	}
	all := []ReasonCategory{CategoryFault, CategoryChangeover, CategoryPlanned, CategoryStarved,
		CategoryBlocked, CategoryMicro, CategoryOther}
	if !slices.Contains(all, r.Category) && (r.Category != "" || len(r.Codes) > 0 && r.Parent == "") {
		p.Add("category", "one of %v, not %q", all, r.Category)
	}
	return p
}

func (e EquipmentConfig) validate(products map[string]bool) setting.Problems {
	var p setting.Problems
	glob(&p, "equipment", e.Equipment)
	if e.MicroStop < 0 || e.MicroStop > time.Hour {
		p.Add("micro_stop", "a time from 0s to 1h, not %s", e.MicroStop)
	}
	if e.StaleAfter < 0 || e.StaleAfter > time.Hour {
		p.Add("stale_after", "a time up to 1h, not %s", e.StaleAfter)
	}
	for i, x := range e.Units {
		if x.Units < 1 || x.Units > maxCavities {
			p.Add(fmt.Sprintf("units[%d].units", i), "a whole number above 0")
		}
	}
	validCycles(&p, e.MicroStopCycles)
	if e.SlowFactor != 0 && (e.SlowFactor <= 1 || e.SlowFactor > 10) {
		p.Add("slow_factor", "a number above 1, up to 10, not %v", e.SlowFactor)
	}
	if e.SlowWindow < 0 || e.SlowWindow > time.Hour {
		p.Add("slow_window", "a time up to 1h, not %s", e.SlowWindow)
	}
	if e.PulseTimeout < 0 || e.PulseTimeout > 24*time.Hour {
		p.Add("pulse_timeout", "a time up to 24h, not %s", e.PulseTimeout)
	}
	if e.RunningAbove < 0 {
		p.Add("running_above", "a power above 0")
	}
	if e.IdleBelow < 0 || e.IdleBelow > e.RunningAbove {
		p.Add("idle_below", "a power from 0 to running_above, %v", e.RunningAbove)
	}
	if e.MaxRate < 0 {
		p.Add("max_rate", "units per second, 0 or more")
	}
	if e.MaxPower < 0 {
		p.Add("max_power", "kilowatts, 0 or more")
	}
	if e.Suspended != "" && e.Suspended != "starved" && e.Suspended != "blocked" {
		p.Add("suspended", "starved or blocked, not %q", e.Suspended)
	}
	validMoulds(&p, e.Moulds, products)
	if e.Product != "" {
		knownProduct(&p, "product", e.Product, products)
	}
	return p
}

func validCycles(p *setting.Problems, n float64) {
	if n < 0 || n > 1e6 {
		p.Add("micro_stop_cycles", "a number of ideal cycles, 0 or more, not %v", n)
	}
}

func usedOnce(p *setting.Problems, seen map[string]bool, at, name string) {
	if seen[name] {
		p.Add(at, "a name used once, %q is taken", name)
	}
	seen[name] = true
}

func knownProduct(p *setting.Problems, at, name string, products map[string]bool) {
	if !products[name] {
		p.Add(at, "the name of a product, not %q", name)
	}
}

func glob(p *setting.Problems, at, pattern string) {
	if _, err := path.Match(strings.ReplaceAll(pattern, "**", "*"), ""); err != nil || pattern == "" {
		p.Add(at, "a path such as site/area/line/equipment, * and ** allowed, not %q", pattern)
	}
}

func optionalGlob(p *setting.Problems, at, pattern string) {
	if pattern != "" {
		glob(p, at, pattern)
	}
}
