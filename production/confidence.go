package production

// DataQuality are the parts of the confidence in KPIs.
type DataQuality struct {
	Known    Seconds `json:"known_time"`    // PBT with data
	Inferred Seconds `json:"inferred_time"` // run that only the counter shows
	Unknown  Seconds `json:"unknown_time"`  // the rest of PBT
	// Units is how many units were counted, Contradictory how many of them
	// while the equipment did not run.
	Units         int64 `json:"n"`
	Contradictory int64 `json:"contradictory_quantity"`
	// Uninspected is the run during which nothing is known of the other
	// equipment that tells good units from bad ones.
	Uninspected Seconds `json:"uninspected_time"`
	// Compared are the units that went from one equipment of a line to the
	// next, Unaccounted those of them that only one of the two counted, beyond
	// the tolerance.
	Compared    float64 `json:"compared_quantity"`
	Unaccounted float64 `json:"unaccounted_quantity"`
}

// confidence works out how far data carry the KPIs: the known share of time,
// less the shares of units that cannot be as they were counted, and of run
// time in which nothing told good units from bad ones.
func (k *KPI) confidence() {
	q := &k.DataQuality
	q.Inferred, q.Unknown = k.InferredRun, k.Waterfall.Unknown
	q.Known = k.MeasuredPlanned - k.InferredRun
	q.Units, q.Contradictory = k.Produced, k.Idle
	sound := 1.0
	for _, share := range []Ratio{Over(float64(q.Contradictory), float64(q.Units)), Over(q.Uninspected.Float(), k.ActualProduction.Float()),
		Over(q.Unaccounted, q.Compared)} {
		sound *= 1 - min(1, max(0, share.Value))
	}
	k.Confidence = Over(q.Known.Float()*sound, k.PlannedBusy.Float())
}

// conserve notes what neighbours on a line counted, and what they counted
// otherwise.
func (k *KPI) conserve(all []Conserved) {
	k.Rollup.Neighbours = all
	for _, c := range all {
		most := max(float64(c.Out), c.In)
		k.DataQuality.Compared += most
		k.DataQuality.Unaccounted += most * (1 - c.Confidence)
	}
	k.confidence()
}
