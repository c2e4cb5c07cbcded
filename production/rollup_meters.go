package production

// add adds what can be added of the meters of a part.
func (m *Metered) add(p Metered) {
	m.Energy, m.EnergyNotRunning = m.Energy.plus(p.Energy), m.EnergyNotRunning.plus(p.EnergyNotRunning)
	m.EnergyBasis = append(m.EnergyBasis, p.EnergyBasis...)
	m.CorrectiveTime += p.CorrectiveTime
	m.PreventiveTime += p.PreventiveTime
	m.AcknowledgedRuns += p.AcknowledgedRuns
	m.AcknowledgeTime += p.AcknowledgeTime
	m.EStops += p.EStops
	m.EStopTime += p.EStopTime
	m.GuardRuns += p.GuardRuns
	m.GuardRunTime += p.GuardRunTime
	if p.DaysSince.OK && (!m.DaysSince.OK || p.DaysSince.Value < m.DaysSince.Value) {
		m.DaysSince = p.DaysSince
	}
	m.StartupRejected += p.StartupRejected
	m.StartupQuality += p.StartupQuality
	m.SteadyQuality += p.SteadyQuality
}

// plus adds what exists.
func (r Ratio) plus(s Ratio) Ratio {
	return Ratio{Value: r.Value + s.Value, OK: r.OK || s.OK}
}

// metered works out the ratios of what meters and failures sum up to.
func (k *KPI) metered() {
	if k.Energy.OK {
		k.EnergyPerUnit = Over(k.Energy.Value*1e3, float64(k.Produced))
		k.EnergyPerGood = Over(k.Energy.Value*1e3, float64(k.Quantities.Good))
	}
	k.MTTA = Over(k.AcknowledgeTime.Float(), float64(k.AcknowledgedRuns))
	k.MTBFInterval = NewMTBFInterval(k.ActualProduction.Duration(), k.Failures, mtbfConfidence)
	k.InherentAvailability = Ratio{}
	if k.MTBF.OK {
		k.InherentAvailability = Over(k.MTBF.Value, k.MTBF.Value+k.MTTR.Value)
	}
	k.CorrectiveRatio = Over(k.CorrectiveTime.Float(), k.CorrectiveTime.Float()+k.PreventiveTime.Float())
}
