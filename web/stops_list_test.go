package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/store"
)

// A listedStop is what these tests look at of a stop of the list.
type listedStop struct {
	ID, Equipment, From, Reason, State string
	Life                               string `json:"life_cycle"`
}

type listPage struct {
	Stops []listedStop
	More  bool
	Next  string
}

// pages reads a list to its end and returns all of it and how many answers
// that took.
func (s *site) pages(query url.Values) (all []listedStop, answers int) {
	s.t.Helper()
	for {
		page := decode[listPage](s.t, s.expect(s.get("/api/v1/stops?"+query.Encode()), http.StatusOK))
		all, answers = append(all, page.Stops...), answers+1
		if page.More != (page.Next != "") {
			s.t.Fatalf("page %d: got more %v with next %q, want both or none", answers, page.More, page.Next)
		}
		if !page.More {
			return all, answers
		}
		if answers > 100 {
			s.t.Fatalf("list: got %d answers and no end", answers)
		}
		query.Set("cursor", page.Next)
	}
}

// years puts n stops of A1 and A2 in turn into the records, a minute apart,
// all explained but the first two.
func (s *site) years(n int) {
	s.t.Helper()
	c := store.Commit{Area: "northfield/packing", Pos: 1, Time: ago(0)}
	for i := range n {
		from := ago(time.Duration(n-i) * time.Minute)
		stop := production.Stop{ID: fmt.Sprintf("stop-%06d", i), From: from, To: from.Add(20 * time.Second), State: plant.StateFault, Loss: production.LossFault,
			Reason: "E-204", ReasonName: "E-204", ReasonSource: "signal", Category: "fault", Failure: true, Shift: "Early"}
		if i < 2 {
			stop.State, stop.Loss, stop.Reason, stop.ReasonSource = plant.StateStopped, production.LossOther, "stopped", "state"
		}
		c.Stops = append(c.Stops, store.Stop{ID: stop.ID, Equipment: lineA + "/A" + fmt.Sprint(1+i%2), Start: from, End: stop.To,
			State: stop.State.String(), Category: "fault", Body: encode(s.t, stop)})
	}
	if err := s.store.Commit(s.t.Context(), c); err != nil {
		s.t.Fatal(err)
	}
}

func TestFiltersReachTheOldestStopOfTheRecords(t *testing.T) {
	s := newSite(t, nil)
	s.years(2500)
	for _, c := range []struct {
		filter string
		want   []string
	}{
		{"needs_reason=true", []string{"stop-000001", "stop-000000"}},
		{"reason=stopped", []string{"stop-000001", "stop-000000"}},
		{"state=stopped,blocked", []string{"stop-000001", "stop-000000"}},
		{"life_cycle=needs_reason", []string{"stop-000001", "stop-000000"}},
		{"needs_reason=true&equipment=*/*/lineA/A2", []string{"stop-000001"}},
		{"needs_reason=true&equipment=" + lineA + "/A1", []string{"stop-000000"}},
		{"to=" + ago(2499*time.Minute).String(), []string{"stop-000000"}},
		{"needs_reason=true&sort=duration", []string{"stop-000001", "stop-000000"}},
		{"needs_reason=true&limit=1", []string{"stop-000001", "stop-000000"}},
	} {
		query, err := url.ParseQuery(c.filter)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := s.pages(query)
		var ids []string
		for _, x := range got {
			ids = append(ids, x.ID)
		}
		if strings.Join(ids, " ") != strings.Join(c.want, " ") {
			t.Errorf("%s: got %q, want %q", c.filter, ids, c.want)
		}
	}
	for _, sort := range []string{"time", "duration", "cost"} {
		all, answers := s.pages(url.Values{"limit": {"500"}, "sort": {sort}})
		seen := map[string]bool{}
		for _, x := range all {
			seen[x.ID] = true
		}
		if len(all) != 2500 || len(seen) != 2500 || answers != 5 {
			t.Errorf("all by %s: got %d stops, %d different, in %d answers; want 2500 in 5", sort, len(all), len(seen), answers)
		}
	}
}

func TestTheListRefusesWhatItDoesNotUnderstand(t *testing.T) {
	s := newSite(t, nil)
	s.years(2)
	for _, query := range []string{"state=broken", "state=fault,", "life_cycle=x", "cursor=x", "cursor=5&sort=time", "cursor=1-2&sort=cost", "cursor=-1&sort=cost",
		"needs_reason=maybe", "equipment=[", "reason=" + strings.Repeat("x", 500)} {
		s.refused(s.get("/api/v1/stops?"+query), http.StatusBadRequest, "bad_query")
	}
	for _, query := range []string{"equipment=*/*/lineZ/*", "equipment=northfield/*/lineA"} {
		s.refused(s.get("/api/v1/stops?"+query), http.StatusNotFound, "unknown_equipment")
	}
}

func TestTheListFiltersWhatPeopleSaidAndNotWhatSignalsSaid(t *testing.T) {
	m := newMeeting(t, "packing")
	fault := m.stop(productiontest.A1, 18, 40)
	m.says("split", url.Values{"stop": {fault}, "at": {"09:21:40"}})
	part := m.stop(productiontest.A1, 21, 40)
	m.says("assign", url.Values{"give": {part + " wait_technician"}})
	find := func(filter string) string {
		query, err := url.ParseQuery(filter + "&equipment=" + productiontest.A1)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		all, _ := m.pages(query)
		for _, x := range all {
			out = append(out, strings.TrimSuffix(strings.TrimPrefix(x.From, "2026-03-02T"), "Z")+" "+x.Reason)
		}
		return strings.Join(out, ", ")
	}
	for filter, want := range map[string]string{
		"reason=wait_technician":                "08:21:40 wait_technician",
		"reason=staff":                          "08:21:40 wait_technician", // the group above it
		"reason=E-204":                          "08:18:40 E-204",
		"life_cycle=reasoned":                   "08:21:40 wait_technician",
		"from=2026-03-02T08:22:00Z&state=fault": "08:21:40 wait_technician",
		"from=2026-03-02T08:20:00Z&to=2026-03-02T08:22:00Z&limit=1": "08:21:40 wait_technician, 08:18:40 E-204",
	} {
		if got := find(filter); got != want {
			t.Errorf("%s: got %q, want %q", filter, got, want)
		}
	}
	m.says("merge", url.Values{"stop": {m.stop(productiontest.A1, 18, 40), part}})
	if got, want := find("state=fault"), "08:18:40 E-204"; got != want {
		t.Errorf("after a merge: got %q, want %q", got, want)
	}
	if got := find("reason=wait_technician"); got != "" {
		t.Errorf("reason that no stop has any more: got %q, want nothing", got)
	}
	if got, want := find("from=2026-03-02T08:23:00Z&to=2026-03-02T08:24:00Z"), "08:18:40 E-204"; got != want {
		t.Errorf("time in the second part of the whole: got %q, want %q", got, want)
	}
}
