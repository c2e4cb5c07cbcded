package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"andon/plant"
	"andon/production/productiontest"
	"andon/production/review"
	"andon/web"
)

// lastCommand is what the engine got last.
func (m *meeting) lastCommand() (plant.Command, review.CommandArgs) {
	m.t.Helper()
	given := m.engine.given()
	if len(given) == 0 {
		m.t.Fatal("commands: got none")
	}
	last := given[len(given)-1]
	var args review.CommandArgs
	if err := json.Unmarshal(last.Args, &args); err != nil {
		m.t.Fatal(err)
	}
	return last, args
}

func TestEachFormOfTheStopsPageGivesItsCommand(t *testing.T) {
	m := newMeeting(t, "packing")
	id := m.stop(productiontest.A1, 18, 40)
	jam := m.stop(productiontest.A1, 10, 0)
	for _, c := range []struct {
		what   string
		fields url.Values
		target string
		right  func(plant.Command, review.CommandArgs) bool
	}{
		{"assign", url.Values{"give": {id + " wait_technician"}}, productiontest.A1,
			func(_ plant.Command, a review.CommandArgs) bool {
				return a.Reason == "wait_technician" && a.Stops[0].Stop == id && a.Stops[0].End != 0
			}},
		{"assign", url.Values{"stop": {id, jam}, "reason": {"audit"}, "comment": {"ISO"}}, productiontest.A1,
			func(c plant.Command, a review.CommandArgs) bool {
				return a.Reason == "audit" && len(a.Stops) == 2 && c.Comment == "ISO"
			}},
		{"comment", url.Values{"stop": {id}, "comment": {" no spare "}}, productiontest.A1,
			func(c plant.Command, _ review.CommandArgs) bool { return c.Comment == "no spare" }},
		{"dispute", url.Values{"stop": {id}, "comment": {"it was the drive"}}, productiontest.A1,
			func(c plant.Command, _ review.CommandArgs) bool { return c.Comment == "it was the drive" }},
		{"review", url.Values{"stop": {id}}, productiontest.A1, func(_ plant.Command, a review.CommandArgs) bool { return a.Stops[0].Stop == id }},
		{"reopen", url.Values{"stop": {id}}, productiontest.A1, func(_ plant.Command, a review.CommandArgs) bool { return a.Stops[0].Stop == id }},
		{"not_downtime", url.Values{"stop": {jam}}, productiontest.A1, func(_ plant.Command, a review.CommandArgs) bool { return a.Stops[0].Stop == jam }},
		{"sign_off", url.Values{"equipment": {lineA}, "from": {minuteOf(0).String()}, "to": {minuteOf(60).String()}, "sure": {"yes"}}, lineA,
			func(_ plant.Command, a review.CommandArgs) bool { return a.From == minuteOf(0) && a.To == minuteOf(60) }},
		{"split", url.Values{"stop": {id}, "at": {"09:21:40"}}, productiontest.A1,
			func(_ plant.Command, a review.CommandArgs) bool { return a.At == minuteOf(21).Add(40e9) }},
	} {
		where := m.says(c.what, c.fields)
		cmd, args := m.lastCommand()
		if cmd.Verb != "stop."+c.what || cmd.Target != c.target || cmd.User != "Anna" || !c.right(cmd, args) {
			t.Errorf("%s: got %+v with %+v", c.what, cmd, args)
		}
		if !strings.HasPrefix(where, "/stops?") {
			t.Errorf("after %s: got %q, want the page again", c.what, where)
		}
	}
	m.says("undo", url.Values{"edit": {m.engine.given()[0].ID}})
	if cmd, args := m.lastCommand(); cmd.Verb != "stop.undo" || args.Edit != m.engine.given()[0].ID {
		t.Errorf("undo: got %+v with %+v, want the first edit taken back", cmd, args)
	}
	if log := m.log.String(); strings.Count(log, "command done") != len(m.engine.given()) {
		t.Error("log: got not one line for each command")
	}
}

