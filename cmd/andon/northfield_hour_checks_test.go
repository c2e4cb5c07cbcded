package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"andon/alerts"
)

// late is how much later than at the plant something may be in the stream:
// a publishing interval of 250 ms, a tick of a second, and a busy machine.
const late = 2 * time.Second

// A state is not believed before it lasts: a stop after production.min_state,
// the end of one after min_run.
const (
	begun = 2*time.Second + late
	over  = 5*time.Second + late
)

// limit is how much later than at the plant something may be told.
func limit(x alerts.Event) time.Duration {
	switch x {
	case alerts.EventRaised:
		return begun
	case alerts.EventCleared:
		return over
	}
	return late
}

// transitions returns what happened to alarms up to the end of the hour, by
// alarm and in its order.
func (n *liveNorthfield) transitions() (all []alerts.Transition) {
	n.t.Helper()
	var list struct{ Alarms []struct{ ID string } }
	if status, err := n.get("/api/v1/alarms?limit=500", &list); err != nil || status != http.StatusOK {
		n.t.Fatalf("alarms: %d %v", status, err)
	}
	for _, a := range list.Alarms {
		var body struct{ Transitions []alerts.Transition }
		if status, err := n.get("/api/v1/alarms/"+a.ID, &body); err != nil || status != http.StatusOK {
			n.t.Fatalf("alarm %s: %d %v", a.ID, status, err)
		}
		all = append(all, body.Transitions...)
	}
	return slices.DeleteFunc(all, func(x alerts.Transition) bool { return x.Time.Event.Time().After(n.at(time.Hour)) })
}

// name is how the table writes a transition. Nearly all happen when the plant
// says. A person's click, and the end of the time in which nothing came in,
// are a moment later in the stream than in the table, and are so called by the
// table's time.
func (h *hourAsItHappens) name(event, rule, equipment string, at time.Time) string {
	what := fmt.Sprintf(" %s %s %s", event, rule, lastName(equipment))
	after := at.Sub(h.start)
	if event == string(alerts.EventAcknowledged) || rule == "no-data" && event == string(alerts.EventRaised) {
		for _, w := range h.table.Alarms {
			text, found := strings.CutSuffix(w, what)
			if d, err := time.ParseDuration(text); found && err == nil && after >= d && after < d+late {
				after = d
			}
		}
	}
	return after.String() + what
}

// checkAlarms compares the alarms of the API and the points of InfluxDB with
// the table, and wants each in the stream soon after it happened.
func (h *hourAsItHappens) checkAlarms() {
	h.t.Helper()
	var got, points []string
	for _, x := range h.transitions() {
		what := h.name(string(x.Event), x.Rule, x.Equipment, x.Time.Event.Time())
		got = append(got, what)
		if d := x.Time.Stream.Sub(x.Time.Event); d < 0 || d > limit(x.Event) {
			h.t.Errorf("%s: in the stream %s later, want at most %s", what, d, limit(x.Event))
		}
		if x.Event == alerts.EventAcknowledged {
			h.acked = x.Time.Event.Time()
		}
	}
	sameList(h.t, "alarms", got, h.table.Alarms)
	for _, row := range h.points("alarm", "event, rule, equipment", "") {
		// The number of the transition is in the nanoseconds.
		points = append(points, h.name(row["event"], row["rule"], row["equipment"], pointTime(row).Truncate(time.Millisecond)))
	}
	sameList(h.t, "alarms in InfluxDB", points, h.table.Alarms)
}

// A told is one message, or one that somebody should get.
type told struct {
	at     time.Duration
	within time.Duration
	what   string
}

