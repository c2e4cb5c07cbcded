package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"andon/plant"
)

// inMinutes are the fields of a minute's point that add up, and the figure of
// the records that they add up to.
var inMinutes = map[string]string{"total": "produced_quantity", "good": "good_quantity", "reject": "rejected_quantity",
	"mpt_s": "measured_planned_time", "pbt_s": "planned_busy_time", "inferred_s": "inferred_run_time", "run_s": "actual_production_time",
	"std_s": "standard_time_produced", "good_std_s": "standard_time_good", "micro_s": "waterfall>micro_stop", "setup_s": "waterfall>setup",
	"starved_s": "waterfall>starved", "blocked_s": "waterfall>blocked", "fault_s": "waterfall>fault", "safety_s": "waterfall>safety",
	"other_s": "waterfall>other", "unknown_s": "waterfall>unknown", "planned_s": "waterfall>planned", "off_s": "waterfall>not_scheduled"}

// checkPoints compares the minutes and stops in InfluxDB with the records.
func (h *hourAsItHappens) checkPoints() {
	h.t.Helper()
	for path := range h.table.KPIs {
		if p := strings.Split(path, "/"); len(p) == 4 {
			eventually(h.t, 20*time.Second, "the minutes of "+path+" in InfluxDB", func() error { return h.sameMinutes(path) })
		}
	}
	var stops []toldStop
	for _, row := range h.points("stop", "*", `"void" = false AND `) {
		s := toldStop{Equipment: "/" + row["equipment"], Reason: row["reason"], Culprit: row["culprit"], From: plant.At(pointTime(row)),
			Micro: row["micro"] == "true", Planned: row["planned"] == "true"}
		s.Duration, _ = strconv.ParseFloat(row["duration_s"], 64) // what is none shows
		if s.Equipment == "/A1" || s.Equipment == "/B1" {
			s.Equipment = map[string]string{"/A1": a1, "/B1": b1}[s.Equipment]
			stops = append(stops, s)
		}
	}
	h.table.checkStops(h.t, stops, h.start)
}

// compareHour compares InfluxDB with what the plant told. On OPC UA it is out of
// service before the hour, so a first good value says that this is over, too.
func (h *hourAsItHappens) compareHour(lines []truthLine) error {
	errs := []error{h.compareValues(lines)}
	statuses := wantStatuses(lines)
	for _, l := range lines {
		if p := strings.Split(l.Tag, "/"); l.Time == plant.At(h.start) && l.Status == "" && slices.Contains([]string{"A1", "A2", "B1"}, p[3]) {
			if statuses[l.Tag] == nil {
				statuses[l.Tag] = map[plant.Instant]plant.Status{}
			}
			statuses[l.Tag][l.Time] = plant.Good
		}
	}
	for tag, want := range statuses {
		errs = append(errs, h.compareStatus(tag, plant.At(h.start), want))
	}
	return errors.Join(errs...)
}

// sameMinutes sums up the points of an equipment's sixty minutes.
func (h *hourAsItHappens) sameMinutes(path string) error {
	var k any
	if err := json.Unmarshal(h.kpi(path, 0, time.Hour), &k); err != nil {
		return err
	}
	rows := h.db.Query("plant", fmt.Sprintf(`SELECT * FROM "production" WHERE "level" = 'equipment' AND "equipment" = '%s' AND time >= %d AND time < %d`,
		lastName(path), h.start.UnixNano(), h.at(time.Hour).UnixNano()))
	minutes := 0
	for _, row := range rows {
		if row["total"] != "" {
			minutes++
		}
	}
	if minutes != 60 {
		return fmt.Errorf("got %d minutes, want 60", minutes)
	}
	for _, field := range slices.Sorted(maps.Keys(inMinutes)) {
		sum := 0.
		for _, row := range rows {
			if v, err := strconv.ParseFloat(row[field], 64); err == nil {
				sum += v
			}
		}
		if want, _ := at(k, strings.Split(inMinutes[field], ">")).(float64); math.Abs(sum-want) > 1e-6 {
			return fmt.Errorf("%s: the minutes add up to %v, the records have %v", field, sum, want)
		}
	}
	return nil
}

// verify lets andon prove from its records that what it kept is right.
func (h *hourAsItHappens) verify() {
	h.t.Helper()
	eventually(h.t, 2*time.Minute, "all that is kept looked at again", func() error {
		c := launch(h.t, h.env, program(h.t, "andon"), "kpi", "recompute", "-c", h.config, "--verify", "--format", "json")
		<-c.done
		var check struct {
			Checked, Pending int
			Differences      []json.RawMessage
		}
		if err := json.Unmarshal(readText(h.t, c.log), &check); err != nil || check.Pending != 0 || len(check.Differences) != 0 {
			return fmt.Errorf("verify: %v %s", err, c.output(20))
		}
		h.t.Logf("andon kpi recompute --verify: %d KPIs are as their facts say", check.Checked)
		return nil
	})
}

// commands is what people did, for a replay.
func (h *hourAsItHappens) commands() string {
	text := strings.ReplaceAll(whatPeopleDid, "2026-03-02T08:20:10Z", h.acked.Format(time.RFC3339Nano))
	for _, m := range []int{24, 30, 35} {
		text = strings.ReplaceAll(text, fmt.Sprintf("2026-03-02T08:%02d:00Z", m), h.at(time.Duration(m)*time.Minute).Format(time.RFC3339))
	}
	return writeText(h.t, "commands.ndjson", text)
}
