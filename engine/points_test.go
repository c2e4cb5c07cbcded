package engine

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"andon/engine/recording"
	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

// The series of an equipment's states and minutes.
func minutesOf(area, line, eq string) string {
	return "production,area=" + area + ",equipment=" + eq + ",level=equipment,line=" + line + ",site=northfield"
}

// losses are the fields of a minute that sum up to it.
var losses = []string{"run_s", "micro_s", "setup_s", "starved_s", "blocked_s", "fault_s", "safety_s", "other_s", "unknown_s", "planned_s", "off_s"}

func TestEveryMinuteOfTheHourIsAPointAndTheySumUpToTheHoursOEE(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		area, line, eq string
		oee            float64
	}{{"packing", "lineA", "A1", .665552}, {"moulding", "lineB", "B1", .675000}} {
		got := undisturbed(t, c.area).points[minutesOf(c.area, c.line, c.eq)]
		sum := map[string]float64{}
		for m := at(0, 0); m < at(60, 0); m = m.Add(minute) {
			all := 0.0
			for _, key := range losses {
				v, ok := got[m][key].(float64)
				if !ok {
					t.Fatalf("%s at %s: no %s", c.eq, m, key)
				}
				all += v
			}
			if math.Abs(all-60) > 1e-9 {
				t.Errorf("%s at %s: the parts sum up to %v s, want 60", c.eq, m, all)
			}
			for _, key := range []string{"good_std_s", "mpt_s"} {
				sum[key] += got[m][key].(float64)
			}
			if got[m]["state"] == nil {
				t.Errorf("%s at %s: no state", c.eq, m)
			}
		}
		if oee := sum["good_std_s"] / sum["mpt_s"]; math.Abs(oee-c.oee) > .5e-6 {
			t.Errorf("%s: sums of the minutes give an OEE of %.6f, want %.6f", c.eq, oee, c.oee)
		}
	}
}

func TestTheHoursPointIsTheReplaysKPI(t *testing.T) {
	t.Parallel()
	hour := undisturbed(t, "packing").points["kpi,area=packing,equipment=A1,level=equipment,line=lineA,site=northfield,window=hour"][start]
	tree := Northfield(t)
	records, _ := OpenStore(t)
	report, err := Replay(t.Context(), ReplayOptions{Config: NorthfieldConfig(), Tree: tree, Store: records,
		Samples: recording.New(bytes.NewReader(Recorded(t, productiontest.Northfield(tree, start))), tree)})
	if err != nil {
		t.Fatal(err)
	}
	var k *production.KPI
	for i := range report.KPIs {
		if x := &report.KPIs[i]; x.Equipment == productiontest.A1 && x.Window == "hour" && x.From == start {
			k = x
		}
	}
	if k == nil {
		t.Fatal("the replay has no KPI of A1's hour")
	}
	for key, want := range map[string]any{"oee": k.OEEIndex.Value, "availability": k.Availability.Value, "performance": k.Effectiveness.Value,
		"quality": k.QualityRatio.Value, "known": k.ConfidenceWithInferred.Value, "throughput": k.ThroughputRate.PerHourCalendar.Value,
		"produced": k.Produced, "good": k.Good, "rejected": k.Rejected} {
		if hour[key] != want {
			t.Errorf("%s: got %v, the replay has %v", key, hour[key], want)
		}
	}
}

// one returns what A1 says at a time.
func (s *station) one(tag string, v plant.Value, at plant.Instant) plant.Sample {
	return plant.Sample{Tag: s.tree.Tag(productiontest.A1 + "/" + tag), Value: v, Time: at}
}

// produce lets A1 run from a time on, with a unit a second, told every ten.
func (s *station) produce(from, to plant.Instant) []plant.Sample {
	out := []plant.Sample{s.one("state", plant.Int(6), from)}
	for t := from; t <= to; t += 10e9 {
		out = append(out, s.one("total", plant.Uint(uint64(t-from)/1e9), t))
	}
	return out
}

// stopAt appends a fault of A1 at the end of what it did.
func (s *station) stopAt(samples []plant.Sample, t plant.Instant) []plant.Sample {
	return append(samples, s.one("state", plant.Int(9), t), s.one("stop_reason", plant.Int(204), t))
}

func TestTheEndOfALongRunWritesNoMinuteAgain(t *testing.T) {
	t.Parallel()
	s := newStation(t, "packing")
	end := start.Add(8*60*minute + 30e9)
	msgs := stream(s.stopAt(s.produce(start, end-10e9), end), nil, end)
	n := len(msgs) - 2
	s.feed(msgs[:n], 3000)
	s.r.take(msgs[n:])
	if err := s.r.prepare(false); err != nil || s.r.prepared == nil {
		t.Fatalf("prepare: got %v, %v; want a commit", s.r.prepared, err)
	}
	lines := strings.Split(strings.TrimSpace(string(s.r.prepared.lines)), "\n")
	if len(lines) > 12 {
		t.Errorf("points at the end of eight hours of run: got %d, want a handful:\n%s", len(lines), strings.Join(lines[:12], "\n"))
	}
	for _, r := range s.r.prepared.row.Rewrites {
		if len(r.Counts) > 2 {
			t.Errorf("counts at the end of the run: got %d, want the last minute's", len(r.Counts))
		}
	}
	s.commit(true)
}

func TestMinutesOfALineAddUpToWhatLeftItWhatItShouldHaveMadeAndWhatItLost(t *testing.T) {
	all := undisturbed(t, "packing").points
	minutes := all["production,area=packing,level=line,line=lineA,site=northfield"]
	hour := all["kpi,area=packing,level=line,line=lineA,site=northfield,window=hour"][start]
	sum := map[string]float64{}
	for m := at(0, 0); m < at(60, 0); m = m.Add(minute) {
		for _, key := range []string{"good_std_s", "mpt_s", "target", "cost"} {
			v, ok := minutes[m][key].(float64)
			if !ok {
				t.Fatalf("%s: no %s", m, key)
			}
			sum[key] += v
		}
		sum["good"] += float64(minutes[m]["good"].(int64))
	}
	// Without rework all 42 rejects are scrap: 364.10 of time, 13.66 of units.
	for key, want := range map[string]float64{"good": 3310, "target": 4800, "cost": 377.76, "good_std_s": 1990, "mpt_s": 2990} {
		if math.Abs(sum[key]-want) > 1e-6 {
			t.Errorf("sum of %s: got %v, want %v", key, sum[key], want)
		}
	}
	for key, want := range map[string]any{"good": int64(3310), "cost": 377.76, "mtbf": 2080.0, "mttr": 360.0, "energy_kwh": 24.6} {
		if f, ok := want.(float64); ok && math.Abs(hour[key].(float64)-f) > 1e-6 || !ok && hour[key] != want {
			t.Errorf("%s of the hour: got %v, want %v", key, hour[key], want)
		}
	}
	if a4 := all[minutesOf("packing", "lineA", "A4")][at(5, 0)]; a4["target"] != nil {
		t.Errorf("target of A4, which has no ideal cycle: got %v, want none", a4["target"])
	}
}
