package report_test

import (
	"strings"
	"testing"

	"andon/bench/internal/report"
)

// printed is what the commands of the table print, as they print it.
const printed = `goos: linux
BenchmarkSampleToNotification-2   	       1	20049843713 ns/op	       200.0 alarms	        21.55 p50-ms	        43.92 p99-ms
BenchmarkSampleToNotification-2   	       1	20049843713 ns/op	       200.0 alarms	        19.50 p50-ms	        61.02 p99-ms
BenchmarkSampleToNotification-2   	       1	20049843713 ns/op	       200.0 alarms	        20.50 p50-ms	        45.10 p99-ms
BenchmarkEval-2   	   12024	     98941 ns/op	        20.21 Mevals/s	       3 B/op	       0 allocs/op
BenchmarkEval-2   	   12024	     98941 ns/op	        19.90 Mevals/s	       3 B/op	       1 allocs/op
BenchmarkReplay-2   	       2	 650123456 ns/op	       812.5 cpu-ns/sample	   1230769 samples/cpu-s	 1234 B/op	 12 allocs/op
BenchmarkReplaySparse-2   	       2	 650123456 ns/op	       8120.5 cpu-ns/sample	   123077 samples/cpu-s	 1234 B/op	 12 allocs/op
    load_test.go:148: 100000 tags, 10,000 rule instances: 255 MB in use after a collection, 589 MB of the machine's memory
    resident_linux_test.go:48: after the start: 250 MB resident, at most 251 seen, 320 with the start
    resident_linux_test.go:48: after the work: 301 MB resident, at most 312 seen, 320 with the start
    slow_test.go:137: 15.012s of telemetry, 15000 values, reached InfluxDB within 1.2s: 12 times real time
    slow_test.go:137: 10m1.34s of telemetry, 3006700 values, reached InfluxDB within 17.1s: 35 times real time
--- PASS: TestWhenInfluxDBIsStoppedNothingIsLost (35.20s)
--- PASS: TestWhenInfluxDBIsStoppedNothingIsLost (651.20s)
PASS
`

func budgetsOf(t *testing.T, text string) string {
	t.Helper()
	f := report.Figures{}
	if _, err := f.Read(strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	return report.Report{Figures: f}.Budgets()
}

func TestBudgetsThatOtherProgramsMeasureAreReadFromTheirOutput(t *testing.T) {
	got := budgetsOf(t, printed)
	for what, want := range map[string][]string{
		"sample → notification":         {"| 45.1 [43.9–61.0] ms, of 3", "| yes"},
		"rule evaluations, a core":      {"| 20.1 [19.9–20.2] M/s, of 2", "| yes"},
		"rule evaluations, typed kinds": {"[0–1.00] allocations, of 2", "| **no**"},
		"replay of recorded history":    {"| 1,230,769 samples/s of processor time, of 1", "| yes"},
		"memory of the process":         {"| 312 MB, of 1", "| **no**"},
		"in use after a collection":     {"| 255 MB, of 1", "| –"},
		"what had waited is written":    {"| 35.0 × real time, of 1", "| yes"},
		"`kill -9` during it":           {"| 0 runs of the test in which something was, of 1", "| yes"},
	} {
		for _, w := range want {
			if l := line(t, got, what); !strings.Contains(l, w) {
				t.Errorf("%s: got %q, want %q in it", what, l, w)
			}
		}
	}
}

func TestALossIsNotMadeGoodByRunsWithout(t *testing.T) {
	got := line(t, budgetsOf(t, printed+printed+"--- FAIL: TestWhenInfluxDBIsStoppedNothingIsLost (702.20s)\n"), "`kill -9` during it")
	if !strings.Contains(got, "| **no**") {
		t.Errorf("got %q, want the loss to count", got)
	}
}

// The short form fails early, too, and a long one may.
func TestALossThatIsSeenEarlyCounts(t *testing.T) {
	got := line(t, budgetsOf(t, printed+"--- FAIL: TestWhenInfluxDBIsStoppedNothingIsLost (12.20s)\n"), "`kill -9` during it")
	if !strings.Contains(got, "[0–1.00] runs of the test in which something was, of 2") || !strings.Contains(got, "| **no**") {
		t.Errorf("got %q, want the loss to count", got)
	}
}

func TestABudgetThatNobodyMeasuredNamesTheCommand(t *testing.T) {
	if got := line(t, report.Report{}.Budgets(), "sample → notification"); !strings.Contains(got, "not measured") || !strings.Contains(got, "-bench SampleToNotification") || strings.Contains(got, "yes") {
		t.Errorf("got %q, want the command that measures it", got)
	}
}
