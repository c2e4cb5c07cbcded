package production

import "slices"

// RollUp returns the KPIs of an area from those of its lines, or of a site
// from those of its areas, over one window: times and quantities are added,
// ratios worked out from the sums. When the parts differ in OEE mode or in
// the policy for unknown time there are no figures, and Rollup.Mixed is set.
func RollUp(scope Scope, path string, parts []KPI) KPI {
	k := KPI{Level: scope, Path: path, Rollup: &Rollup{},
		DowntimeByReason: map[string]Seconds{}, DowntimeByCulprit: map[string]Seconds{}}
	parts = slices.DeleteFunc(slices.Clone(parts), func(p KPI) bool { return p.OEEMode == "" })
	for i, p := range parts {
		if i == 0 {
			k.From, k.To, k.Window, k.OEEMode, k.UnknownPolicy = p.From, p.To, p.Window, p.OEEMode, p.UnknownPolicy
		}
		k.From, k.To = min(k.From, p.From), max(k.To, p.To)
		k.Provisional = k.Provisional || p.Provisional
		mixed := p.OEEMode != k.OEEMode || p.UnknownPolicy != k.UnknownPolicy
		k.Rollup.Mixed = k.Rollup.Mixed || mixed || p.Rollup != nil && p.Rollup.Mixed
	}
	if k.Rollup.Mixed {
		return k
	}
	noQuality := false
	for _, p := range parts {
		k.add(p)
		noQuality = noQuality || p.OEEPartial.OK && !p.OEEIndex.OK
		k.Rollup.offer(p.Path, p.OEEIndex)
	}
	k.ratios(KPIInput{Mode: k.OEEMode, Unknown: k.UnknownPolicy, NoQuality: noQuality})
	k.rates()
	k.MTBF = Over(k.ActualProduction.Float(), float64(k.Failures))
	k.MTTR = Over(k.Repair.Float(), float64(k.Failures))
	k.metered()
	k.labour()
	k.confidence()
	k.Rollup.Shares = sortShares(k.Rollup.Shares)
	return k
}

// add adds what can be added.
func (k *KPI) add(p KPI) {
	k.Times.add(p.Times)
	k.Quantities.add(p.Quantities)
	k.PlannedScrap.add(p.PlannedScrap)
	k.Waterfall.add(p.Waterfall)
	k.Metered.add(p.Metered)
	k.Labour.add(p.Labour)
	k.DataQuality.Uninspected += p.DataQuality.Uninspected
	k.DataQuality.Compared += p.DataQuality.Compared
	k.DataQuality.Unaccounted += p.DataQuality.Unaccounted
	k.Stops += p.Stops
	k.MicroStops += p.MicroStops
	k.Failures += p.Failures
	k.Repair += p.Repair
	k.OpenRepair = k.OpenRepair || p.OpenRepair
	k.Changeovers += p.Changeovers
	k.ChangeoverStandard += p.ChangeoverStandard
	k.ChangeoverOver += p.ChangeoverOver
	k.Cost = k.Cost.merge(p.Cost)
	for reason, d := range p.DowntimeByReason {
		k.DowntimeByReason[reason] += d
	}
	for culprit, d := range p.DowntimeByCulprit {
		k.DowntimeByCulprit[culprit] += d
	}
	if p.Rollup != nil {
		t := shareTable{list: k.Rollup.Shares, priced: k.Cost != nil}
		t.merge(p.Rollup.Shares)
		k.Rollup.Shares = t.list
		k.Rollup.Neighbours = append(k.Rollup.Neighbours, p.Rollup.Neighbours...)
	}
}

func (t *shareTable) merge(list []LossShare) {
	for _, s := range list {
		to := t.at(s.Cause, s.Culprit)
		to.Time += s.Time
		for loss, d := range s.Losses {
			to.Losses[loss] += d
		}
		if s.Cost == nil {
			continue
		}
		if to.Cost == nil {
			to.Cost = new(Money)
		}
		*to.Cost += *s.Cost
	}
}

func (t *Times) add(u Times) {
	t.Calendar += u.Calendar
	t.PlannedBusy += u.PlannedBusy
	t.MeasuredPlanned += u.MeasuredPlanned
	t.ActualProduction += u.ActualProduction
	t.InferredRun += u.InferredRun
	t.UnscheduledProduction += u.UnscheduledProduction
	t.MicroStop += u.MicroStop
	t.ActualUnitSetup += u.ActualUnitSetup
	t.ActualUnitProcessing += u.ActualUnitProcessing
	t.ActualUnitDelay += u.ActualUnitDelay
	t.ActualUnitBusy += u.ActualUnitBusy
	t.Downtime += u.Downtime
	t.StandardProduced += u.StandardProduced
	t.StandardGood += u.StandardGood
}

func (q *Quantities) add(r Quantities) {
	q.Produced += r.Produced
	q.Good += r.Good
	q.Rejected += r.Rejected
	q.Scrap += r.Scrap
	q.Rework += r.Rework
	q.Inferred += r.Inferred
	q.InferredGood += r.InferredGood
	q.Idle += r.Idle
	q.Unrated += r.Unrated
}

func (w *Waterfall) add(v Waterfall) {
	w.Good += v.Good
	w.Quality += v.Quality
	w.Speed += v.Speed
	w.MicroStop += v.MicroStop
	w.Setup += v.Setup
	w.Starved += v.Starved
	w.Blocked += v.Blocked
	w.Fault += v.Fault
	w.Safety += v.Safety
	w.Other += v.Other
	w.Unknown += v.Unknown
	w.Planned += v.Planned
	w.NotScheduled += v.NotScheduled
}
