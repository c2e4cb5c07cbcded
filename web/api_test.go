package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/store"
)

type listed struct {
	Equipment []struct {
		Path, State string
		ReasonName  string   `json:"reason_name"`
		OEE         *float64 `json:"oee"`
		OpenAlarms  *int     `json:"open_alarms"`
	}
	Lines  []struct{ Path string }
	Alarms struct{ Open, Unacknowledged *int }
}

func TestTheBoardListsTheWorstFirst(t *testing.T) {
	s := full(t, nil)
	got := decode[listed](t, s.expect(s.get("/api/v1/board"), http.StatusOK))
	var states []string
	for _, e := range got.Equipment {
		states = append(states, e.State)
	}
	want := []string{"safety", "fault", "blocked", "unknown", "changeover", "run", "not_scheduled"}
	if !slices.Equal(states, want) {
		t.Errorf("states: got %v, want %v", states, want)
	}
	fault := got.Equipment[1]
	if fault.ReasonName != "E-204 valve drive" || fault.OEE == nil || fault.OpenAlarms == nil || *fault.OpenAlarms != 1 {
		t.Errorf("fault: got %+v, want the reason's name, an OEE and one alarm", fault)
	}
	if lost := got.Equipment[3]; lost.OEE != nil {
		t.Errorf("OEE without data: got %v, want null", *lost.OEE)
	}
	if got.Alarms.Open == nil || *got.Alarms.Open != 2 || *got.Alarms.Unacknowledged != 1 {
		t.Errorf("alarms: got %+v, want 2 open, 1 unacknowledged", got.Alarms)
	}
}

func TestTheBoardOfOneLineLeavesTheOthersOut(t *testing.T) {
	s := full(t, nil)
	got := decode[listed](t, s.expect(s.get("/api/v1/board?equipment="+lineB), http.StatusOK))
	if len(got.Equipment) != 3 || len(got.Lines) != 0 || *got.Alarms.Open != 0 {
		t.Errorf("board of line B: got %+v, want its three equipments and no alarm", got)
	}
}

func TestTheBoardStaysWhenTheRecordsAreGone(t *testing.T) {
	s := full(t, nil)
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	body := s.expect(s.get("/api/v1/board"), http.StatusOK)
	got := decode[listed](t, body)
	if len(got.Equipment) != 7 || got.Alarms.Open != nil || !strings.Contains(body, "records: ") {
		t.Errorf("board: got %s, want all equipment, alarms null and the trouble named", body)
	}
	s.refused(s.get("/api/v1/alarms"), http.StatusInternalServerError, "internal")
	s.refused(s.get("/api/v1/stops"), http.StatusInternalServerError, "internal")
	if n := strings.Count(s.log.String(), "web route failed"); n != 2 {
		t.Errorf("log of two routes that fail: got %d lines, want 2", n)
	}
	s.refused(s.get("/api/v1/alarms"), http.StatusInternalServerError, "internal")
	if n := strings.Count(s.log.String(), "web route failed"); n != 2 {
		t.Errorf("log of a failure that repeats: got %d lines, want 2", n)
	}
}

func TestTheTreeShowsEquipmentThatNothingIsKnownOf(t *testing.T) {
	s := newSite(t, nil)
	got := decode[struct {
		Areas []struct {
			Lines []struct {
				Constraint string
				Equipment  []struct {
					Live *struct{}
					Tags []struct{ Type, Role string }
				}
			}
		}
	}](t, s.expect(s.get("/api/v1/equipment"), http.StatusOK))
	line := got.Areas[0].Lines[0]
	if line.Constraint != lineA+"/A1" || len(line.Equipment) != 4 || line.Equipment[0].Live != nil || line.Equipment[0].Tags[1].Type != "uint" {
		t.Errorf("line A: got %+v, want four equipments without live state", line)
	}
}

func TestStopsAreSelectedByTimePlaceAndState(t *testing.T) {
	s := full(t, nil)
	closed := store.Stop{ID: "stop-b1", Equipment: lineB + "/B1", Start: ago(3 * time.Hour), End: ago(2 * time.Hour), State: "stopped", Category: "unplanned", Body: []byte(`{}`)}
	if err := s.store.Commit(t.Context(), store.Commit{Area: "moulding", Pos: 1, Stops: []store.Stop{closed}}); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"":                             "stop-a1 stop-b1",
		"?open=true":                   "stop-a1",
		"?equipment=" + lineB:          "stop-b1",
		"?limit=1":                     "stop-a1 more",
		"?from=" + rfc(30*time.Minute): "stop-a1",
		"?from=" + rfc(4*time.Hour) + "&to=" + rfc(time.Hour): "stop-b1",
	} {
		got := decode[struct {
			Stops []struct{ ID string }
			More  bool
		}](t, s.expect(s.get("/api/v1/stops"+query), http.StatusOK))
		var ids []string
		for _, x := range got.Stops {
			ids = append(ids, x.ID)
		}
		if got.More {
			ids = append(ids, "more")
		}
		if text := strings.Join(ids, " "); text != want {
			t.Errorf("stops%s: got %q, want %q", query, text, want)
		}
	}
}

