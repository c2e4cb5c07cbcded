package faults_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"andon/plant"
)

// A truthLine is one value that the plant told.
type truthLine struct {
	Tag   string        `json:"tag"`
	Time  plant.Instant `json:"ts"`
	Value plant.Value   `json:"value"`
}

// told is what the plant told, by tag and time.
type told map[string]map[plant.Instant]plant.Value

func (w told) add(l truthLine) {
	if w[l.Tag] == nil {
		w[l.Tag] = map[plant.Instant]plant.Value{}
	}
	w[l.Tag][l.Time] = l.Value
}

// lines counts.
func (w told) lines() int {
	n := 0
	for _, values := range w {
		n += len(values)
	}
	return n
}

// groundTruth reads all that was told.
func (r *rig) groundTruth() told {
	r.t.Helper()
	all, n := told{}, 0
	for _, file := range r.truth {
		for _, l := range readLines[truthLine](r.t, file) {
			all.add(l)
			n++
		}
	}
	for _, l := range r.extra {
		all.add(l)
		n++
	}
	if all.lines() != n {
		r.t.Fatalf("the plant told %d values, but two of a tag under one time: %d are distinct", n, all.lines())
	}
	return all
}

// readLines reads a file of NDJSON; one that does not exist has none.
func readLines[T any](t *testing.T, file string) []T {
	t.Helper()
	f, err := os.Open(file)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []T
	for scan := bufio.NewScanner(f); scan.Scan(); {
		var v T
		if err := json.Unmarshal(scan.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v in %q", file, err, scan.Text())
		}
		all = append(all, v)
	}
	return all
}

// settled waits until the plant has told everything and InfluxDB has it: each
// value under its time stamp, once, and nothing else but what refused says
// InfluxDB never takes. Those are the dead letters, and nothing else is.
func (r *rig) settled(within time.Duration, refused func(tag string, at plant.Instant) bool) {
	r.t.Helper()
	if r.endless {
		_ = r.plant.cmd.Process.Signal(syscall.SIGTERM) // one that has ended fails below
	}
	r.plant.ended(either(90*time.Second, 15*time.Minute))
	truth, dead := r.groundTruth(), told{}
	total := truth.lines()
	for tag, values := range truth {
		for at, v := range values {
			if refused != nil && refused(tag, at) {
				dead.add(truthLine{tag, at, v})
				delete(values, at)
			}
		}
	}
	eventually(r.t, within, "everything in InfluxDB", func() error { return r.compare(truth) })
	r.nothingElse(truth)
	r.compareDead(dead)
	r.t.Logf("%d values told, each in InfluxDB once; %d of them dead letters; andon killed %d times", total, dead.lines(), r.kills)
}

// compare returns an error that names the first difference.
func (r *rig) compare(want told) error {
	for tag, values := range want {
		if err := r.compareTag(tag, values); err != nil {
			return err
		}
	}
	return nil
}

// compareTag compares one tag. A value that did not fit the type of the field
// is in a field of its own.
func (r *rig) compareTag(tag string, want map[plant.Instant]plant.Value) error {
	p := strings.Split(tag, "/")
	rows, err := r.db.Process.Query(r.t.Context(), "plant", fmt.Sprintf(
		`SELECT %q, %q FROM "telemetry" WHERE "site" = '%s' AND "area" = '%s' AND "line" = '%s' AND "equipment" = '%s'`,
		p[4], p[4]+"_float", p[0], p[1], p[2], p[3]))
	if err != nil {
		return err
	}
	got := map[plant.Instant]bool{}
	for _, row := range rows {
		ns, err := strconv.ParseInt(row["time"], 10, 64)
		if err != nil {
			return fmt.Errorf("%s: time %q: %w", tag, row["time"], err)
		}
		at, value := plant.Instant(ns), row[p[4]]+row[p[4]+"_float"]
		w, ok := want[at]
		switch {
		case !ok:
			return fmt.Errorf("%s: InfluxDB has %s at %s, which the plant never told", tag, value, at)
		case !sameValue(value, w):
			return fmt.Errorf("%s at %s: InfluxDB has %s, the plant told %s", tag, at, value, w)
		case got[at]:
			return fmt.Errorf("%s at %s: InfluxDB has it twice", tag, at)
		}
		got[at] = true
	}
	if len(got) != len(want) {
		return fmt.Errorf("%s: InfluxDB has %d values, the plant told %d; the first that is missing: %s", tag, len(got), len(want), firstMissing(want, got))
	}
	return nil
}

