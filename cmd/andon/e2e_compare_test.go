package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"andon/plant"
)

// compare returns an error that names what InfluxDB has too little or too
// much of what the plant told: each value, and on OPC UA each status that is
// not good, with the first good one after it.
func (r *rig) compare(lines []truthLine) error {
	errs := []error{r.compareValues(lines)}
	for tag, statuses := range wantStatuses(lines) {
		errs = append(errs, r.compareStatus(tag, lines[0].Time, statuses))
	}
	return errors.Join(errs...)
}

// compareValues compares the values only.
func (r *rig) compareValues(lines []truthLine) error {
	want := map[string]map[plant.Instant]plant.Value{}
	for _, l := range lines {
		if l.Value.Kind() == plant.KindNone || strings.Contains(l.Tag, "summary") {
			continue
		}
		if want[l.Tag] == nil {
			want[l.Tag] = map[plant.Instant]plant.Value{}
		}
		want[l.Tag][l.Time] = l.Value
	}
	var errs []error
	for tag, values := range want {
		errs = append(errs, r.compareTag(tag, values))
	}
	return errors.Join(errs...)
}

// wantStatuses returns the statuses that InfluxDB should have, by tag and
// time. What MQTT equipment is not reached for is told by its broker, which
// the plant's truth does not have.
func wantStatuses(lines []truthLine) map[string]map[plant.Instant]plant.Status {
	want, last := map[string]map[plant.Instant]plant.Status{}, map[string]plant.Status{}
	for _, l := range lines {
		status, err := plant.ParseStatus(l.Status)
		if err != nil {
			status = plant.Bad // differs from what InfluxDB has
		}
		if !status.IsGood() || !last[l.Tag].IsGood() {
			if want[l.Tag] == nil {
				want[l.Tag] = map[plant.Instant]plant.Status{}
			}
			want[l.Tag][l.Time] = status
		}
		last[l.Tag] = status
	}
	return want
}

// compareStatus looks from when the plant began: before that the server says
// that it is out of service.
func (r *rig) compareStatus(path string, begin plant.Instant, want map[plant.Instant]plant.Status) error {
	p := strings.Split(path, "/")
	q := fmt.Sprintf(`SELECT %q FROM "telemetry" WHERE "site" = '%s' AND "area" = '%s' AND "line" = '%s' AND "equipment" = '%s' AND time >= %d`,
		p[4]+"_status", p[0], p[1], p[2], p[3], begin)
	rows := r.db.Query("plant", q)
	for _, row := range rows {
		ns, err := strconv.ParseInt(row["time"], 10, 64)
		if err != nil {
			return fmt.Errorf("%s: time %q: %w", path, row["time"], err)
		}
		at, got := plant.Instant(ns), row[p[4]+"_status"]
		if w, ok := want[at]; !ok || got != strconv.FormatUint(uint64(w), 10) {
			return fmt.Errorf("%s: InfluxDB has status %s at %s, want %s (%t)", path, got, at, w, ok)
		}
	}
	if len(rows) != len(want) {
		return fmt.Errorf("%s: got %d statuses in InfluxDB, want %d", path, len(rows), len(want))
	}
	return nil
}

func (r *rig) compareTag(path string, want map[plant.Instant]plant.Value) error {
	p := strings.Split(path, "/")
	// A tag that is text beside numbers of that name has a field of its own.
	text := p[4] + "_text"
	q := fmt.Sprintf(`SELECT %q, %q FROM "telemetry" WHERE "site" = '%s' AND "area" = '%s' AND "line" = '%s' AND "equipment" = '%s'`,
		p[4], text, p[0], p[1], p[2], p[3])
	got := 0
	for _, row := range r.db.Query("plant", q) {
		value := row[p[4]] + row[text]
		ns, err := strconv.ParseInt(row["time"], 10, 64)
		if err != nil {
			return fmt.Errorf("%s: time %q: %w", path, row["time"], err)
		}
		at := plant.Instant(ns)
		w, ok := want[at]
		switch {
		case !ok:
			return fmt.Errorf("%s: InfluxDB has %v at %s, the plant never told it", path, value, at)
		case !sameValue(value, w):
			return fmt.Errorf("%s at %s: got %v, want %s", path, at, value, w)
		}
		got++
	}
	if got != len(want) {
		return fmt.Errorf("%s: got %d changes in InfluxDB, want %d", path, got, len(want))
	}
	return nil
}

// sameValue compares what InfluxDB wrote with what the plant told; a number
// may have travelled as a 32-bit float.
func sameValue(got string, want plant.Value) bool {
	if f, ok := want.Float(); ok && want.Kind() != plant.KindBool {
		g, err := strconv.ParseFloat(got, 64)
		return err == nil && float32(g) == float32(f)
	}
	return got == want.String()
}

// wantAlarms returns how often each alarm of the script begins.
func wantAlarms(lines []truthLine) map[string]int {
	want := map[string]int{"tank-low northfield/packing/lineA/A1": 1}
	for _, l := range lines {
		switch {
		case strings.HasSuffix(l.Tag, "A1/state") && l.Value.String() == "9":
			want["fault northfield/packing/lineA/A1"]++
		case strings.HasSuffix(l.Tag, "B1/state") && l.Value.String() == "ALARM":
			want["fault northfield/moulding/lineB/B1"]++
		case strings.HasSuffix(l.Tag, "B1/state") && l.Value.String() == "ESTOP":
			want["emergency-stop northfield/moulding/lineB/B1"]++
		}
	}
	// The second fault of one reason within half an hour, one before and one
	// after the kill.
	for _, eq := range []string{"northfield/packing/lineA/A1", "northfield/moulding/lineB/B1"} {
		if want["fault "+eq] > 1 {
			want["chronic-fault "+eq] = 1
		}
	}
	return want
}

// checkMessages wants each alarm of the script told exactly once, and no
// other.
func (r *rig) checkMessages(lines []truthLine) {
	r.t.Helper()
	want := wantAlarms(lines)
	eventually(r.t, 20*time.Second, "each alarm told once", func() error {
		r.phone.mu.Lock()
		defer r.phone.mu.Unlock()
		got := map[string]int{}
		for _, m := range r.phone.msgs {
			if m.Kind == "raised" {
				got[m.About.Rule+" "+m.About.Equipment]++
			}
		}
		for key, n := range want {
			if got[key] != n {
				return fmt.Errorf("%s: told %d times, want %d; all that were told: %v", key, got[key], n, got)
			}
		}
		return nil
	})
	r.phone.mu.Lock()
	defer r.phone.mu.Unlock()
	for _, m := range r.phone.msgs {
		if key := m.About.Rule + " " + m.About.Equipment; m.Kind == "raised" && want[key] == 0 {
			r.t.Errorf("%s: told at %s, but nothing of the kind happened", key, m.Time)
		}
	}
	for id, n := range r.phone.got {
		if n != 1 {
			r.t.Errorf("message %s: delivered %d times, want once", id, n)
		}
	}
}
