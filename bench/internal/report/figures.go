package report

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"andon/bench/internal/measure"
)

// Figures are what other programs measured, by the name of what it is.
type Figures map[string][]float64

// An elsewhere is how a budget is measured by a command of andon's tree and
// read from what that prints.
type elsewhere struct {
	// name is that among the Figures, unit what follows the figure.
	name, unit string
	// command measures it.
	command string
	// line finds it in the output; the figure is the last group that has one.
	line *regexp.Regexp
	// met judges the figures; nil for those that are told for information.
	met func(measure.Spread) bool
}

func atMost(limit float64) func(measure.Spread) bool {
	return func(s measure.Spread) bool { return s.Median <= limit }
}

func atLeast(limit float64) func(measure.Spread) bool {
	return func(s measure.Spread) bool { return s.Median >= limit }
}

// never wants each single figure to be 0.
func never(s measure.Spread) bool { return s.Max == 0 }

// A metric is one of a benchmark's line.
func metric(benchmark, unit string) *regexp.Regexp {
	return regexp.MustCompile(`^` + benchmark + `(?:-\d+)?\s+\d+\s.*?([0-9.e+]+) ` + regexp.QuoteMeta(unit) + `(?:\s|$)`)
}

// The long form of the test says what it missed by failing: it compares all
// that was told with all that InfluxDB has. It passes after ten minutes, the
// short one long before, which shows too little; but it may fail at any time.
func nothingLost() elsewhere {
	const test = "TestWhenInfluxDBIsStoppedNothingIsLost"
	return elsewhere{"lost", "runs of the test in which something was", "make test-faults",
		regexp.MustCompile(`^\s*--- (?:(FAIL): ` + test + ` \(|(PASS): ` + test + ` \(\d{3,})`), never}
}

func catchUp() elsewhere {
	return elsewhere{"catch-up", "× real time", "make test-faults",
		regexp.MustCompile(`\b1\dm\S+ of telemetry, \d+ values, reached InfluxDB within \S+: (\d+) times real time`), atLeast(20)}
}

func notification() elsewhere {
	return elsewhere{"notification-p99", "ms", "go test -run NONE -bench SampleToNotification -benchtime 1x -count 5 ./cmd/andon",
		metric("BenchmarkSampleToNotification", "p99-ms"), atMost(50)}
}

const rulesCommand = "go test -run NONE -bench '^BenchmarkEval$' -count 5 ./rules"

func rulesRate() elsewhere {
	return elsewhere{"rules-rate", "M/s", rulesCommand, metric("BenchmarkEval", "Mevals/s"), atLeast(1)}
}

func rulesAllocations() elsewhere {
	return elsewhere{"rules-allocations", "allocations", rulesCommand, metric("BenchmarkEval", "allocs/op"), never}
}

func replay() elsewhere {
	return elsewhere{"replay", "samples/s of processor time", "go test -run NONE -bench '^BenchmarkReplay$' -count 5 ./engine",
		metric("BenchmarkReplay", "samples/cpu-s"), atLeast(1e6)}
}

const memoryCommand = "go test -v -count 3 -timeout 30m -run HundredThousandTags ./cmd/andon"

// The start, which takes more for a moment, is not in it.
func memory() elsewhere {
	return elsewhere{"memory", "MB", memoryCommand, regexp.MustCompile(`after the work: \d+ MB resident, at most (\d+) seen`), atMost(300)}
}

func inUse() elsewhere {
	return elsewhere{"in-use", "MB", memoryCommand, regexp.MustCompile(`100000 tags, 10,000 rule instances: (\d+) MB in use`), nil}
}

// Read adds what the output of commands in the table of budgets tells, one
// output or several after each other, and returns how many figures that were.
// All other lines are passed by.
func (f Figures) Read(from io.Reader) (n int, err error) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		for _, b := range budgets {
			if b.elsewhere.line == nil {
				continue
			}
			found := b.elsewhere.line.FindStringSubmatch(lines.Text())
			if found == nil {
				continue
			}
			v, err := figure(lastOf(found[1:]))
			if err != nil {
				return n, fmt.Errorf("read %s in %q: %w", b.elsewhere.name, lines.Text(), err)
			}
			f[b.elsewhere.name] = append(f[b.elsewhere.name], v)
			n++
		}
	}
	return n, lines.Err()
}

// Or returns f and, of what f does not tell, the other figures.
func (f Figures) Or(other Figures) Figures {
	all := maps.Clone(other)
	if all == nil {
		all = Figures{}
	}
	maps.Copy(all, f)
	return all
}

// lastOf returns the last group that is not empty.
func lastOf(groups []string) string {
	for _, g := range slices.Backward(groups) {
		if g != "" {
			return g
		}
	}
	return ""
}

// figure reads a number, and PASS and FAIL as how often a test failed.
func figure(s string) (float64, error) {
	switch s {
	case "PASS":
		return 0, nil
	case "FAIL":
		return 1, nil
	}
	return strconv.ParseFloat(strings.TrimSuffix(s, "."), 64)
}

// read tells the figures and whether they are as promised.
func (e *elsewhere) read(f Figures) (measured, met string) {
	values := f[e.name]
	s, ok := measure.SpreadOf(values)
	if !ok {
		return "not measured", "–"
	}
	measured = fmt.Sprintf("%s %s, of %d", spread(values), e.unit, len(values))
	if e.met == nil {
		return measured, "–"
	}
	return measured, yesNo(e.met(s))
}
