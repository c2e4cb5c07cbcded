package interop_test

import (
	"testing"
	"time"

	"andon/collector/opcua"
	"andon/plant"
)

// The keys of a channel are renewed every second here, while values come and
// others are asked for: in a plant every three quarters of an hour, for years.
func TestNothingIsLostWhileChannelsRenewTheirKeys(t *testing.T) {
	if underRace {
		t.Skip("gopcua is not fit for the race detector here, which race_test.go says")
	}
	t.Parallel()
	s := startServer(t, "keys=2500")
	var rigs []*rig
	var totals []*plant.Tag
	for _, mode := range []string{opcua.ModeSign, opcua.ModeSignAndEncrypt} {
		r := newRig(t, s)
		r.config.Security.Mode = mode
		r.config.Polled = []opcua.Poll{{Tags: "northfield/packing/lineA/A1/Level", Interval: 100 * time.Millisecond}}
		total, level := r.tag("Total", plant.KindInt), r.tag("Level", plant.KindFloat)
		r.start()
		r.last(total)
		r.last(level)
		rigs, totals = append(rigs, r), append(totals, total)
	}
	told := s.do(command{"op": "told", "node": "Total"}).Told
	told = append(told, s.do(command{"op": "count", "node": "Total", "from": 1, "to": 5000, "every": 2}).Told...)
	if got := s.do(command{"op": "counts"}).Keys; got < 2*8 {
		t.Errorf("keys of both channels in ten seconds: got %d, want new ones about every second", got)
	}
	for i, r := range rigs {
		r.compare(totals[i], told)
		if again, lost := r.event("republished"), r.event("lost"); again != 0 || lost != 0 || len(r.reconnects()) != 0 {
			t.Errorf("%s: got %v notifications sent again, %v lost and connections made anew %v, want none", r.config.Security.Mode, again, lost, r.reconnects())
		}
	}
}

// reconnects returns how often the source began anew, by the cause.
func (r *rig) reconnects() map[string]float64 {
	r.t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	counts := map[string]float64{}
	for _, f := range families {
		if f.GetName() != "andon_opcua_reconnects_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			counts[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
		}
	}
	return counts
}
