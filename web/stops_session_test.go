package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"andon/production/productiontest"
)

// asAnna sends a write of the API as the page of a person who is logged in
// would, without the token of programs.
func (m *meeting) asAnna(path string, fields map[string]any) *http.Response {
	m.t.Helper()
	r := ack("/api/v1/"+path, string(encode(m.t, fields)))
	r.Header.Del("Authorization")
	r.AddCookie(login(m.site))
	return m.ask(r)
}

// speakers are who said what by the audit trail, the latest last.
func (m *meeting) speakers() (all []string) {
	m.t.Helper()
	audit := decode[struct {
		Edits []struct{ Kind, User string }
	}](m.t, m.expect(m.get("/api/v1/edits?equipment="+lineA), http.StatusOK))
	for _, e := range audit.Edits {
		all = append(all, e.Kind+" "+e.User)
	}
	return all
}

func TestNobodyWhoIsLoggedInSpeaksInAnothersName(t *testing.T) {
	m := newMeeting(t, "packing")
	fault, jam := m.stop(productiontest.A1, 18, 40), m.stop(productiontest.A1, 10, 0)
	window := map[string]any{"equipment": productiontest.A1, "from": minuteOf(0), "to": minuteOf(60)}
	said := decode[saidBody](t, m.expect(m.asAnna("stops/"+fault+"/comment", map[string]any{"comment": "her own"}), http.StatusOK))
	for path, fields := range map[string]map[string]any{
		"stops/" + fault + "/assign":       {"reason": "no_operator"},
		"stops/" + fault + "/split":        {"at": minuteOf(21)},
		"stops/" + fault + "/comment":      {"comment": "was he it?"},
		"stops/" + fault + "/not_downtime": {},
		"stops/" + fault + "/review":       {},
		"stops/" + fault + "/dispute":      {"comment": "no"},
		"stops/" + fault + "/reopen":       {},
		"stops/assign":                     {"stops": []string{fault, jam}, "reason": "no_operator"},
		"stops/merge":                      {"stops": []string{fault, jam}},
		"stops/sign_off":                   window,
		"counts/adjust":                    {"equipment": productiontest.A1, "from": minuteOf(0), "to": minuteOf(60), "scrap": 1},
		"edits/" + said.Command + "/undo":  {},
	} {
		body := map[string]any{"user": "Ben"}
		for k, v := range fields {
			body[k] = v
		}
		m.refused(m.asAnna(path, body), http.StatusBadRequest, "bad_user")
	}
	expectRows(t, "audit", m.speakers(), "comment Anna")
	if n := len(m.engine.given()); n != 1 {
		t.Errorf("commands: got %d, want only what Anna said in her own name", n)
	}
}

type saidBody struct{ Command, User string }

func TestTheAuditHasTheUserOfTheSession(t *testing.T) {
	m := newMeeting(t, "packing")
	fault := m.stop(productiontest.A1, 18, 40)
	for _, user := range []map[string]any{{}, {"user": " Anna "}} {
		user["reason"] = "no_operator"
		if said := decode[saidBody](t, m.expect(m.asAnna("stops/"+fault+"/assign", user), http.StatusOK)); said.User != "Anna" {
			t.Errorf("answer: got user %q, want Anna", said.User)
		}
	}
	// The page has no field for a name; one that somebody adds changes nothing.
	m.says("review", url.Values{"stop": {fault}, "user": {"Ben"}})
	said := decode[saidBody](t, m.expect(m.ask(ack("/api/v1/stops/"+fault+"/comment", `{"user":"Ben","comment":"by a program"}`)), http.StatusOK))
	m.asAnna("edits/"+said.Command+"/undo", nil)
	expectRows(t, "audit", m.speakers(), "assign Anna", "assign Anna", "review Anna", "comment Ben", "undo Anna")
	for _, cmd := range m.engine.given() {
		if cmd.User != "Anna" && cmd.ID != said.Command {
			t.Errorf("command %s: got user %q, want Anna", cmd.Verb, cmd.User)
		}
	}
}
