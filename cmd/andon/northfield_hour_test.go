package main

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"andon/influx/influxtest"
)

// askForHour is the environment variable that asks for the hour as it happens.
const askForHour = "ANDON_TEST_HOUR"

// An hourAsItHappens is the scripted hour at its own speed: the only way to
// see what goes by the time of the stream. That is how long alarms wait, what
// people do meanwhile, and the pace of orders.
type hourAsItHappens struct {
	*liveNorthfield
	table northfieldTable
	truth string    // file of what the plant told
	run   *child    // andon
	plays *child    // plantsim
	acked time.Time // when the fault of A1 was
}

// anyDay returns edits that move the example to a plant that works on all
// days in UTC, with shifts, break and orders as if the hour began when the
// example's does.
func anyDay(start time.Time) []string {
	edits := []string{"Europe/Berlin", "UTC", "[mon, tue, wed, thu, fri]", "[mon, tue, wed, thu, fri, sat, sun]"}
	clock := func(hour, minute int) string {
		return start.Add(time.Duration(hour-9)*time.Hour + time.Duration(minute)*time.Minute).Format("15:04")
	}
	for _, x := range [][4]int{{6, 0, 14, 0}, {14, 0, 22, 0}, {22, 0, 6, 0}, {9, 30, 9, 40}} {
		// Other quotes, so that what was moved is not moved again.
		edits = append(edits, fmt.Sprintf(`from: "%02d:%02d", to: "%02d:%02d"`, x[0], x[1], x[2], x[3]),
			fmt.Sprintf(`from: '%s', to: '%s'`, clock(x[0], x[1]), clock(x[2], x[3])))
	}
	return movedTo(start, edits...)
}

// newHourAsItHappens lets andon and a real InfluxDB wait for a plant that
// starts with a minute of the clock. Windows are kept a minute after their
// end, so that some are within the test. Everybody on duty has the same phone.
func newHourAsItHappens(t *testing.T) *hourAsItHappens {
	t.Helper()
	program(t, "andon") // built before the time counts
	r := &rig{t: t, db: influxtest.Start(t), phone: newReceiver(t), dir: t.TempDir(), opcua: freePort(t), mqtt: freePort(t)}
	port := freePort(t)
	r.url = fmt.Sprintf("http://127.0.0.1:%d", port)
	r.env = []string{fmt.Sprintf("ANDON_PORT=%d", port), "INFLUX_PORT=" + r.db.URL()[strings.LastIndex(r.db.URL(), ":")+1:],
		fmt.Sprintf("OPCUA_PORT=%d", r.opcua), fmt.Sprintf("MQTT_PORT=%d", r.mqtt), "ANDON_DATA=" + filepath.Join(r.dir, "andon")}
	start := time.Now().UTC().Add(80 * time.Second).Truncate(time.Minute)
	phone := fmt.Sprintf("{webhook: {url: %q}}", r.phone.URL)
	r.config = northfieldConfig(t, append(anyDay(start), "maintenance: {log: {}}", "maintenance: "+phone, "shift_lead: {log: {}}", "shift_lead: "+phone,
		"production:\n", "production:\n  settle: 1m\n  quiet: 1s\n", "web:\n", "web:\n  token: demo\n")...)
	h := &hourAsItHappens{liveNorthfield: &liveNorthfield{r, start}, table: readTable(t), truth: filepath.Join(r.dir, "truth.ndjson")}
	h.plays = r.plant("hour", "--start", start.Format(time.RFC3339), "--truth", h.truth)
	<-time.After(time.Until(start.Add(-12 * time.Second))) // sooner, and it would miss the data of equipment that is off
	h.run = r.andon()
	r.ready(time.Until(start))
	return h
}