func rfc(d time.Duration) string { return url.QueryEscape(wall.Add(-d).Format(time.RFC3339)) }

func TestAnOpenStopGrowsAndTimeWithoutDataIsNoDowntime(t *testing.T) {
	s := full(t, nil)
	got := decode[struct {
		Stops []struct {
			To       *string
			Duration float64
			Excluded float64 `json:"excluded_time"`
		}
	}](t, s.expect(s.get("/api/v1/stops?open=true"), http.StatusOK)).Stops[0]
	if got.To != nil || got.Duration != 400 || got.Excluded != 2 {
		t.Errorf("stop: got %+v, want open, 400 s of downtime and 2 s that are none", got)
	}
}

func TestAlarmsAreSelectedByStateClassPlaceAndTime(t *testing.T) {
	s := full(t, nil)
	for query, want := range map[string]string{
		"":                            "alarm-taken alarm-hot alarm-over",
		"?open=true":                  "alarm-hot alarm-taken",
		"?class=material":             "alarm-taken",
		"?equipment=" + lineA + "/A1": "alarm-hot alarm-over",
		"?to=" + rfc(time.Hour):       "alarm-over",
		"?limit=1&open=true":          "alarm-hot more",
	} {
		got := decode[struct {
			Alarms []struct{ ID string }
			More   bool
		}](t, s.expect(s.get("/api/v1/alarms"+query), http.StatusOK))
		var ids []string
		for _, x := range got.Alarms {
			ids = append(ids, x.ID)
		}
		slices.Sort(ids)
		if got.More {
			ids = append(ids, "more")
		}
		wanted := strings.Fields(want)
		slices.SortFunc(wanted, func(a, b string) int {
			return strings.Compare(strings.Replace(a, "more", "~", 1), strings.Replace(b, "more", "~", 1))
		})
		if !slices.Equal(ids, wanted) {
			t.Errorf("alarms%s: got %q, want %q", query, ids, wanted)
		}
	}
}

func TestAnAlarmComesWithItsHistoryAndWhoWasTold(t *testing.T) {
	s := full(t, nil)
	got := decode[struct {
		Open        bool
		Alarm       struct{ ID string }
		Transitions []struct{ Event string }
		Deliveries  []struct {
			Contact, Kind, State string
			NextAt               *string `json:"next_at"`
		}
	}](t, s.expect(s.get("/api/v1/alarms/alarm-hot"), http.StatusOK))
	if !got.Open || got.Alarm.ID != "alarm-hot" || len(got.Transitions) != 1 || got.Transitions[0].Event != "raised" {
		t.Errorf("alarm: got %+v, want it open with its raise", got)
	}
	if d := got.Deliveries; len(d) != 1 || d[0].Contact != "anna" || d[0].State != "queued" || d[0].NextAt == nil {
		t.Errorf("deliveries: got %+v, want one queued to anna", d)
	}
	s.refused(s.get("/api/v1/alarms/nobody"), http.StatusNotFound, "not_found")
}

func TestKPIsOfAFreeWindowComeFromTheEngine(t *testing.T) {
	s := full(t, nil)
	body := s.expect(s.get("/api/v1/kpis?equipment="+lineA+"/A1&from=2026-03-02T08:00:00Z&to=2026-03-02T10:00:00%2B01:00"), http.StatusOK)
	got := decode[struct {
		Window string
		OEE    float64  `json:"oee_index"`
		A      *float64 `json:"availability"`
		Total  *int     `json:"produced_quantity"`
	}](t, body)
	if got.OEE < .66 || got.A != nil || got.Total == nil || got.Window != "range" {
		t.Errorf("KPI: got %s, want a range with an OEE, null for what does not exist and the quantities", body)
	}
	want := plant.Interval{From: plant.At(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)), To: plant.At(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))}
	if !slices.Equal(s.engine.windows, []plant.Interval{want}) {
		t.Errorf("window asked of the engine: got %v, want %v", s.engine.windows, want)
	}
}

func TestRunningKPIsExistForLinesToo(t *testing.T) {
	s := full(t, nil)
	for _, path := range []string{lineA, lineA + "/A1"} {
		for _, window := range []string{"last_hour", "shift"} {
			got := decode[struct{ Window string }](t, s.expect(s.get("/api/v1/kpis?window="+window+"&equipment="+path), http.StatusOK))
			if got.Window != window {
				t.Errorf("window: got %q, want %q", got.Window, window)
			}
		}
	}
	s.refused(s.get("/api/v1/kpis?window=shift&equipment="+lineB), http.StatusNotFound, "no_data")
}

