package main

import (
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const northfield = "../../configs/northfield/andon.yaml"

// recordHour writes the scripted hour of Northfield as a collector would
// have seen it.
func recordHour(t *testing.T, name string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	out, err := exec.Command(program(t, "plantsim"), "record", "--scenario", "hour", "--start", "2026-03-02T08:00:00Z", "--out", file).CombinedOutput()
	if err != nil {
		t.Fatalf("record: %v\n%s", err, out)
	}
	return file
}

func replayInto(t *testing.T, samples string, more ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "report")
	var out, errs strings.Builder
	args := append([]string{"replay", "-c", northfield, "--samples", samples, "--out", dir}, more...)
	if err := run(t.Context(), args, &out, &errs); err != nil {
		t.Fatalf("replay: %v\n%s", err, errs.String())
	}
	return dir
}

func readJSON[T any](t *testing.T, file string) T {
	t.Helper()
	var v T
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return v
}

// The values of the scripted hour, worked out by hand from its script.
func TestReplayOfTheScriptedHourGivesItsKPIs(t *testing.T) {
	dir := replayInto(t, recordHour(t, "hour.ndjson.gz"), "--from", "2026-03-02T08:00:00Z", "--to", "2026-03-02T09:00:00Z")
	want := map[string]map[string]float64{
		"northfield/packing/lineA/A1": {"oee_index": .665552, "availability": .709030, "effectiveness": .950943, "quality_ratio": .987103,
			"quality_ratio_units": .987470, "planned_busy_time": 3000, "measured_planned_time": 2990, "actual_production_time": 2080,
			"inferred_run_time": 50, "micro_stop_time": 40, "produced_quantity": 3352, "good_quantity": 3310, "rejected_quantity": 42,
			"standard_time_produced": 2016, "standard_time_good": 1990, "failures": 1, "mean_time_between_failures": 2080,
			"mean_time_to_repair": 360, "downtime": 870},
		"northfield/moulding/lineB/B1": {"oee_index": .675, "availability": .75, "effectiveness": .946667, "quality_ratio": .950704,
			"planned_busy_time": 3600, "measured_planned_time": 3600, "actual_production_time": 2700, "micro_stop_time": 0,
			"produced_quantity": 852, "good_quantity": 810, "rejected_quantity": 42, "standard_time_produced": 2556,
			"standard_time_good": 2430, "failures": 2, "mean_time_between_failures": 1350, "mean_time_to_repair": 210, "downtime": 900},
	}
	reasons := map[string]map[string]float64{
		"northfield/packing/lineA/A1":  {"E-204": 360, "changeover": 360, "blocked": 150},
		"northfield/moulding/lineB/B1": {"e-stop": 240, "E-310": 420, "resin_empty": 240},
	}
	checked := 0
	for _, k := range readJSON[[]map[string]any](t, filepath.Join(dir, "kpis.json")) {
		eq, window := k["path"].(string), k["window"].(string)
		if want[eq] == nil || window == "shift" {
			continue
		}
		checked++
		for name, w := range want[eq] {
			if got, ok := k[name].(float64); !ok || math.Abs(got-w) > 5e-7 {
				t.Errorf("%s %s %s: got %v, want %v", eq, window, name, k[name], w)
			}
		}
		got := k["downtime_by_reason"].(map[string]any)
		for id, w := range reasons[eq] {
			if got[id] != w {
				t.Errorf("%s %s downtime of %s: got %v s, want %v s", eq, window, id, got[id], w)
			}
		}
		if len(got) != len(reasons[eq]) {
			t.Errorf("%s %s downtime by reason: got %v, want %v", eq, window, got, reasons[eq])
		}
	}
	if checked != 4 { // hour and range of both
		t.Errorf("checked %d windows, want 4", checked)
	}
}