// wantMessages follows the policies of the example through the history of one
// alarm: maintenance at once, the shift lead after five minutes unless
// somebody took it or it is over; whoever was told hears how it goes on.
func (h *hourAsItHappens) wantMessages(history []alerts.Transition) (want []told) {
	var hear []string
	var next time.Duration // when the shift lead is told, 0 for never
	tell := func(at, within time.Duration, kind alerts.Kind, to ...string) {
		for _, who := range to {
			x := history[0]
			want = append(want, told{at, within, fmt.Sprintf("%s to %s: %s %s", kind, who, x.Rule, lastName(x.Equipment))})
		}
	}
	escalate := func(until time.Duration) {
		if next != 0 && next < until {
			tell(next, begun, alerts.KindEscalated, "shift_lead")
			hear, next = append(hear, "shift_lead"), 0
		}
	}
	for _, x := range history {
		at := x.Time.Event.Time().Sub(h.start)
		escalate(at)
		switch x.Event {
		case alerts.EventRaised, alerts.EventPriorityRaised:
			hear = []string{"maintenance"}
			tell(at, limit(x.Event), alerts.KindRaised, hear...)
			if next = at + 5*time.Minute; x.Priority == "low" {
				next = 0
			}
		case alerts.EventAcknowledged:
			tell(at, limit(x.Event), alerts.KindAcknowledged, hear...)
			next = 0
		case alerts.EventCleared:
			tell(at, limit(x.Event), alerts.KindResolved, hear...)
			next = 0
		}
	}
	escalate(time.Hour)
	return want
}

// messages returns those that came to the phone for what is of the hour.
func (h *hourAsItHappens) messages() (got []told) {
	h.phone.mu.Lock()
	defer h.phone.mu.Unlock()
	for _, m := range h.phone.msgs {
		if at := m.Time.Time().Sub(h.start); at < time.Hour+late {
			got = append(got, told{at, 0, fmt.Sprintf("%s to %s: %s %s", m.Kind, m.To, m.About.Rule, lastName(m.About.Equipment))})
		}
	}
	return got
}

// checkMessages wants each message of the hour once, and no other.
func (h *hourAsItHappens) checkMessages() {
	h.t.Helper()
	var want []told
	of := map[string][]alerts.Transition{}
	for _, x := range h.transitions() {
		of[x.Alarm] = append(of[x.Alarm], x)
	}
	for _, id := range slices.Sorted(maps.Keys(of)) {
		want = append(want, h.wantMessages(of[id])...)
	}
	got := h.messages()
	for _, w := range want {
		i := slices.IndexFunc(got, func(g told) bool { return g.what == w.what && g.at >= w.at && g.at < w.at+w.within })
		if i < 0 {
			h.t.Errorf("%s %s: nobody was told", w.at, w.what)
			continue
		}
		got = slices.Delete(got, i, i+1)
	}
	for _, g := range got {
		// A fault of B1 is over exactly when it is the shift lead's turn. Who is
		// first on the way from the plant is a matter of luck.
		if g.at >= 33*time.Minute && g.at < 33*time.Minute+over && strings.HasSuffix(g.what, "to shift_lead: fault B1") {
			h.t.Logf("%s %s: told by a hair", g.at, g.what)
			continue
		}
		h.t.Errorf("%s %s: told, want none of that kind", g.at, g.what)
	}
	for id, n := range h.phone.got {
		if n != 1 {
			h.t.Errorf("message %s: delivered %d times, want once", id, n)
		}
	}
}

