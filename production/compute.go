package production

import "andon/plant"

// Compute works out the KPIs of one window. It is a pure function: the same
// input gives the same KPIs, and only facts and definitions matter.
func Compute(in KPIInput) KPI {
	k := KPI{Equipment: in.Equipment, Level: ScopeEquipment, Path: in.Equipment, From: in.counted().From, To: in.counted().To,
		Window: in.Name, OEEMode: in.Mode, UnknownPolicy: in.Unknown, Provisional: in.Now < in.Window.To,
		DowntimeByReason: map[string]Seconds{}, DowntimeByCulprit: map[string]Seconds{}}
	window := in.counted()
	k.Calendar = Seconds(window.Duration())
	k.addTime(in, window)
	k.inspect(&in, window)
	k.addCounts(in, window)
	k.addScrap(in, window)
	k.times()
	k.addMeters(in, window)
	k.failures(in, window)
	k.reliability(in, window)
	k.ratios(in)
	k.rates()
	k.confidence()
	k.addLabour(in, window)
	k.addChangeovers(in, window)
	k.Cost = in.Pricing.cost(in, window)
	return k
}

// counted returns the part of the window up to now.
func (in KPIInput) counted() plant.Interval {
	return plant.Interval{From: in.Window.From, To: max(in.Window.From, min(in.Window.To, in.Now))}
}

// addTime books every segment on its bucket. What no segment covers is
// unknown unless the calendar plans no work then, so that the buckets always
// sum up to the window.
func (k *KPI) addTime(in KPIInput, window plant.Interval) {
	covered := Seconds(0)
	for _, s := range in.Facts.Segments {
		d := Seconds(s.Interval(window.To).Clip(window).Duration())
		if d == 0 {
			continue
		}
		covered += d
		loss := s.Loss
		if loss == LossRun && s.Inferred && in.Unknown == UnknownExclude {
			loss = LossUnknown
		}
		*k.bucket(loss) += d
		if loss == LossRun && s.Unscheduled {
			k.UnscheduledProduction += d
		}
		switch {
		case loss == LossRun && s.Inferred:
			k.InferredRun += d
		case loss >= LossSetup && loss <= LossOther:
			k.DowntimeByReason[s.Reason] += d
			if s.Culprit != "" && (loss == LossStarved || loss == LossBlocked) {
				k.DowntimeByCulprit[s.Culprit] += d
			}
		}
		if first := s.From == s.StopStart && window.Contains(s.From); first && loss == LossMicroStop {
			k.MicroStops++
		} else if first && loss >= LossSetup && loss <= LossOther {
			k.Stops++
		}
	}
	if covered < k.Calendar {
		u := in.uncovered(window)
		k.Waterfall.Planned += u.Planned
		k.Waterfall.NotScheduled += u.NotScheduled
		k.Waterfall.Unknown += u.Unknown
	}
}

// bucket returns the field of the waterfall for a loss; run time stands in
// Times, since counts divide it.
func (k *KPI) bucket(l Loss) *Seconds {
	w := &k.Waterfall
	switch l {
	case LossRun:
		return &k.ActualProduction
	case LossMicroStop:
		return &w.MicroStop
	case LossSetup:
		return &w.Setup
	case LossStarved:
		return &w.Starved
	case LossBlocked:
		return &w.Blocked
	case LossFault:
		return &w.Fault
	case LossSafety:
		return &w.Safety
	case LossOther:
		return &w.Other
	case LossPlanned:
		return &w.Planned
	case LossNotScheduled:
		return &w.NotScheduled
	}
	return &w.Unknown
}

// addCounts adds the counts of the minutes that begin in the window.
func (k *KPI) addCounts(in KPIInput, window plant.Interval) {
	for _, c := range in.Facts.Counts {
		if !window.Contains(c.Minute) {
			continue
		}
		k.Produced += c.Total
		k.Quantities.Good += c.Good
		k.Rejected += c.Reject
		k.Rework += c.Rework
		k.Inferred += c.Inferred
		k.InferredGood += c.InferredGood
		k.Idle += c.Idle
		if c.IdealCycle == 0 {
			k.Unrated += c.Total
		}
		total, good := c.Total, c.Good
		if in.Unknown == UnknownExclude {
			total, good = total-c.Inferred, good-c.InferredGood
		}
		k.StandardProduced += Seconds(c.IdealCycle) * Seconds(total)
		k.StandardGood += Seconds(c.IdealCycle) * Seconds(good)
	}
	k.Scrap = k.Rejected - k.Rework
}

// times completes the time elements and the waterfall.
func (k *KPI) times() {
	w := &k.Waterfall
	w.Good = k.StandardGood
	w.Quality = k.StandardProduced - k.StandardGood
	w.Speed = k.ActualProduction - k.StandardProduced
	k.Downtime = w.Setup + w.Starved + w.Blocked + w.Fault + w.Safety + w.Other
	k.PlannedBusy = k.Calendar - w.Planned - w.NotScheduled
	k.MeasuredPlanned = k.PlannedBusy - w.Unknown
	k.Times.MicroStop = w.MicroStop
	k.ActualUnitSetup = w.Setup
	k.ActualUnitProcessing = k.ActualProduction + w.Setup
	k.ActualUnitDelay = k.Downtime - w.Setup + w.MicroStop
	k.ActualUnitBusy = k.ActualUnitProcessing + k.ActualUnitDelay
}