func TestReplayOfTheScriptedHourGivesItsStops(t *testing.T) {
	dir := replayInto(t, recordHour(t, "hour.ndjson"))
	want := map[string]string{
		"A1 08:10:00": "40 infeed_jam micro", "A1 08:18:40": "360 E-204", "A1 08:30:00": "600 break planned",
		"A1 08:40:00": "360 changeover", "A1 08:50:00": "150 blocked",
		"B1 08:12:00": "240 e-stop", "B1 08:28:00": "300 E-310", "B1 08:41:00": "240 resin_empty", "B1 08:53:00": "120 E-310",
	}
	type stop struct {
		Equipment, From, Reason, Culprit string
		Duration                         float64
		Micro, Planned                   bool
	}
	got := 0
	for _, s := range readJSON[[]stop](t, filepath.Join(dir, "stops.json")) {
		name := s.Equipment[strings.LastIndex(s.Equipment, "/")+1:]
		if name != "A1" && name != "B1" {
			continue
		}
		got++
		text := jsonNumber(s.Duration) + " " + s.Reason + map[bool]string{true: " micro"}[s.Micro] + map[bool]string{true: " planned"}[s.Planned]
		at := name + " " + s.From[11:19]
		if want[at] != text {
			t.Errorf("stop at %s: got %q, want %q", at, text, want[at])
		}
		if s.Reason == "blocked" && !strings.HasSuffix(s.Culprit, "/A3") {
			t.Errorf("stop at %s: blocked by %q, want A3", at, s.Culprit)
		}
	}
	if got != len(want) {
		t.Errorf("got %d stops of A1 and B1, want %d", got, len(want))
	}
}

func jsonNumber(f float64) string {
	b, err := json.Marshal(f)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func TestTheSameRecordingGivesTheSameReportByteForByte(t *testing.T) {
	samples := recordHour(t, "hour.ndjson.gz")
	first, second := replayInto(t, samples), replayInto(t, samples)
	for _, name := range []string{"stops.json", "kpis.json", "alarms.json"} {
		a, errA := os.ReadFile(filepath.Join(first, name))
		b, errB := os.ReadFile(filepath.Join(second, name))
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Errorf("%s: two replays differ (%v, %v)", name, errA, errB)
		}
	}
}

func TestReplayRefusesWhatItCannotRead(t *testing.T) {
	f := func(name, samples, want string, more ...string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "samples.ndjson")
		if err := os.WriteFile(file, []byte(samples), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs strings.Builder
		err := run(t.Context(), append([]string{"replay", "-c", northfield, "--samples", file, "--out", t.TempDir()}, more...), &out, &errs)
		if err == nil || !strings.Contains(errs.String(), want) {
			t.Errorf("%s: got %q, want it to say %q", name, errs.String(), want)
		}
	}
	good := `{"tag":"northfield/packing/lineA/A1/state","ts":"2026-03-02T08:00:00Z","value":6}` + "\n"
	f("not JSON", good+"hello\n", "line 2: want a sample as JSON")
	f("no time", `{"tag":"northfield/packing/lineA/A1/state","value":6}`, "line 1: ts: want a time")
	f("a tag that is no path", `{"tag":"A1/state","ts":"2026-03-02T08:00:00Z","value":6}`, "want site/area/line/equipment/tag")
	f("an unknown status", `{"tag":"northfield/packing/lineA/A1/state","ts":"2026-03-02T08:00:00Z","value":6,"status":"so-so"}`, "want good, uncertain, bad")
	f("a range without end", good, "--to: want a time", "--from", "2026-03-02T08:00:00Z")
	f("nothing", "", "the recording is empty")
	f("nothing but blank lines", "\n\n", "the recording is empty")
	f("another plant's samples", strings.Replace(good, "northfield", "osnabrueck", 1), "no sample can be used")
	f("a range that is empty", good, "--to: want a time after --from", "--from", "2026-03-02T08:00:00Z", "--to", "2026-03-02T08:00:00Z")
}