// checkOrders asks at once when the hour is over: the pace of an order goes by
// the time of the stream, which goes on. What the table says of the end of
// the hour is worked out for the moments after it.
func (h *hourAsItHappens) checkOrders() {
	h.t.Helper()
	const order, produced, remaining = "PO-1002", 670., 5330.
	var got struct {
		Elapsed      float64   `json:"elapsed_time"`
		Demonstrated float64   `json:"demonstrated_rate"`
		Required     float64   `json:"required_rate"`
		ETA          time.Time `json:"eta"`
	}
	eventually(h.t, 5*time.Second, "all units of the order", func() error {
		body := h.order(order)
		var n struct{ Good float64 }
		if err := json.Unmarshal(body, &n); err != nil || n.Good != produced {
			return fmt.Errorf("%v of %v units: %v", n.Good, produced, err)
		}
		return json.Unmarshal(body, &got)
	})
	for name, w := range h.table.Orders {
		w.check(h.t, name, h.order(name), h.start)
	}
	over := got.Elapsed - 840
	eta := h.at(time.Hour).Add(time.Duration((over + remaining/produced*got.Elapsed) * 1e9))
	if over < 0 || over > 5 || math.Abs(got.Demonstrated-produced/got.Elapsed) > 1e-6 ||
		math.Abs(got.Required-remaining/(3*3600-over)) > 1e-6 || got.ETA.Sub(eta).Abs() > 10*time.Millisecond {
		h.t.Errorf("%s: got %+v, want %.6f/s demonstrated, %.6f/s required, ETA %s", order, got, produced/got.Elapsed, remaining/(3*3600-over), eta)
	}
	h.t.Logf("%s %.3f s after the hour: %+v", order, over, got)
}

// checkKPIs compares all figures with the table, and those that depend on
// people acting to a moment.
func (h *hourAsItHappens) checkKPIs() {
	h.t.Helper()
	for path, w := range h.table.KPIs {
		w.check(h.t, path, h.kpi(path, 0, time.Hour), h.start)
	}
	for name, w := range h.table.Variants["08:20 to 08:40"] {
		w.check(h.t, name, h.kpi(name, 20*time.Minute, 40*time.Minute), h.start)
	}
	for path, w := range h.table.WhenItHappened {
		var k map[string]any
		if err := json.Unmarshal(h.kpi(path, 0, time.Hour), &k); err != nil {
			h.t.Fatal(err)
		}
		for key, want := range w {
			g, _ := k[key].(float64)
			if n, err := want.(json.Number).Float64(); err != nil || g < n || g >= n+late.Seconds() {
				h.t.Errorf("%s %s: got %v, want %v or a moment more", path, key, k[key], want)
			}
		}
	}
}

// points asks InfluxDB for points of the hour, its end included.
func (h *hourAsItHappens) points(measurement, what, where string) []map[string]string {
	h.t.Helper()
	q := fmt.Sprintf(`SELECT %s FROM %q WHERE %stime >= %d AND time < %d`, what, measurement, where, h.start.UnixNano(), h.at(time.Hour+time.Millisecond).UnixNano())
	var rows []map[string]string
	for _, row := range h.db.Query("plant", q) {
		rows = append(rows, row)
	}
	return rows
}

func pointTime(row map[string]string) time.Time {
	ns, _ := strconv.ParseInt(row["time"], 10, 64) // a time that is none shows
	return time.Unix(0, ns)
}

// checkRevisions tells what was kept of the clock hours meanwhile. A window is
// kept again when something in it ends after it, but not without end.
func (h *hourAsItHappens) checkRevisions() {
	h.t.Helper()
	for _, path := range []string{a1, b1} {
		q := url.Values{"path": {path}, "window": {"hour"}, "from": {h.start.Truncate(time.Hour).Format(time.RFC3339)}, "to": {h.at(time.Hour).Format(time.RFC3339)}}
		var list struct {
			Revisions []struct {
				Revision int
				From     time.Time
				Why      string
			}
		}
		if status, err := h.get("/api/v1/kpis/history?"+q.Encode(), &list); err != nil || status != http.StatusOK {
			h.t.Fatalf("revisions of %s: %d %v", path, status, err)
		}
		for _, r := range list.Revisions {
			h.t.Logf("%s: window %s, revision %d: %s", lastName(path), r.From.Format("15:04"), r.Revision, strings.TrimSpace(r.Why))
			if r.Revision > 3 {
				h.t.Errorf("%s: revision %d of one window, want few", path, r.Revision)
			}
		}
	}
}
