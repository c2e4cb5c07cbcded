package main

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"andon/plant"
)

const labResult = `
{"id":"lab","verb":"count.adjust","target":"northfield/moulding/lineB/B1","user":"Ben","comment":"lab","time":"2026-03-02T11:00:00Z","args":{"from":"2026-03-02T08:00:00Z","to":"2026-03-02T09:00:00Z","scrap":10}}
`

const splitFault = `
{"id":"split","verb":"stop.split","target":"northfield/packing/lineA/A1","user":"Anna","time":"2026-03-02T09:10:00Z","args":{"start":"2026-03-02T08:18:40Z","at":"2026-03-02T08:21:40Z"}}
{"id":"waited","verb":"stop.assign","target":"northfield/packing/lineA/A1","user":"Anna","time":"2026-03-02T09:11:00Z","args":{"start":"2026-03-02T08:21:40Z","reason":"wait_technician"}}
`

func TestTheHourOfNorthfieldUnderOtherRules(t *testing.T) {
	table := readTable(t)
	samples := recordFrom(t, northfieldStart)
	set := func(setting string) string {
		return northfieldConfig(t, "  micro_stop: 120s", "  "+setting+"\n  micro_stop: 120s")
	}
	for name, h := range map[string]hourReplay{
		"unknown time counts as down":         {config: set("unknown: as_down")},
		"unknown time counts as down, ISO":    {config: set("unknown: as_down\n  oee_mode: iso22400")},
		"availability of ISO 22400":           {config: set("oee_mode: iso22400")},
		"the minute without data is left out": {config: set("unknown: exclude")},
		"micro-stops below 30 s":              {config: northfieldConfig(t, "micro_stop: 120s", "micro_stop: 30s")},
		"the lab finds 10 more":               {commands: labResult},
		"the fault is split":                  {commands: whatPeopleDid + splitFault},
		"08:20 to 08:40":                      {from: 20 * time.Minute, to: 40 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			want, ok := table.Variants[name]
			if !ok {
				t.Fatal("the table has no such variant")
			}
			h.samples = samples
			if h.commands != "" {
				h.commands = writeText(t, "commands.ndjson", h.commands)
			}
			r := h.run(t)
			for path, w := range want {
				r.check(path, w)
			}
		})
		delete(table.Variants, name)
	}
	for name := range table.Variants {
		t.Errorf("%s: nothing plays this variant", name)
	}
}

// Split parts cover the fault without a gap, and share its failure.
func TestTheSplitFaultOfNorthfieldIsTwoStops(t *testing.T) {
	r := hourReplay{commands: writeText(t, "commands.ndjson", splitFault)}.run(t)
	var got []string
	for _, s := range r.stops() {
		if s.Equipment == a1 && (s.Reason == "E-204" || s.Reason == "wait_technician") {
			got = append(got, s.name(r.start))
		}
	}
	sameList(t, "parts", got, []string{"18m40s A1 E-204 180", "21m40s A1 wait_technician 180"})
}

// The order of delivery changes nothing that KPIs say, to the byte.
func TestTheHourOfNorthfieldInAnyOrder(t *testing.T) {
	file := recordFrom(t, northfieldStart)
	lines := bytes.SplitAfter(bytes.TrimSpace(readText(t, file)), []byte("\n"))
	for i := range lines {
		lines[i] = append(bytes.TrimSpace(lines[i]), '\n')
	}
	want := readText(t, filepath.Join(hourReplay{samples: file}.run(t).dir, "kpis.json"))
	random := rand.New(rand.NewPCG(8, 9))
	shuffled := func(parts ...[][]byte) [][]byte {
		all := slices.Concat(parts...)
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		return all
	}
	half := len(lines) / 2
	for name, order := range map[string][][]byte{
		"shuffled":                          shuffled(lines),
		"shuffled and twice":                shuffled(lines, lines),
		"the second half first":             slices.Concat(lines[half:], lines[:half]),
		"both halves shuffled, and overlap": slices.Concat(shuffled(lines[half-100:]), shuffled(lines[:half+100])),
	} {
		t.Run(name, func(t *testing.T) {
			r := hourReplay{samples: writeText(t, "hour.ndjson", string(bytes.Join(order, nil)))}.run(t)
			if got := readText(t, filepath.Join(r.dir, "kpis.json")); !bytes.Equal(got, want) {
				t.Errorf("KPIs differ: %s", firstOther(got, want))
			}
		})
	}
}

// firstOther returns the first line that differs.
func firstOther(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got " + g[i] + ", want " + w[i]
		}
	}
	return "one is longer"
}

