package interop_test

import (
	"slices"
	"testing"
	"time"

	"andon/collector/collectortest"
	"andon/plant"
)

// No subscription is left while andon is stopped, so all that is there is history, which also the next process reads.
func TestWhatChangedWhileAndonWasAwayIsReadFromTheHistory(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	r := newRig(t, s)
	r.config.KeepFor = 0 // a stop leaves no subscription
	r.config.History.ValuesPerSecond = 100_000
	total, plain := r.tag("Total", plant.KindInt), r.tag("Level", plant.KindFloat) // which has no history
	total.Role = plant.RoleTotalCount
	told := s.do(command{"op": "told", "node": "Total"}).Told
	stop := r.start()
	r.last(total)
	r.last(plain)
	r.sink.Wait(t, "a contact", func(k *collectortest.Sink) bool { return len(k.Contacts()) > 0 })
	for i := range 3 {
		stop()
		stopped := plant.At(time.Now())
		told = append(told, s.do(command{"op": "count", "node": "Total", "from": 10_000*i + 1, "to": 10_000*i + 1500, "every": 1}).Told...)
		started := plant.At(time.Now())
		stop = r.start()
		r.wait("what is known", func() bool { return len(r.known()) > i })
		if k := r.known()[i]; k.Equipment != "northfield/packing/lineA/A1" || k.From > stopped || k.To < started {
			t.Errorf("got %+v known, want all from %v to %v", k, stopped, started)
		}
	}
	r.compare(total, told)
	gaps := r.gaps()
	if len(gaps) != 3 || slices.ContainsFunc(gaps, func(g plant.Gap) bool { return g.Cause != plant.GapOutage || g.Tags != 1 }) {
		t.Errorf("got gaps %+v, want three outages of the one tag without history", gaps)
	}
}

func (r *rig) known() (all []plant.Known) {
	for _, b := range r.sink.Batches() {
		all = append(all, b.Known...)
	}
	return all
}

func (r *rig) gaps() (all []plant.Gap) {
	for _, b := range r.sink.Batches() {
		all = append(all, b.Gaps...)
	}
	return all
}
