package production_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

const second = plant.Instant(time.Second)

func TestUnknownTimeCountsAsConfigured(t *testing.T) {
	for policy, w := range map[production.UnknownPolicy]want{
		production.UnknownInfer: {"measured_planned_time": 2990, "availability": .709030, "oee_index": .665552},
		production.UnknownAsDown: {"availability": .706667, "effectiveness": .950943, "oee_index": .663333,
			"waterfall>unknown": 10},
		production.UnknownExclude: {"measured_planned_time": 2940, "availability": .704082, "effectiveness": .949758,
			"oee_index": .660204, "waterfall>unknown": 60, "produced_quantity": 3352},
	} {
		cfg := productiontest.Config(productiontest.Start)
		cfg.Unknown = policy
		h := newHall(t, cfg)
		h.hour(productiontest.Start)
		checkKPI(t, h.kpi(productiontest.A1, theHour(productiontest.Start)), w)
	}
}

func TestAvailabilityOfISO22400LeavesOEEAsItIs(t *testing.T) {
	cfg := productiontest.Config(productiontest.Start)
	cfg.OEEMode = production.ModeISO22400
	h := newHall(t, cfg)
	h.hour(productiontest.Start)
	checkKPI(t, h.kpi(productiontest.A1, theHour(productiontest.Start)), want{
		"availability": .695652, "effectiveness": .969231, "oee_index": .665552, "nee_index": .780744})
	cfg.Unknown = production.UnknownAsDown
	h = newHall(t, cfg)
	h.hour(productiontest.Start)
	checkKPI(t, h.kpi(productiontest.A1, theHour(productiontest.Start)), want{"availability": .693333, "oee_index": .663333})
}

func TestShorterMicroStopThresholdMovesTheJamToDowntime(t *testing.T) {
	cfg := productiontest.Config(productiontest.Start)
	cfg.MicroStop = 30 * time.Second
	h := newHall(t, cfg)
	h.hour(productiontest.Start)
	checkKPI(t, h.kpi(productiontest.A1, theHour(productiontest.Start)), want{
		"micro_stop_time": 0, "downtime_by_reason>infeed_jam": 40, "availability": .695652,
		"effectiveness": .969231, "oee_index": .665552, "micro_stops": 0, "stops": 4})
}

func TestTwentyMinutesAroundTheFault(t *testing.T) {
	h := newHall(t, productiontest.Config(productiontest.Start))
	h.hour(productiontest.Start)
	w := plant.Interval{From: productiontest.Start + 1200*second, To: productiontest.Start + 2400*second}
	checkKPI(t, h.kpi(productiontest.A1, w), want{
		"planned_busy_time": 600, "waterfall>fault": 280, "actual_production_time": 320,
		"produced_quantity": 512, "rejected_quantity": 10, "availability": .533333, "standard_time_produced": 256,
		"effectiveness": .8, "quality_ratio": .980469, "oee_index": .418333, "failures": 0})
}

func TestLabellerIsStarvedByTheFiller(t *testing.T) {
	h := newHall(t, productiontest.Config(productiontest.Start))
	h.hour(productiontest.Start)
	k := h.kpi(productiontest.A3, theHour(productiontest.Start))
	checkKPI(t, k, want{
		"planned_busy_time": 3000, "micro_stop_time": 50, "micro_stops": 2, "waterfall>starved": 360,
		"waterfall>fault": 150, "waterfall>setup": 360, "waterfall>unknown": 0, "produced_quantity": 3310,
		"rejected_quantity": 0, "availability": .71, "effectiveness": .934272, "quality_ratio": 1, "oee_index": .663333,
		"downtime_by_culprit>" + productiontest.A1: 360})
	if got, want := len(k.DowntimeByCulprit), 1; got != want {
		t.Errorf("got %d culprits, want %d: %v", got, want, k.DowntimeByCulprit)
	}
}

func TestCapperWithoutSignalsLearnsFromItsNeighbours(t *testing.T) {
	h := newHall(t, productiontest.Config(productiontest.Start))
	h.hour(productiontest.Start)
	checkKPI(t, h.kpi(productiontest.A2, theHour(productiontest.Start)), want{
		"waterfall>starved": 360, "waterfall>blocked": 150, "waterfall>setup": 360, "waterfall>planned": 600,
		"downtime_by_culprit>" + productiontest.A1: 360, "downtime_by_culprit>" + productiontest.A3: 150,
		"produced_quantity": 3310})
}

