package scenario_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"andon/cmd/plantsim/internal/scenario"
	"andon/cmd/plantsim/scenarios"
)

func hour(t testing.TB) string {
	t.Helper()
	b, err := fs.ReadFile(scenarios.Files, "hour.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestScenariosThatComeWithPlantsimAreGood(t *testing.T) {
	names := scenario.Names(scenarios.Files)
	if got, want := strings.Join(names, " "), "hour showcase"; got != want {
		t.Errorf("got scenarios %s, want %s", got, want)
	}
	for _, name := range names {
		if s, err := scenario.Load(scenarios.Files, name); err != nil || s.Name != name {
			t.Errorf("%s: got %v, %v", name, s, err)
		}
	}
}

// Each case spoils the hour in one place; the error must say where and what
// is wanted.
func TestMistakesAreNamedWithFileAndLine(t *testing.T) {
	good := hour(t)
	f := func(old, spoiled, want string) {
		t.Helper()
		if !strings.Contains(good, old) {
			t.Fatalf("the hour does not contain %q", old)
		}
		_, err := scenario.Parse("mine.yaml", []byte(strings.Replace(good, old, spoiled, 1)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", spoiled, err, want)
		}
	}
	f("for: 40s, state: 11", "foo: 40s, state: 11", `mine.yaml:17: unknown field "foo"`)
	f("for: 40s, state: 11", "for: 40, state: 11", `mine.yaml:17: for: want a duration such as 10s or 2m30s, not "40"`)
	f("for: 40s, state: 11", "for: 41s, state: 11", "want durations that sum up to the length 1h0m0s, not 1h0m1s")
	f("for: 40s, state: 11", "for: 40s, for: 40s, state: 11", "mine.yaml:17: mapping key \"for\" already defined")
	f("for: 40s, state: 11", "for: 40s, state: HELD", "mine.yaml:17: equipment.A1.segments[1].state: want a state that A1 has")
	f("reason: 110", "reason: jam", "mine.yaml:17: equipment.A1.segments[1].reason: want a reason that A1 has")
	f("cycle: 0.5s", "cycle: 1ms", "mine.yaml:16: equipment.A1.segments[0].cycle: want 0 or at least 10ms")
	f("mode: 4", "mode: 40", "want a PackML unit mode from 1 to 31")
	f("count: 12", "count: 1201", "want at most as many as the 1200 units of the segment")
	f("rework: 8", "rework: 11", "rework at most the sum of the others")
	f("comm: lost", "comm: gone", "equipment.A1.segments[10].comm: want lost or nothing")
	f("counter_resets: [44m]", "counter_resets: [61m]", "equipment.A1.counter_resets[0]: want a time")
	f("level: 4000", "level: -1", "mine.yaml:12: equipment.A1.start: want numbers from 0 to 1e9")
	f("feed: {from: A3}", "feed: {from: A4}", "equipment.A4.feed.from: want equipment that does not count A4's units itself")
	f("feed: {from: A1}", "feed: {from: A9}", "equipment.A2.feed.from: want equipment")
	f("  A2:\n", "  A7:\n", "equipment.A2: want segments for this equipment")
	f("gearbox_temp:", "oil_temp:", "equipment.A1.analog.oil_temp: want an analog signal of A1")
	f("{at: 55m, value: 4.8}", "{at: 52m, value: 4.8}", "points[2].at: want a time in steps of 10ms, in order")
	f("to: 14m10s", "to: 12m", "equipment.B1.guard_open[0].to: want a time")
	f("estop: true", "estop: maybe", "mine.yaml:")
	f("length: 60m", "length: 0s", "mine.yaml:7: length: want a duration above 0")
	f("length: 60m", "length: 60m\nopcua_outages: [{at: 59m, away: 1m, settle: 1s}]", "opcua_outages[0]: want a time after the outage before it")
	f("name: hour", "name: [hour", "mine.yaml:")
	f("at: 5m, count: 3", "at: 13m, count: 3", "equipment.B3.segments[0].rejects.at[0]: want a count at a time after 0s and up to 12m0s")
}

func TestEmptyFileIsNoScenario(t *testing.T) {
	for _, text := range []string{"", "# nothing\n"} {
		if _, err := scenario.Parse("mine.yaml", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), "mine.yaml:1: ") {
			t.Errorf("%q: got %v, want an error at mine.yaml:1", text, err)
		}
	}
}

func TestScenarioCanBeAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(file, []byte(hour(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := scenario.Load(scenarios.Files, file); err != nil {
		t.Error(err)
	}
	_, err := scenario.Load(scenarios.Files, "weekend")
	if want := "want a file or one of hour, showcase"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(hour(f)))
	f.Add([]byte("name: x\nlength: 1m\nequipment:\n  A1:\n"))
	f.Add([]byte("equipment: {A1: {segments: [{for: 1s}]}}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := scenario.Parse("fuzz.yaml", b)
		if err != nil && !strings.HasPrefix(err.Error(), "fuzz.yaml:") {
			t.Errorf("error without file and line: %v", err)
		}
		if err == nil && (s.Length <= 0 || s.Equipment["A1"] == nil) {
			t.Errorf("incomplete scenario accepted: %+v", s)
		}
	})
}