// On the night in which clocks go forward the night shift has seven hours and
// the hour around the change the same KPIs as any other.
func TestTheHourOfNorthfieldOnTheNightOfSummerTime(t *testing.T) {
	start := time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC)
	const days = "days: [mon, tue, wed, thu, fri], "
	config := northfieldConfig(t,
		days+`from: "06:00", to: "14:00", breaks: [{from: "09:30", to: "09:40"}]`, `days: [mon], from: "06:00", to: "14:00"`,
		days+`from: "22:00", to: "06:00"`, `days: [sat], from: "22:00", to: "06:00", breaks: [{from: "03:00", to: "03:10"}]`,
		"name: moulding\n      zone: Europe/Berlin\n      shifts:", "name: moulding\n      zone: Europe/Berlin\n      shifts:\n"+
			`        - {name: all, days: [sat], from: "21:00", to: "05:00"}`,
		"shift: early, required", "shift: night, required", "2026-03-02T05:00:00Z", "2026-03-28T21:30:00Z", "2026-03-02T08:40:00Z", "2026-03-29T01:10:00Z", "2026-03-02T12:00:00Z", "2026-03-29T04:30:00Z")
	commands := strings.NewReplacer("2026-03-02T08:2", "2026-03-29T00:5", "2026-03-02T08:30", "2026-03-29T01:00", "2026-03-02T08:35", "2026-03-29T01:05").Replace(whatPeopleDid) +
		`{"id":"later","verb":"stop.comment","target":"northfield/packing/lineA/A1","user":"Anna","comment":"after the shift","time":"2026-03-29T05:00:00Z","args":{"start":"2026-03-29T00:48:40Z"}}`
	r := hourReplay{config: config, start: start, commands: writeText(t, "commands.ndjson", commands)}.run(t)
	table := readTable(t)
	for _, path := range []string{a1, "northfield/packing/lineA/A3", lineA} {
		r.check(path, table.KPIs[path])
	}
	table.checkStops(t, r.stops(), start)
	for _, k := range r.kpis {
		var shift struct {
			Path, Window, From, To string
			Length                 float64 `json:"calendar_time"`
		}
		if err := json.Unmarshal(k, &shift); err != nil {
			t.Fatal(err)
		}
		if shift.Path == a1 && shift.Window == "shift" {
			if shift.From != "2026-03-28T21:00:00Z" || shift.To != "2026-03-29T04:00:00Z" || shift.Length != 25200 {
				t.Errorf("night shift: got %+v, want 25200 s from 21:00 to 04:00", shift)
			}
			return
		}
	}
	t.Error("the report has no shift of A1")
}

// Whoever sums up the positive differences of a counter that rolls over loses
// what it counted there: one unit when read every 10 s, ten when read at the
// ends of segments. Here neither is lost.
func TestRejectsOfNorthfieldAreNotLostAtTheRollover(t *testing.T) {
	ends := []time.Duration{0, 600, 640, 1120, 1480, 1800, 2400, 2640, 2760, 3000, 3150, 3450, 3510, 3600}
	lines := jsonLines[truthLine](t, recordFrom(t, northfieldStart))
	for name, x := range map[string]struct {
		read  func(time.Duration) bool
		naive int64
	}{
		"every 10 s":              {func(d time.Duration) bool { return d%(10*time.Second) == 0 }, 41},
		"at the ends of segments": {func(d time.Duration) bool { return slices.Contains(ends, d/time.Second) && d%time.Second == 0 }, 32},
	} {
		t.Run(name, func(t *testing.T) {
			kept := readCounters(lines, x.read)
			if got := naiveRejects(kept); got != x.naive {
				t.Errorf("naive differences: got %d, want %d", got, x.naive)
			}
			var text strings.Builder
			for _, l := range kept {
				if err := json.NewEncoder(&text).Encode(l); err != nil {
					t.Fatal(err)
				}
			}
			hourReplay{samples: writeText(t, "hour.ndjson", text.String())}.run(t).check(a1, figures{"rejected_quantity": json.Number("42"),
				"produced_quantity": json.Number("3352"), "quality_ratio_units": json.Number("0.987470")})
		})
	}
}

// readCounters keeps of the counters of A1 what they show at some seconds of
// the hour, and all other samples.
func readCounters(lines []truthLine, read func(time.Duration) bool) []truthLine {
	var kept []truthLine
	shown := map[string]truthLine{}
	now := plant.At(northfieldStart)
	look := func() {
		for _, tag := range []string{a1 + "/reject", a1 + "/total"} {
			if l := shown[tag]; l.Status == "" && read(now.Sub(plant.At(northfieldStart))) {
				l.Time = now
				kept = append(kept, l)
			}
		}
	}
	for _, l := range lines {
		for ; now < l.Time; now = now.Add(time.Second) {
			look()
		}
		counter := l.Tag == a1+"/reject" || l.Tag == a1+"/total"
		if counter {
			shown[l.Tag] = l
		}
		if !counter || l.Status != "" {
			kept = append(kept, l)
		}
	}
	look()
	return kept
}

// naiveRejects sums up the positive differences of A1's reject counter.
func naiveRejects(lines []truthLine) (sum int64) {
	last := int64(math.MaxInt64)
	for _, l := range lines {
		if n, ok := l.Value.Int(); ok && l.Tag == a1+"/reject" {
			sum += max(0, n-last)
			last = n
		}
	}
	return sum
}