func TestQueriesAreReadStrictly(t *testing.T) {
	s := full(t, nil)
	a1 := "equipment=" + lineA + "/A1"
	for _, path := range []string{
		"/api/v1/board?area=packing", "/api/v1/equipment?x=1", "/api/v1/alarms/alarm-hot?x=1",
		"/api/v1/stops?limit=0", "/api/v1/stops?limit=501", "/api/v1/stops?limit=1&limit=2", "/api/v1/stops?open=yes",
		"/api/v1/stops?from=yesterday", "/api/v1/stops?from=2026-03-02T10:00:00+01:00", "/api/v1/stops?from=0001-01-01T00:00:00Z",
		"/api/v1/stops?from=2026-03-02T10:00:00Z&to=2026-03-02T09:00:00Z", "/api/v1/stops?a;b", "/api/v1/stops?x=%zz",
		"/api/v1/alarms?class=hot", "/api/v1/alarms?equipment=" + strings.Repeat("a", 401),
		"/api/v1/kpis", "/api/v1/kpis?" + a1, "/api/v1/kpis?window=hour&" + a1, "/api/v1/kpis?window=range&" + a1, "/api/v1/kpis?window=last_hour&from=2026-03-02T08:00:00Z&" + a1,
		"/api/v1/kpis?from=2026-03-02T08:00:00Z&" + a1, "/api/v1/kpis?from=2026-01-01T00:00:00Z&to=2026-03-02T08:00:00Z&" + a1,
		"/api/v1/kpis?revision=stored&" + a1, "/api/v1/kpis?revision=-1&from=2026-03-02T08:00:00Z&to=2026-03-02T09:00:00Z&" + a1,
		"/api/v1/kpis?window=last_hour&revision=stored&from=2026-03-02T08:00:00Z&to=2026-03-02T09:00:00Z&" + a1,
		"/api/v1/kpis/history?path=" + lineA, "/api/v1/kpis/history?from=2026-03-02T08:00:00Z&to=2026-03-02T09:00:00Z",
		"/api/v1/kpis/explain?from=2026-03-02T08:00:00Z&to=2026-03-02T09:00:00Z&" + a1,
		"/api/v1/events", "/api/v1/events?topics=shoes",
	} {
		s.refused(s.get(path), http.StatusBadRequest, "bad_query")
	}
	for _, path := range []string{"/api/v1/board?equipment=northfield/packing/lineC", "/api/v1/kpis?window=last_hour&equipment=A1", "/api/v1/stops?equipment=north"} {
		s.refused(s.get(path), http.StatusNotFound, "unknown_equipment")
	}
}

func TestAddressesAndMethodsThatDoNotExistSaySo(t *testing.T) {
	s := full(t, nil)
	s.refused(s.get("/api/v1/alarm"), http.StatusNotFound, "not_found")
	s.refused(s.get("/api/"), http.StatusNotFound, "not_found")
	res := s.ask(httptest.NewRequest(http.MethodDelete, "/api/v1/alarms/alarm-hot", nil))
	if got := res.Header.Get("Allow"); got != "GET" {
		t.Errorf("Allow: got %q, want GET", got)
	}
	s.refused(res, http.StatusMethodNotAllowed, "method_not_allowed")
	s.refused(s.get("/api/v1/alarms/alarm-hot/ack"), http.StatusMethodNotAllowed, "method_not_allowed")
	s.refused(s.ask(httptest.NewRequest(http.MethodHead, "/api/v1/events?topics=board", nil)), http.StatusMethodNotAllowed, "method_not_allowed")
	if body := s.expect(s.get("/nothing"), http.StatusNotFound); !strings.Contains(body, "<h1>404</h1>") {
		t.Errorf("a page that does not exist: got %s, want a page that says so", body)
	}
	s.expect(s.ask(httptest.NewRequest(http.MethodHead, "/api/v1/board", nil)), http.StatusOK)
}

func TestRevisionsOfAnHourSayWhyTheyWereMade(t *testing.T) {
	s := full(t, nil)
	type kept struct {
		Revision int
		Why      string
		OEE      float64 `json:"oee_index"`
	}
	body := s.expect(s.get("/api/v1/kpis/history?window=hour&path="+lineA+"/A1"+eightToNine), http.StatusOK)
	all := decode[struct{ Revisions []kept }](t, body).Revisions
	if len(all) != 2 || all[0].Revision != 1 || all[1].Why != "Anna: 10 scrap added" || all[1].OEE < .66 {
		t.Errorf("history: got %s, want two revisions and what Anna did", body)
	}
	body = s.expect(s.get("/api/v1/kpis?revision=stored&window=hour&equipment="+lineA+"/A1"+eightToNine), http.StatusOK)
	if all := decode[struct{ Revisions []kept }](t, body).Revisions; len(all) != 1 || all[0].Revision != 2 {
		t.Errorf("stored: got %s, want the latest revision alone", body)
	}
}
