package production

import "andon/plant"

// findInspectors notes which other equipment tells the good units of each
// from the bad ones, such as a camera further down the line. While nothing is
// known of that equipment, nothing is known of the quality either.
func (a *Area) findInspectors() {
	for _, u := range a.units {
		tag := u.counters[cntReject].tag
		if tag == nil {
			tag = u.counters[cntGood].tag
		}
		if tag == nil || tag.Equipment == u.eq {
			continue
		}
		u.inspector = a.of[tag.Equipment]
	}
}

// Uninspected returns when, within w, nothing is known of equipment with
// these segments.
func Uninspected(segments []Segment, w plant.Interval) []plant.Interval {
	var out []plant.Interval
	add := func(v plant.Interval) {
		if v = v.Clip(w); v.From >= v.To {
			return
		}
		if n := len(out); n > 0 && out[n-1].To == v.From {
			out[n-1].To = v.To
			return
		}
		out = append(out, v)
	}
	at := w.From
	for _, s := range segments {
		v := s.Interval(w.To)
		if v.To <= at {
			continue
		}
		add(plant.Interval{From: at, To: v.From})
		if s.State == plant.StateUnknown {
			add(v)
		}
		at = v.To
	}
	add(plant.Interval{From: at, To: w.To})
	return out
}

// inspect works out how much of the run time nobody saw the quality of. When
// that is all of it, quality is not known.
func (k *KPI) inspect(in *KPIInput, window plant.Interval) {
	for _, s := range in.Facts.Segments {
		if s.Loss != LossRun || s.Inferred && in.Unknown == UnknownExclude {
			continue
		}
		for _, v := range in.Uninspected {
			k.DataQuality.Uninspected += Seconds(s.Interval(window.To).Clip(window).Clip(v).Duration())
		}
	}
	in.NoQuality = in.NoQuality || k.ActualProduction > 0 && k.DataQuality.Uninspected == k.ActualProduction
}
