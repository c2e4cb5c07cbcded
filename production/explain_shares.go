package production

import "strconv"

// share returns the loss that the KPI's name numbers.
func (e *Explainer) share() LossShare {
	if r := e.kpi.Rollup; r != nil && len(e.args) > 0 {
		if i, err := strconv.Atoi(e.args[0]); err == nil && i < len(r.Shares) {
			return r.Shares[i]
		}
	}
	return LossShare{}
}

func (s LossShare) is(cause Cause, culprit string) bool {
	return s.Cause == cause && s.Culprit == culprit
}

// shareTime is the formula of the time of a share.
func shareTime(e *Explainer) string {
	switch s := e.share(); {
	case e.rolled:
		return "share_time"
	case s.is(CauseEquipment, e.in.Equipment):
		return "stopped_time + speed_loss + constraint_quality_loss"
	case s.is(CauseDownstream, ""):
		return "quality_loss - constraint_quality_loss"
	case s.is(CauseUnknown, ""):
		return "unknown_time"
	}
	return "stopped_time"
}

// shareLoss is the formula of one bucket of a share.
func shareLoss(e *Explainer) string {
	switch s := e.share(); {
	case e.rolled:
		return "share_loss"
	case e.args[1] == costSpeed:
		return "speed_loss"
	case e.args[1] == costQuality && s.Cause == CauseDownstream:
		return "quality_loss - constraint_quality_loss"
	case e.args[1] == costQuality:
		return "constraint_quality_loss"
	case e.args[1] == LossUnknown.String():
		return "unknown_time"
	}
	return "stopped_time"
}

// shareCost is the formula of what a share cost.
func shareCost(e *Explainer) string {
	switch s := e.share(); {
	case e.rolled:
		return "share_cost"
	case s.is(CauseEquipment, e.in.Equipment):
		return "share_items - (quality_cost - constraint_quality_cost)"
	case s.is(CauseDownstream, ""):
		return "share_items + (quality_cost - constraint_quality_cost)"
	}
	return "share_items"
}

// isShared reports whether a stop is part of the share, and of the bucket
// when the name has one.
func isShared(e *Explainer, s located) bool {
	if s.seg.Loss <= LossRun || s.seg.Loss >= LossUnknown {
		return false
	}
	loss := s.seg.Loss.String()
	return e.share().is(causeOf(loss, s.seg.Culprit, e.in.Equipment)) && (len(e.args) < 2 || e.args[1] == loss)
}

func stoppedTime(e *Explainer) float64 {
	var sum Seconds
	for _, s := range e.spans {
		if isShared(e, s) {
			sum += s.Seconds
		}
	}
	return sum.Float()
}

func isSharedCost(e *Explainer, c Priced) bool {
	return e.share().is(causeOf(c.Loss, c.Culprit, e.in.Equipment))
}

func sharedCost(e *Explainer) float64 {
	var sum Money
	for _, c := range e.costs() {
		if isSharedCost(e, c) {
			sum += c.Amount
		}
	}
	return sum.Float()
}

func constraintQuality(e *Explainer) float64 { return e.own.Waterfall.Quality.Float() }

// qualityCost is what quality cost the line, or its constraint alone.
func qualityCost(of func(*Explainer) *KPI) func(*Explainer) float64 {
	return func(e *Explainer) float64 {
		if k := of(e); k.Cost != nil {
			return k.Cost.ByLoss[costQuality].Float()
		}
		return 0
	}
}

func lineOf(e *Explainer) *KPI       { return &e.kpi }
func constraintOf(e *Explainer) *KPI { return &e.own }

// memberShare finds the share in a member.
func memberShare(field string, value func(e *Explainer, s LossShare) Ratio) func(*Explainer, *KPI) (string, Ratio) {
	return func(e *Explainer, k *KPI) (string, Ratio) {
		if k.Rollup != nil {
			for i, s := range k.Rollup.Shares {
				if s.is(e.share().Cause, e.share().Culprit) {
					return "rollup.loss_by_culprit." + strconv.Itoa(i) + "." + fill(field, e.args[1:]), value(e, s)
				}
			}
		}
		return "", Ratio{}
	}
}

func shareTimeOf(_ *Explainer, s LossShare) Ratio { return Ratio{s.Time.Float(), true} }

func shareLossOf(e *Explainer, s LossShare) Ratio {
	d, ok := s.Losses[e.args[1]]
	return Ratio{d.Float(), ok}
}

func shareCostOf(_ *Explainer, s LossShare) Ratio {
	if s.Cost == nil {
		return Ratio{}
	}
	return Ratio{s.Cost.Float(), true}
}

// memberOEE is the OEE index of a member that may be the worst: of a line's
// equipment, that which has an ideal cycle.
func memberOEE(e *Explainer, k *KPI) (string, Ratio) {
	if line := e.subject.Line; e.kpi.Level == ScopeLine && line != nil {
		for _, eq := range line.Equipment {
			if p := newPlan(e.subject.Config, eq, ""); eq.Path == k.Path && p.fastest() == 0 {
				return "", Ratio{}
			}
		}
	}
	return "oee_index", k.OEEIndex
}