// until waits for a time of the hour and tells every five minutes how far it
// is.
func (h *hourAsItHappens) until(after time.Duration) {
	h.t.Helper()
	for next := time.Since(h.start); next < after; {
		next = min(after, next.Truncate(5*time.Minute)+5*time.Minute)
		select {
		case <-time.After(time.Until(h.at(next))):
		case <-h.run.done:
			h.t.Fatalf("andon ended at %s: %v", time.Since(h.start), h.run.err)
		}
		if next%(5*time.Minute) == 0 {
			h.t.Logf("%s of 1h0m0s: %d transitions of alarms, %d messages", next, len(h.transitions()), len(h.messages()))
		}
	}
}

// live lets the hour pass. Somebody takes the fault of A1 and corrects the
// counts of the slow run; andon is killed once where nothing is due for a
// while, and back before anything is unknown.
func (h *hourAsItHappens) live() {
	h.t.Helper()
	h.until(20*time.Minute + 10*time.Second)
	fault, err := h.openAlarm("fault", a1)
	if err != nil {
		h.t.Fatalf("the fault of A1 is not among the open alarms: %v", err)
	}
	if status := h.acknowledge(fault, "demo"); status != http.StatusOK {
		h.t.Fatalf("acknowledge: got %d, want 200", status)
	}
	h.until(26*time.Minute + 3*time.Second)
	h.run.cmd.Process.Kill()
	<-h.run.done
	h.run = h.andon()
	h.ready(12 * time.Second)
	h.t.Logf("killed, and back at %s", time.Since(h.start))
	h.until(35 * time.Minute)
	h.say("/api/v1/counts/adjust", map[string]any{"equipment": a1, "from": h.at(24 * time.Minute), "to": h.at(30 * time.Minute), "scrap": -8, "rework": 8})
	h.until(time.Hour + 500*time.Millisecond)
}

// The hour of the table, as people live through it: from real servers through
// the whole daemon to figures, stops, alarms, messages and points.
func TestTheHourOfNorthfieldAsItHappens(t *testing.T) {
	if os.Getenv(askForHour) == "" {
		t.Skipf("takes 62 minutes: make test-hour, or %s=1 and -timeout 75m", askForHour)
	}
	h := newHourAsItHappens(t)
	h.live()
	h.checkOrders()
	h.plays.ended(30 * time.Second)
	lines := jsonLines[truthLine](t, h.truth)
	eventually(t, 30*time.Second, "every change of the plant in InfluxDB", func() error { return h.compareHour(lines) })
	h.checkKPIs()
	h.table.checkStops(t, h.stops(), h.start)
	h.checkAlarms()
	h.checkMessages()
	h.checkPoints()
	h.checkRevisions()
	h.sameAsReplay(slices.Sorted(maps.Keys(h.table.KPIs)), h.commands())
	h.verify()
	h.run.stop()
}

// The hour may be asked for at any time of the day.
func TestTheHourMayBeginAtAnyTimeOfTheDay(t *testing.T) {
	table := readTable(t)
	for _, clock := range []string{"2026-11-21T23:17:00Z", "2026-11-22T13:01:00Z"} {
		start, err := time.Parse(time.RFC3339, clock)
		if err != nil {
			t.Fatal(err)
		}
		commands := strings.ReplaceAll(whatPeopleDid, "2026-03-02T08:", "HOUR:")
		for m := range 60 {
			old := fmt.Sprintf("HOUR:%02d:", m)
			commands = strings.ReplaceAll(commands, old, start.Add(time.Duration(m)*time.Minute).Format("2006-01-02T15:04:"))
		}
		r := hourReplay{config: northfieldConfig(t, anyDay(start)...), start: start, commands: writeText(t, "commands.ndjson", commands)}.run(t)
		for path, w := range table.KPIs {
			r.check(path, w)
		}
		for name, w := range table.OrdersAtTheEnd {
			w.check(t, name, r.order(name), r.start)
		}
		table.checkStops(t, r.stops(), r.start)
		sameList(t, "alarms", r.alarms(), table.Alarms)
	}
}