func firstMissing(want map[plant.Instant]plant.Value, got map[plant.Instant]bool) plant.Instant {
	var missing []plant.Instant
	for at := range want {
		if !got[at] {
			missing = append(missing, at)
		}
	}
	return slices.Min(missing)
}

func sameValue(got string, want plant.Value) bool {
	if f, ok := want.Float(); ok {
		g, err := strconv.ParseFloat(got, 64)
		return err == nil && g == f
	}
	return got == want.String()
}

// statusesOnly reports whether InfluxDB has nothing of an equipment but
// statuses: andon says of each node that a server does not have that it has no
// value.
func (r *rig) statusesOnly(equipment string) bool {
	places := []string{"time", "site", "area", "line", "equipment"}
	for _, row := range r.db.Query("plant", fmt.Sprintf(`SELECT * FROM "telemetry" WHERE equipment = '%s'`, equipment)) {
		for field, value := range row {
			if value != "" && !slices.Contains(places, field) && !strings.HasSuffix(field, "_status") {
				return false
			}
		}
	}
	return true
}

// nothingElse wants no equipment and no field in InfluxDB that the plant did
// not tell of; fields that took what did not fit belong to their tag.
func (r *rig) nothingElse(want told) {
	r.t.Helper()
	equipment, fields := map[string]bool{}, map[string]bool{}
	for tag := range want {
		p := strings.Split(tag, "/")
		equipment[p[3]], fields[p[4]], fields[p[4]+"_float"] = true, true, true
		if r.opcua != "" { // before it tells anything a node says that it has no value
			fields[p[4]+"_status"] = true
		}
	}
	for _, row := range r.db.Query("plant", `SHOW TAG VALUES FROM "telemetry" WITH KEY = "equipment"`) {
		if e := row["value"]; !equipment[e] && e != stranger && !(r.opcua != "" && r.statusesOnly(e)) {
			r.t.Errorf("InfluxDB has telemetry of %s, which told nothing", row["value"])
		}
	}
	for _, row := range r.db.Query("plant", `SHOW FIELD KEYS FROM "telemetry"`) {
		if !fields[row["fieldKey"]] {
			r.t.Errorf("InfluxDB has the field %s, which no machine told", row["fieldKey"])
		}
	}
}

// stranger is equipment that something else than andon writes of.
const stranger = "stranger"

// compareDead wants these values among the dead letters, and nothing else.
// After a kill a letter may stand there twice.
func (r *rig) compareDead(want told) {
	r.t.Helper()
	got := told{}
	for _, l := range readLines[struct{ Line, Reason string }](r.t, filepath.Join(r.data, "dead-letters", "influx-hall.ndjson")) {
		line, err := parseDead(l.Line)
		if err != nil {
			r.t.Errorf("dead letter %q: %v", l.Line, err)
			continue
		}
		if w, ok := want[line.Tag][line.Time]; !ok || !sameValue(line.Value.String(), w) {
			r.t.Errorf("dead letter %q: it should be in InfluxDB; reason: %s", l.Line, l.Reason)
		}
		if _, twice := got[line.Tag][line.Time]; twice && r.kills == 0 {
			r.t.Errorf("dead letter %q stands there twice", l.Line)
		}
		got.add(line)
	}
	if g, w := got.lines(), want.lines(); g != w {
		r.t.Errorf("%d dead letters, want %d", g, w)
	}
}

// parseDead reads a line with one field of a number.
func parseDead(line string) (truthLine, error) {
	words := strings.Split(line, " ")
	if len(words) != 3 {
		return truthLine{}, fmt.Errorf("want three words")
	}
	place := map[string]string{}
	for _, pair := range strings.Split(words[0], ",") {
		key, value, _ := strings.Cut(pair, "=")
		place[key] = value
	}
	field, value, _ := strings.Cut(words[1], "=")
	f, err := strconv.ParseFloat(strings.TrimSuffix(value, "i"), 64)
	if err != nil {
		return truthLine{}, err
	}
	ns, err := strconv.ParseInt(words[2], 10, 64)
	tag := strings.Join([]string{place["site"], place["area"], place["line"], place["equipment"], field}, "/")
	return truthLine{tag, plant.Instant(ns), plant.Float(f)}, err
}
