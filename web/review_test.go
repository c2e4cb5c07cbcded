package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"andon/engine"
	"andon/plant"
	"andon/production"
	"andon/production/review"
	"andon/store"
	"andon/web"
)

// reviewing is a site whose people have reasons to choose, and a fault of A1
// that is over.
func reviewing(t *testing.T) *site {
	t.Helper()
	cfg := production.DefaultConfig()
	cfg.Reasons = []production.Reason{
		{ID: "staff", Name: "People", Category: production.CategoryOther},
		{ID: "no_operator", Name: "No operator", Parent: "staff"},
		{ID: "cleaning", Name: "Cleaning", Category: production.CategoryPlanned, RequiresComment: true},
	}
	s := newSiteWith(t, nil, func(o *web.Options) { o.Desk = engine.NewDesk(cfg, o.Tree, o.Store) })
	for _, id := range []string{"over-1", "over-2"} {
		stop := production.Stop{ID: id, From: ago(30 * time.Minute), To: ago(24 * time.Minute), State: plant.StateFault, Loss: production.LossFault,
			Reason: "fault", ReasonName: "fault", ReasonSource: "state", Category: "fault", Failure: true, Shift: "Early"}
		if id == "over-2" {
			stop.From, stop.To = ago(20*time.Minute), ago(19*time.Minute)
		}
		err := s.store.Commit(t.Context(), store.Commit{Area: "northfield/packing", Pos: 1, Time: ago(0), Stops: []store.Stop{{ID: id,
			Equipment: lineA + "/A1", Start: stop.From, End: stop.To, State: "fault", Category: "fault", Body: encode(t, stop)}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestAPersonSaysWhatAStopWas(t *testing.T) {
	s := reviewing(t)
	for path, body := range map[string]string{
		"/api/v1/stops/over-1/assign": `{"user":"Anna","reason":"no_operator"}`,
		"/api/v1/stops/over-1/split":  `{"user":"Anna","at":"` + ago(27*time.Minute).String() + `"}`,
		"/api/v1/stops/assign":        `{"user":"Anna","reason":"no_operator","stops":["over-1","over-2"]}`,
		"/api/v1/stops/sign_off":      `{"user":"Anna","equipment":"` + lineA + `","from":"` + ago(time.Hour).String() + `","to":"` + ago(0).String() + `"}`,
	} {
		s.expect(s.ask(ack(path, body)), http.StatusOK)
	}
	verbs := map[string]int{}
	for _, c := range s.engine.given() {
		verbs[c.Verb]++
		if c.User != "Anna" || !strings.HasPrefix(c.Target, lineA) {
			t.Errorf("command: got %+v, want it of Anna for the line", c)
		}
	}
	if verbs["stop.assign"] != 2 || verbs["stop.split"] != 1 || verbs["stop.sign_off"] != 1 {
		t.Errorf("commands: got %v", verbs)
	}
	if log := s.log.String(); !strings.Contains(log, "verb=stop.split") {
		t.Errorf("audit: got %s, want a line for each command", log)
	}
}

func TestWhatWouldHaveNoEffectIsToldAtOnce(t *testing.T) {
	s := reviewing(t)
	s.refused(s.ask(ack("/api/v1/stops/over-1/assign", `{"user":"Anna","reason":"staff"}`)), http.StatusBadRequest, "refused")
	s.refused(s.ask(ack("/api/v1/stops/over-1/assign", `{"user":"Anna","reason":"cleaning"}`)), http.StatusBadRequest, "refused")
	s.refused(s.ask(ack("/api/v1/stops/over-1/assign", `{"reason":"no_operator"}`)), http.StatusBadRequest, "bad_user")
	s.refused(s.ask(ack("/api/v1/stops/over-1/split", `{"user":"Anna","at":"`+ago(24*time.Minute).Add(-time.Second).String()+`"}`)), http.StatusConflict, "no_effect")
	s.refused(s.ask(ack("/api/v1/stops/merge", `{"user":"Anna","stops":["over-1","over-2"]}`)), http.StatusConflict, "no_effect")
	s.refused(s.ask(ack("/api/v1/counts/adjust", `{"user":"Anna","equipment":"`+lineA+`/A1","from":"`+ago(time.Hour).String()+`","to":"`+ago(0).String()+`","scrap":3}`)),
		http.StatusConflict, "no_effect")
	s.refused(s.ask(ack("/api/v1/stops/nobody/review", `{"user":"Anna"}`)), http.StatusNotFound, "not_found")
	s.refused(s.ask(ack("/api/v1/edits/nobody/undo", `{"user":"Anna"}`)), http.StatusNotFound, "not_found")
	r := httptest.NewRequest(http.MethodPost, "/api/v1/stops/over-1/review", strings.NewReader(`{"user":"Anna"}`))
	r.Header.Set("Content-Type", "application/json")
	s.refused(s.ask(r), http.StatusUnauthorized, "token_missing")
	if n := len(s.engine.given()); n != 0 {
		t.Errorf("commands: got %d, want none", n)
	}
}

func TestStopsShowWhatPeopleSaid(t *testing.T) {
	s := reviewing(t)
	book := review.NewBook(review.NewDefinitions(production.DefaultConfig(), s.tree), s.tree.FindArea("packing"))
	split := plant.Command{ID: "c1", Verb: "stop.split", Target: lineA + "/A1", User: "Anna", Time: ago(0),
		Args: []byte(`{"stop":"over-1","start":"` + ago(30*time.Minute).String() + `","at":"` + ago(27*time.Minute).String() + `"}`)}
	if err := book.Command(ago(0), 7, split); err != nil {
		t.Fatal(err)
	}
	e := book.Drain()[0]
	if err := s.store.Commit(t.Context(), store.Commit{Area: "northfield/packing", Pos: 7, Time: ago(0), Edits: []store.Edit{{Seq: e.Seq, ID: e.ID, Pos: e.Pos,
		Time: e.Time, Equipment: e.Equipment, Start: e.From, End: e.To, Kind: string(e.Kind), User: e.User, Body: encode(t, e)}}}); err != nil {
		t.Fatal(err)
	}
	type stop struct {
		ID, Parent string
		Life       string  `json:"life_cycle"`
		Duration   float64 `json:"duration"`
		Children   []string
	}
	list := decode[struct{ Stops []stop }](t, s.expect(s.get("/api/v1/stops?needs_reason=true&sort=duration&shift=Early"), http.StatusOK))
	if len(list.Stops) != 3 || list.Stops[0].Duration != 180 || list.Stops[1].Duration != 180 || list.Stops[0].Parent != "over-1" {
		t.Fatalf("stops: got %+v, want the two parts, then the short one", list.Stops)
	}
	one := decode[struct {
		Stop    stop
		History []struct{ Text, Hash string }
	}](t, s.expect(s.get("/api/v1/stops/over-1"), http.StatusOK))
	if one.Stop.Life != "replaced" || len(one.Stop.Children) != 2 || len(one.History) != 1 || !strings.HasPrefix(one.History[0].Text, "Anna: stop of A1 at 09:54:31 split") {
		t.Errorf("the whole: got %+v", one)
	}
	s.expect(s.get("/api/v1/stops/"+list.Stops[0].ID), http.StatusOK)
	audit := decode[struct {
		Edits  []struct{ Seq int }
		Chains []struct {
			Area, Head, Broken string
			Edits              int
		}
	}](t, s.expect(s.get("/api/v1/edits?equipment="+lineA), http.StatusOK))
	if len(audit.Edits) != 1 || audit.Chains[0].Edits != 1 || audit.Chains[0].Head != e.Hash || audit.Chains[0].Broken != "" {
		t.Errorf("audit: got %+v, want one edit in a whole chain", audit)
	}
	s.refused(s.ask(ack("/api/v1/stops/over-1/review", `{"user":"Anna"}`)), http.StatusConflict, "no_effect")
	d := readDescription(t)
	for route, path := range map[string]string{"/api/v1/stops": "/api/v1/stops", "/api/v1/stops/{id}": "/api/v1/stops/over-1",
		"/api/v1/edits": "/api/v1/edits", "/api/v1/reasons": "/api/v1/reasons?equipment=" + lineA + "/A1&stop=over-2"} {
		schema := d.at("paths", route, "get", "responses", "200", "content", "application/json", "schema")
		for _, wrong := range d.check("", schema, decode[any](t, s.expect(s.get(path), http.StatusOK))) {
			t.Errorf("get %s%s", route, wrong)
		}
	}
}

func TestTheBoardNamesTheReasonThatAPersonGave(t *testing.T) {
	s := reviewing(t)
	s.record()
	said := s.live(lineA+"/A1", plant.StateStopped, 402*time.Second)
	said.Stop, said.Reason = "stop-a1", "no_operator" // the signal says E-204
	part := s.live(lineA+"/A2", plant.StateStopped, time.Minute)
	part.Stop, part.Reason = "stop-a2.0badcafe", "staff"
	signal := s.live(lineA+"/A3", plant.StateFault, time.Minute)
	signal.Stop, signal.Reason = "stop-a1", "e204"
	s.engine.live = []production.Live{said, part, signal}
	board := decode[struct {
		Equipment []struct {
			Name       string
			ReasonName string `json:"reason_name"`
		}
	}](t, s.expect(s.get("/api/v1/board"), http.StatusOK))
	got := map[string]string{}
	for _, e := range board.Equipment {
		got[e.Name] = e.ReasonName
	}
	if got["A1"] != "No operator" || got["A2"] != "People" || got["A3"] != "E-204 valve drive" {
		t.Errorf("reasons: got %v, want that of the person, that of a part and that of the signal", got)
	}
	if page := s.expect(s.get("/"), http.StatusOK); !strings.Contains(page, "No operator") {
		t.Error("board: got no word of what the person said")
	}
}