func TestHourOnTheNightOfSummerTime(t *testing.T) {
	start := plant.At(time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC))
	h := newHall(t, productiontest.Config(start))
	h.hour(start)
	checkKPI(t, h.kpi(productiontest.A1, theHour(start)), want{
		"planned_busy_time": 3000, "waterfall>planned": 600, "produced_quantity": 3352, "good_quantity": 3310,
		"availability": .709030, "effectiveness": .950943, "quality_ratio": .987103, "oee_index": .665552})
	live := h.areas[0].Live(start + productiontest.Hour)[0]
	if got, want := live.Shift.Interval().Duration(), 25200*time.Second; got != want || live.Shift.Name != "Night" {
		t.Errorf("shift %q lasts %v, want Night %v", live.Shift.Name, got, want)
	}
}

// record is all facts and KPIs of a hall, as bytes.
func (h *hall) record(start plant.Instant) []byte {
	h.t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", " ")
	w := plant.Interval{From: start - Hour, To: start + 2*Hour}
	for _, eq := range h.tree.Equipment() {
		for _, a := range h.areas {
			k, ok := a.KPI(eq, theHour(start), "hour")
			if !ok {
				continue
			}
			if err := enc.Encode([]any{eq.Path, a.Facts(eq, w), k}); err != nil {
				h.t.Fatal(err)
			}
		}
	}
	return b.Bytes()
}

const Hour = productiontest.Hour

func TestOrderOfDeliveryDoesNotMatter(t *testing.T) {
	start, end := productiontest.Start, productiontest.Start+Hour
	inOrder := newHall(t, productiontest.Config(start))
	inOrder.hour(start)
	want := inOrder.record(start)

	samples, contacts := productiontest.Northfield(inOrder.tree, start), productiontest.Contacts(start)
	rnd := rand.New(rand.NewPCG(1, 2))
	deliver := map[string]func(*hall){
		"at once": func(h *hall) { h.apply(end, samplesOf(h, samples), contacts) },
		"backwards": func(h *hall) {
			for _, s := range slices.Backward(samplesOf(h, samples)) {
				h.apply(end, []plant.Sample{s}, nil)
			}
			for _, c := range slices.Backward(contacts) {
				h.apply(end, nil, []plant.Contact{c})
			}
		},
		"shuffled and twice": func(h *hall) {
			s := slices.Concat(samplesOf(h, samples), samplesOf(h, samples))
			rnd.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
			for part := range slices.Chunk(s, 97) {
				h.apply(end, part, contacts)
				for _, a := range h.areas {
					a.Drain()
				}
			}
		},
		"with restarts": func(h *hall) {
			s := samplesOf(h, samples)
			rnd.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
			for part := range slices.Chunk(s, len(s)/5) {
				h.apply(end, part, contacts)
				h.restart()
			}
		},
		"in time with restarts": func(h *hall) {
			h.play(start, func(now plant.Instant) {
				if (now-start)%(7*60*second) == 0 {
					h.restart()
				}
			})
		},
	}
	for name, how := range deliver {
		h := newHall(t, productiontest.Config(start))
		how(h)
		h.tick(end)
		if got := h.record(start); !bytes.Equal(got, want) {
			t.Errorf("delivered %s: %s", name, firstDifference(got, want))
		}
	}
}

// samplesOf rebinds samples to the tags of h's tree.
func samplesOf(h *hall, samples []plant.Sample) []plant.Sample {
	out := slices.Clone(samples)
	for i := range out {
		out[i].Tag = h.tree.Tag(out[i].Tag.Path)
	}
	return out
}

func (h *hall) restart() {
	h.t.Helper()
	for i, a := range h.areas {
		a.Drain()
		snap, err := a.Snapshot()
		if err != nil {
			h.t.Fatal(err)
		}
		h.areas[i], err = production.New(productiontest.Config(productiontest.Start), h.tree, h.tree.Areas[i])
		if err != nil {
			h.t.Fatal(err)
		}
		if err := h.areas[i].Restore(snap); err != nil {
			h.t.Fatal(err)
		}
		if again, _ := h.areas[i].Snapshot(); !bytes.Equal(again, snap) {
			h.t.Errorf("snapshot after restore: got %d other bytes, want the %d restored", len(again), len(snap))
		}
	}
}

func firstDifference(got, want []byte) string {
	g, w := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(g), len(w)) {
		if !bytes.Equal(g[i], w[i]) {
			from := max(0, i-12)
			return "got\n" + string(bytes.Join(g[from:i+1], []byte("\n"))) + "\nwant\n" + string(bytes.Join(w[from:i+1], []byte("\n")))
		}
	}
	return "one is longer"
}
