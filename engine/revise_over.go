package engine

import (
	"context"
	"time"

	"andon/plant"
)

// over returns windows that have settled and have no revision yet, those of
// each place and kind in their order. One into which changes still come waits,
// and so do those after it.
func (v *reviser) over(ctx context.Context, pend pending) ([]*job, error) {
	var jobs []*job
	read := 0
	v.firsts = map[*plant.Equipment]plant.Instant{}
	if len(pend.rows) > 0 { // facts that begin earlier may be among what changed
		clear(v.nothing)
	}
	for _, p := range v.kpis.all {
		end := v.end(p)
		for _, kind := range kinds() {
			of := placeKind{p, kind}
			if v.nothing[of].Contains(end) {
				continue
			}
			delete(v.nothing, of)
			found, err := v.overOf(ctx, pend, of, end)
			if err != nil {
				return nil, err
			}
			for _, j := range found {
				jobs, read = append(jobs, j), read+len(p.equipment())
				if len(jobs) == windowsPerRound || read >= machinesPerRound {
					return jobs, nil
				}
			}
			if len(found) == 0 && len(pend.rows) == 0 && end > 0 {
				v.nothing[of] = v.untilNext(of, end)
			}
		}
	}
	return jobs, nil
}

// A placeKind is the windows of one kind of a place.
type placeKind struct {
	place *place
	kind  string
}

// overOf returns the windows of a place that end by end and have no revision.
func (v *reviser) overOf(ctx context.Context, pend pending, of placeKind, end plant.Instant) ([]*job, error) {
	last, err := v.lastWindow(ctx, of.place, of.kind)
	if err != nil || last >= end {
		return nil, err
	}
	var jobs []*job
	for _, w := range v.kpis.windows(of.place, of.kind, plant.Interval{From: max(last+1, end.Add(-longestPause)), To: end}) {
		if w.From <= last || w.To > end {
			continue
		}
		if len(v.gathered(pend, of.place, w, end.Add(v.settle))) > 0 {
			break
		}
		jobs = append(jobs, &job{place: of.place, kind: of.kind, window: w})
	}
	return jobs, nil
}

// farWindow is how far ahead the end of the next window is looked for.
const farWindow = 24 * time.Hour

// untilNext returns for how long, from end on, no further window of a place is
// over: facts of before end that the records do not have yet come with changed
// time.
func (v *reviser) untilNext(of placeKind, end plant.Instant) plant.Interval {
	until := plant.Interval{From: end, To: end.Add(farWindow)}
	for _, w := range v.kpis.windows(of.place, of.kind, until) {
		if w.To > end {
			until.To = min(until.To, w.To)
		}
	}
	return until
}
