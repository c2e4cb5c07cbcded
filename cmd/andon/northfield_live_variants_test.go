package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/influx/influxtest"
)

// summerTimeFrom writes time zone data in which clocks of Europe/Berlin go
// forward an hour at a time, and returns their folder.
func summerTimeFrom(t *testing.T, at time.Time) string {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	_, offset := at.In(zone).Zone()
	names := "STD\x00DST\x00"
	b := append([]byte("TZif"), make([]byte, 16)...) // version 1 of RFC 9636
	for _, count := range []int{0, 0, 0, 1, 2, len(names)} {
		b = binary.BigEndian.AppendUint32(b, uint32(count))
	}
	b = binary.BigEndian.AppendUint32(b, uint32(at.Unix()))
	b = append(b, 1) // the type of time from then on
	for i := range 2 {
		b = binary.BigEndian.AppendUint32(b, uint32(offset+i*3600))
		b = append(b, byte(i), byte(4*i))
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "Europe"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "Europe", "Berlin"), append(b, names...), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// clocksAt returns edits that move shifts and break of the example as if the
// hour began at 9:00. The early shift ends with it, at what clocks then call
// 11:00.
func clocksAt(t *testing.T, start time.Time) (edits []string) {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	clock := func(hour, minute int) string {
		return start.In(zone).Add(time.Duration(hour-9)*time.Hour + time.Duration(minute)*time.Minute).Format("15:04")
	}
	for _, x := range [][4]int{{6, 0, 14, 0}, {14, 0, 22, 0}, {22, 0, 6, 0}, {9, 30, 9, 40}} {
		end := clock(x[2], x[3])
		if x[2] == 14 {
			end = clock(11, 0)
		}
		// Other quotes, so that what was moved is not moved again.
		edits = append(edits, fmt.Sprintf(`from: "%02d:%02d", to: "%02d:%02d"`, x[0], x[1], x[2], x[3]),
			fmt.Sprintf(`from: '%s', to: '%s'`, clock(x[0], x[1]), end))
	}
	return edits
}

// The same hour with micro-stops below 30 s only, while clocks go forward
// after 45 minutes of it, before a real InfluxDB.
func TestTheHourOfNorthfieldLiveUnderOtherRules(t *testing.T) {
	if testing.Short() {
		t.Skip("plays an hour in 45 s")
	}
	t.Parallel()
	table := readTable(t)
	start := time.Now().UTC().Add(-settledAfter).Truncate(time.Hour)
	n := newLiveNorthfield(t, start, append(clocksAt(t, start), "micro_stop: 120s", "micro_stop: 30s")...)
	n.db = influxtest.Start(t)
	n.env = append(n.env, "INFLUX_PORT="+n.db.URL()[strings.LastIndex(n.db.URL(), ":")+1:], "ZONEINFO="+summerTimeFrom(t, n.at(45*time.Minute)))
	daemon := n.play()
	table.Variants["micro-stops below 30 s"][a1].check(t, "micro-stops below 30 s", n.kpi(a1, 0, time.Hour), n.start)
	h := &hourAsItHappens{liveNorthfield: n, table: table}
	for _, path := range []string{a1, b1} {
		eventually(t, 2*time.Minute, "the minutes of "+path+" in InfluxDB", func() error { return h.sameMinutes(path) })
	}
	n.onePoint(n.awaitRevision())
	n.say("/api/v1/counts/adjust", map[string]any{"equipment": b1, "from": n.at(0), "to": n.at(time.Hour), "scrap": 10})
	n.onePoint(n.awaitRevision())
	eventually(t, time.Minute, "what the lab said in the minutes in InfluxDB", func() error { return h.sameMinutes(b1) })
	daemon.stop()

	var shift struct {
		From, To time.Time
		Calendar float64 `json:"calendar_time"`
	}
	if err := json.Unmarshal(n.asksRecords(n.config, a1, "shift", -3*time.Hour), &shift); err != nil {
		t.Fatal(err)
	}
	if !shift.From.Equal(n.at(-3*time.Hour)) || !shift.To.Equal(n.at(time.Hour)) || shift.Calendar != 4*3600 {
		t.Errorf("shift of five hours of the clock: got %+v, want four hours up to %s", shift, n.at(time.Hour))
	}
}

// onePoint wants one point of B1's hour in InfluxDB: that of its revision.
func (n *liveNorthfield) onePoint(revision json.RawMessage) {
	n.t.Helper()
	var k struct {
		Revision int `json:"revision"`
		Produced int `json:"produced_quantity"`
		Good     int `json:"good_quantity"`
		Rejected int `json:"rejected_quantity"`
	}
	if err := json.Unmarshal(revision, &k); err != nil {
		n.t.Fatal(err)
	}
	eventually(n.t, time.Minute, "the point of B1's hour", func() error {
		rows := n.db.Query("plant", fmt.Sprintf(`SELECT "revision","produced","good","rejected" FROM "kpi" WHERE "equipment" = 'B1' AND "window" = 'hour' AND time = %d`, n.start.UnixNano()))
		if len(rows) != 1 {
			return fmt.Errorf("got %d points, want one: %v", len(rows), rows)
		}
		for key, value := range map[string]int{"revision": k.Revision, "produced": k.Produced, "good": k.Good, "rejected": k.Rejected} {
			if got := rows[0][key]; got != fmt.Sprint(value) {
				return fmt.Errorf("%s: got %s, want %d", key, got, value)
			}
		}
		return nil
	})
}