func TestTheStopsPageAsksWhoSpeaks(t *testing.T) {
	m := newMeeting(t, "packing")
	id := m.stop(productiontest.A1, 18, 40)
	for _, what := range []string{"assign", "comment", "split", "merge", "not_downtime", "review", "dispute", "reopen", "sign_off", "undo"} {
		fields := url.Values{"stop": {id}, "reason": {"no_operator"}, "next": {view(lineA)}}
		res := m.ask(form("/stops/"+what, fields.Encode()))
		m.expect(res, http.StatusSeeOther)
		if got, want := res.Header.Get("Location"), "/login?next="+url.QueryEscape(view(lineA)); got != want {
			t.Errorf("%s without a login: got %q, want %q", what, got, want)
		}
		r := form("/stops/"+what, fields.Encode())
		r.AddCookie(login(m.site))
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		m.expect(m.ask(r), http.StatusForbidden)
		r = form("/stops/"+what, fields.Encode())
		r.Header.Set("Authorization", "Bearer "+token)
		m.expect(m.ask(r), http.StatusBadRequest)
	}
	m.expect(m.asks("burn", url.Values{"stop": {id}}), http.StatusNotFound)
	m.expect(m.asks("adjust", url.Values{"stop": {id}}), http.StatusNotFound)
	if n := len(m.engine.given()); n != 0 {
		t.Errorf("commands: got %d, want none", n)
	}
	reading := full(t, func(c *web.Config) { c.Token = "" })
	if body := reading.expect(reading.get("/stops"), http.StatusOK); strings.Contains(body, "<form") || strings.Contains(body, "<button") {
		t.Error("stops of a site for reading: got a form, want none")
	}
	reading.expect(reading.ask(form("/stops/review", "stop=x")), http.StatusForbidden)
}

func TestWhatIsRefusedStandsOnThePage(t *testing.T) {
	m := newMeeting(t, "packing")
	id := m.stop(productiontest.A1, 18, 40)
	for _, c := range []struct {
		what   string
		fields url.Values
		status int
		text   string
	}{
		{"assign", url.Values{"stop": {id}}, http.StatusBadRequest, "choose a reason"},
		{"assign", url.Values{"reason": {"no_operator"}}, http.StatusBadRequest, "choose a stop first"},
		{"assign", url.Values{"stop": {id}, "reason": {"audit"}}, http.StatusBadRequest, "needs a comment"},
		{"assign", url.Values{"give": {id}}, http.StatusBadRequest, "choose a reason"},
		{"assign", url.Values{"stop": {"nobody"}, "reason": {"no_operator"}}, http.StatusNotFound, "no such record"},
		{"split", url.Values{"stop": {id}, "at": {"noon"}}, http.StatusBadRequest, "want a time of day"},
		{"split", url.Values{"stop": {id}, "at": {"09:24:39"}}, http.StatusConflict, "shorter than"},
		{"merge", url.Values{"stop": {id}}, http.StatusBadRequest, "2 to"},
		{"comment", url.Values{"stop": {id}}, http.StatusBadRequest, "want a text"},
		{"sign_off", url.Values{"equipment": {lineA}}, http.StatusBadRequest, "tick that"},
		{"sign_off", url.Values{"equipment": {"elsewhere"}, "sure": {"yes"}}, http.StatusNotFound, "no such path"},
		{"sign_off", url.Values{"equipment": {lineA}, "sure": {"yes"}, "from": {"x"}}, http.StatusBadRequest, "from: want a time"},
		{"undo", url.Values{"edit": {"nobody"}}, http.StatusNotFound, "no such record"},
		{"comment", url.Values{"stop": {id}, "comment": {strings.Repeat("a", 501)}}, http.StatusBadRequest, "printable"},
	} {
		page := m.expect(m.asks(c.what, c.fields), c.status)
		_, alert, _ := strings.Cut(page, `<p class="error" role="alert">`)
		alert, _, _ = strings.Cut(alert, "</p>")
		if !strings.Contains(alert, c.text) || !strings.Contains(page, `id="stop-list"`) {
			t.Errorf("%s %v: got %q on the page, want %q", c.what, c.fields, alert, c.text)
		}
	}
	if n := len(m.engine.given()); n != 0 {
		t.Errorf("commands: got %d, want none", n)
	}
	// Nobody is led elsewhere.
	res := m.asks("review", url.Values{"stop": {id}, "next": {"//evil.example/stops"}})
	if got := res.Header.Get("Location"); !strings.HasPrefix(got, "/stops#s-") {
		t.Errorf("next elsewhere: got %q, want the page", got)
	}
}