func TestReplayTellsWhatItDidNotUse(t *testing.T) {
	samples := func(lines ...string) string {
		t.Helper()
		file := filepath.Join(t.TempDir(), "samples.ndjson")
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	line := func(tag, minute, value string) string {
		return `{"tag":"` + tag + `","ts":"2026-03-02T08:` + minute + `:00Z","value":` + value + `}`
	}
	const a1 = "northfield/packing/lineA/A1/"
	var out, errs strings.Builder
	err := run(t.Context(), []string{"replay", "-c", northfield, "--out", t.TempDir(), "--samples", samples(
		line(a1+"state", "10", "6"), line(a1+"torque", "10", "1"), line("osnabrueck/packing/lineA/A1/state", "10", "6"),
		line(a1+"total", "11", `"many"`), line(a1+"total", "12", "5"), line(a1+"state", "11", "11"),
		strings.Replace(line(a1+"state", "10", "6"), "03-02", "02-02", 1))}, &out, &errs)
	if err != nil || !strings.HasPrefix(out.String(), "3 samples from 2026-03-02T08:10:00Z to 2026-03-02T08:12:00Z") {
		t.Errorf("got %q, %v; want a report of three samples", out.String(), err)
	}
	for _, want := range []string{"2 samples of tags that the plant does not have, such as " + a1 + "torque, osnabrueck/packing/lineA/A1/state: not used\n",
		"1 sample with a value that does not fit the type of the tag, such as " + a1 + "total: taken as bad\n",
		"2 samples out of order: alarms follow the order of the file; sort it by ts\n",
		"1 sample later than production's horizon of 26h0m0s: not used\n"} {
		if !strings.Contains(errs.String(), want) {
			t.Errorf("got %q, want %q", errs.String(), want)
		}
	}
}

func TestACompressedRecordingThatIsCutOffSaysSo(t *testing.T) {
	whole, err := os.ReadFile(recordHour(t, "hour.ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	for size, want := range map[int]string{len(whole) / 2: "unexpected end: the file is cut off", 5: "unexpected end: the file is cut off", 0: "the file is empty"} {
		file := filepath.Join(t.TempDir(), "hour.ndjson.gz")
		if err := os.WriteFile(file, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs strings.Builder
		err := run(t.Context(), []string{"replay", "-c", northfield, "--samples", file, "--out", t.TempDir()}, &out, &errs)
		if err == nil || !strings.Contains(errs.String(), want) {
			t.Errorf("%d bytes: got %q, want %q", size, errs.String(), want)
		}
	}
}

// Who is called in the scripted hour, by fault and emergency stop, and that
// nobody is called to what is over when their turn comes: the fault at
// 08:28:00 lasts exactly the five minutes after which the second would be.
func TestReplayOfTheScriptedHourCallsWhoIsNeeded(t *testing.T) {
	dir := replayInto(t, recordHour(t, "hour.ndjson"))
	type record struct {
		Rule, Equipment string
		Messages        []struct{ Kind, To, Time string }
	}
	var got []string
	for _, a := range readJSON[[]record](t, filepath.Join(dir, "alarms.json")) {
		for _, m := range a.Messages {
			if m.Kind != "resolved" {
				got = append(got, m.Time[11:19]+" "+m.Kind+" "+m.To+" "+a.Rule+" "+a.Equipment[strings.LastIndex(a.Equipment, "/")+1:])
			}
		}
	}
	for _, want := range []string{"08:12:00 raised maintenance emergency-stop B1", "08:18:40 raised maintenance fault A1",
		"08:23:00 raised maintenance resin-low B1", "08:23:40 escalated shift_lead fault A1", "08:28:00 raised maintenance fault B1", "08:48:10 raised maintenance guard-open-while-running B1",
		"08:47:00 raised maintenance part-weight B1", "08:50:00 raised maintenance gearbox-heating A1", "08:52:00 raised maintenance part-weight B1", "08:52:40 raised maintenance vibration A1", "08:53:00 raised maintenance fault B1",
		"08:53:00 raised maintenance chronic-fault B1",
		"08:55:10 raised maintenance vibration A1", "08:57:45 raised maintenance no-data A1", "08:59:44 raised maintenance tank-low A1",
		"09:00:00 raised maintenance gearbox-hot A1"} {
		if !slices.Contains(got, want) {
			t.Errorf("want %q among\n%s", want, strings.Join(got, "\n"))
		}
	}
	escalated := slices.DeleteFunc(slices.Clone(got), func(s string) bool { return !strings.Contains(s, "escalated shift_lead fault") })
	if len(escalated) != 1 {
		t.Errorf("escalated faults: got %q, want that of A1 alone", escalated)
	}
}