// failures counts the failures that began in the window, with their whole
// repair time as far as the facts show it. Time in which no work is planned
// counts for neither: a failure that is over before the next shift disturbs
// nobody, one that lasts into it is repaired in working time only.
func (k *KPI) failures(in KPIInput, window plant.Interval) {
	var last plant.Instant // start of the failure that was counted last
	for _, s := range in.Facts.Segments {
		if !s.Failure || !window.Contains(s.StopStart) || s.Loss == LossUnknown || s.Loss == LossNotScheduled {
			continue
		}
		if s.StopStart != last {
			k.Failures, last = k.Failures+1, s.StopStart
		}
		k.Repair += Seconds(s.Interval(in.Now).Duration())
		k.OpenRepair = k.OpenRepair || s.To == 0
	}
	k.MTBF = Over(k.ActualProduction.Float(), float64(k.Failures))
	k.MTTR = Over(k.Repair.Float(), float64(k.Failures))
}

// base returns the time that availability and the OEE index are measured
// against. Where no work was planned there is none, even if units were made.
func (k *KPI) base(policy UnknownPolicy) float64 {
	switch {
	case k.PlannedBusy == k.UnscheduledProduction:
		return 0
	case policy == UnknownAsDown:
		return k.PlannedBusy.Float()
	}
	return k.MeasuredPlanned.Float()
}

// unrated reports whether standard times say nothing: nothing counts units,
// or no product of those that were made has an ideal cycle.
func (k *KPI) unrated(in KPIInput) bool {
	return in.NoCount || k.Produced > 0 && k.Unrated == k.Produced
}

func (k *KPI) ratios(in KPIInput) {
	base := k.base(in.Unknown)
	run, std, good := k.ActualProduction.Float(), k.StandardProduced.Float(), k.StandardGood.Float()
	// Sums of times are made before they are numbers of seconds: a part is
	// never more than the whole then, and the whole is exactly 1.
	effective := run
	if in.Mode == ModeTPM {
		effective = (k.ActualProduction + k.Times.MicroStop).Float()
	}
	k.Availability = Over(effective, base)
	rated := !k.unrated(in)
	if rated && base != 0 {
		k.Effectiveness = Over(std, effective)
		k.EffectivenessOver1 = k.Effectiveness.Value > 1
		k.OEEPartial = Over(std, base)
	}
	if !in.NoQuality {
		k.quality(in)
	}
	if !in.NoQuality && rated {
		k.OEEIndex = Over(good, base)
		k.TEEPIndex = Over(good, k.Calendar.Float())
		k.NEEIndex = Over(k.ActualUnitProcessing.Float()*good, base*run)
	}
	k.TechnicalEfficiency = Over(run, (k.ActualProduction + k.ActualUnitDelay).Float())
	k.SetupRatio = Over(k.ActualUnitSetup.Float(), k.ActualUnitProcessing.Float())
	k.AllocationEfficiency = Over(k.ActualUnitBusy.Float(), k.PlannedBusy.Float())
	k.UtilizationEfficiency = Over(run, k.ActualUnitBusy.Float())
	pbt := k.PlannedBusy.Float()
	k.ScheduleLoading = Over(pbt, k.Calendar.Float())
	k.ConfidenceMeasured = Over((k.MeasuredPlanned - k.InferredRun).Float(), pbt)
	k.ConfidenceWithInferred = Over(k.MeasuredPlanned.Float(), pbt)
}

func (k *KPI) quality(in KPIInput) {
	pq, gq := k.Produced, k.Quantities.Good
	if in.Unknown == UnknownExclude {
		pq, gq = pq-k.Inferred, gq-k.InferredGood
	}
	k.QualityRatio = Over(k.StandardGood.Float(), k.StandardProduced.Float())
	k.QualityRatioUnits = Over(float64(gq), float64(pq))
	produced := float64(k.Produced)
	k.ScrapRatio = Over(float64(k.Scrap), produced)
	k.ReworkRatio = Over(float64(k.Rework), produced)
	k.ScrapToPlanned = Over(float64(k.ScrapOf), k.Planned.Value)
	k.FirstPassYield = Over(float64(k.Quantities.Good), produced)
	k.FinalYield = Over(float64(k.Quantities.Good+k.Rework), produced)
}

func (k *KPI) rates() {
	rates := func(n int64) Rates {
		perHour := func(of Seconds) Ratio { return Over(float64(n)*3600, of.Float()) }
		perMinute := func(of Seconds) Ratio { return Over(float64(n)*60, of.Float()) }
		return Rates{
			PerHourCalendar: perHour(k.Calendar), PerMinuteCalendar: perMinute(k.Calendar),
			PerHourPlanned: perHour(k.PlannedBusy), PerMinutePlanned: perMinute(k.PlannedBusy),
			PerHourRunning: perHour(k.ActualProduction), PerMinuteRunning: perMinute(k.ActualProduction),
			PerHourExecution: perHour(k.ActualUnitBusy),
		}
	}
	k.ThroughputRate, k.GoodRate = rates(k.Produced), rates(k.Quantities.Good)
}
