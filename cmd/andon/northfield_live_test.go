package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// revisions returns what was kept of B1's hour, the latest last.
func (n *liveNorthfield) revisions() []json.RawMessage {
	n.t.Helper()
	q := url.Values{"path": {b1}, "window": {"hour"}, "limit": {"500"}, "from": {n.start.Format(time.RFC3339)}, "to": {n.at(time.Hour).Format(time.RFC3339)}}
	var list struct{ Revisions []json.RawMessage }
	if status, err := n.get("/api/v1/kpis/history?"+q.Encode(), &list); err != nil || status != http.StatusOK {
		n.t.Fatalf("revisions of %s: %d %v", b1, status, err)
	}
	return list.Revisions
}

// awaitRevision waits until the latest revision of B1's hour says what the
// records say now.
func (n *liveNorthfield) awaitRevision() (revision json.RawMessage) {
	n.t.Helper()
	eventually(n.t, time.Minute, "the latest revision of B1's hour", func() error {
		all := n.revisions()
		if len(all) == 0 {
			return errors.New("there is none")
		}
		revision = all[len(all)-1]
		_, got, _ := bytes.Cut(revision, []byte(`"oee_mode":`)) // what stands before tells them apart
		_, want, _ := bytes.Cut(n.kpi(b1, 0, time.Hour), []byte(`"oee_mode":`))
		if !bytes.Equal(got, want) {
			return fmt.Errorf("got %s, want %s", got, want)
		}
		return nil
	})
	return revision
}

// sameAsReplay compares all KPIs of the hour with those of a replay, to the
// byte. commands is a file of what people did, "" for none.
func (n *liveNorthfield) sameAsReplay(paths []string, commands string) {
	n.t.Helper()
	r := hourReplay{config: n.config, start: n.start, commands: commands}.run(n.t)
	for _, path := range paths {
		got, want := n.kpi(path, 0, time.Hour), r.kpi(path)
		var a, b bytes.Buffer
		if err := errors.Join(json.Indent(&a, figuresAlone(got), "", " "), json.Indent(&b, figuresAlone(want), "", " ")); err != nil {
			n.t.Fatal(err)
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			n.t.Errorf("%s: other KPIs than in a replay: %s", path, firstOther(a.Bytes(), b.Bytes()))
		}
	}
}

// figuresAlone returns KPIs without what stands before them, which is of their
// revision: when it was computed, and from what was known then.
func figuresAlone(kpi []byte) []byte {
	_, body, _ := bytes.Cut(kpi, []byte(`"equipment":`))
	return append([]byte(`{"equipment":`), body...)
}

// What happened hours ago comes over OPC UA and MQTT, andon is killed in the
// middle, and the answers are those of the table and, to the byte, of a
// replay.
func TestTheHourOfNorthfieldLive(t *testing.T) {
	if testing.Short() {
		t.Skip("plays an hour in 45 s")
	}
	t.Parallel()
	table := readTable(t)
	n := newLiveNorthfield(t, recentStart(t))
	daemon := n.play()
	n.sameAsReplay(slices.Sorted(maps.Keys(table.KPIs)), "")
	table.checkStops(t, n.stops(), n.start)
	n.noFalseAlarms(table)

	n.say("/api/v1/counts/adjust", map[string]any{"equipment": a1, "from": n.at(24 * time.Minute), "to": n.at(30 * time.Minute), "scrap": -8, "rework": 8})
	for path, w := range table.KPIs {
		w.check(t, path, n.kpi(path, 0, time.Hour), n.start)
	}
	for name, w := range table.Orders {
		w.check(t, name, n.order(name), n.start)
	}
	for path, w := range table.Variants["08:20 to 08:40"] {
		w.check(t, path, n.kpi(path, 20*time.Minute, 40*time.Minute), n.start)
	}

	first := n.awaitRevision()
	n.say("/api/v1/counts/adjust", map[string]any{"equipment": b1, "from": n.at(0), "to": n.at(time.Hour), "scrap": 10})
	second := n.awaitRevision()
	table.KPIs[b1].check(t, "before the lab", first, n.start)
	table.Variants["the lab finds 10 more"][b1].check(t, "after the lab", second, n.start)
	for path, w := range table.Variants["the lab finds 10 more"] {
		w.check(t, path+" after the lab", n.kpi(path, 0, time.Hour), n.start)
	}
	if before := n.revisions(); len(before) < 2 || !bytes.Equal(before[len(before)-2], first) {
		t.Errorf("revisions: got %d, want the one before the lab still there", len(before))
	}
	n.split(table)
	daemon.stop()
	n.underOtherDefinitions(table)
}

// noFalseAlarms wants no alarm that the hour does not have. It need not have
// all: nobody is called to a state of hours ago. Delays run by the clock of
// people and not by that of the plant, so an alarm may come late.
func (n *liveNorthfield) noFalseAlarms(table northfieldTable) {
	n.t.Helper()
	for _, x := range n.transitions() {
		at, what := x.Time.Event.Time().Sub(n.start), fmt.Sprintf("%s %s %s", x.Event, x.Rule, lastName(x.Equipment))
		if !slices.ContainsFunc(table.Alarms, func(want string) bool {
			due, kind, _ := strings.Cut(want, " ")
			d, err := time.ParseDuration(due)
			return err == nil && kind == what && d <= at
		}) {
			n.t.Errorf("alarms: got %q at %s, want none of that kind, or later", what, at)
		}
	}
}

// order returns an order with how far it is beside it.
func (n *liveNorthfield) order(name string) json.RawMessage {
	n.t.Helper()
	var list struct{ Orders []json.RawMessage }
	if status, err := n.get("/api/v1/orders?equipment="+lineA, &list); err != nil || status != http.StatusOK {
		n.t.Fatalf("orders: %d %v", status, err)
	}
	var all map[string]any
	if err := json.Unmarshal(named(n.t, name, list.Orders), &all); err != nil {
		n.t.Fatal(err)
	}
	attainment, _ := all["attainment"].(map[string]any)
	maps.Copy(all, attainment)
	flat, err := json.Marshal(all)
	if err != nil {
		n.t.Fatal(err)
	}
	return flat
}

// split says of the fault that half of it was waiting for the technician.
func (n *liveNorthfield) split(table northfieldTable) {
	n.t.Helper()
	fault := func(from time.Duration) string {
		for _, s := range n.stops() {
			if s.Equipment == a1 && s.From.Time().Equal(n.at(from)) {
				return s.ID
			}
		}
		n.t.Fatalf("no stop of A1 at %s", n.at(from))
		return ""
	}
	n.say("/api/v1/stops/"+fault(18*time.Minute+40*time.Second)+"/split", map[string]any{"at": n.at(21*time.Minute + 40*time.Second)})
	n.say("/api/v1/stops/"+fault(21*time.Minute+40*time.Second)+"/assign", map[string]any{"reason": "wait_technician"})
	table.Variants["the fault is split"][a1].check(n.t, "split", n.kpi(a1, 0, time.Hour), n.start)
}
