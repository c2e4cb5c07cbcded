package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"andon/production/productiontest"

	"github.com/google/go-cmp/cmp"
)

// A wrong is a request that must be refused, with how.
type wrong struct {
	path   string
	fields map[string]any
	status int
	code   string
}

// wrongOfAStop is what makes no sense of one stop of A1.
func (f *factory) wrongOfAStop(fault string) []wrong {
	one := "stops/" + fault + "/"
	return []wrong{
		{"stops/nobody/assign", map[string]any{"reason": "no_operator"}, 404, "not_found"},
		{"stops/" + fault + ".0000/review", nil, 404, "not_found"},
		{one + "assign", map[string]any{"reason": "nonsense"}, 400, "refused"},
		{one + "assign", map[string]any{"reason": "staff"}, 400, "refused"}, // a group
		{one + "assign", map[string]any{"reason": "E-310"}, 400, "refused"}, // the moulder's
		{one + "assign", map[string]any{"reason": "audit"}, 400, "refused"}, // without its comment
		{one + "assign", nil, 400, "refused"},
		{one + "split", nil, 400, "refused"},
		{one + "split", map[string]any{"at": "yesterday"}, 400, "bad_body"},
		{one + "split", map[string]any{"at": 5}, 400, "bad_body"},
		{one + "split", map[string]any{"at": f.at(18, 30)}, 400, "refused"},
		{one + "split", map[string]any{"at": f.at(30, 0)}, 409, "no_effect"},
		{one + "split", map[string]any{"at": f.at(600, 0)}, 400, "refused"}, // to come
		{one + "comment", nil, 400, "refused"},
		{one + "comment", map[string]any{"comment": strings.Repeat("x", 501)}, 400, "bad_comment"},
		{one + "comment", map[string]any{"comment": "bell\a"}, 400, "bad_comment"},
		{one + "review", map[string]any{"user": ""}, 400, "bad_user"},
		{one + "review", map[string]any{"user": "two\nlines"}, 400, "bad_user"},
		{one + "review", map[string]any{"user": strings.Repeat("x", 65)}, 400, "bad_user"},
		{one + "review", map[string]any{"unheard": 1}, 400, "bad_body"},
		{one + "review", map[string]any{"comment": strings.Repeat("x", 9000)}, 413, "body_too_large"},
	}
}

// wrongOfMany is what makes no sense of several stops or of a time.
func (f *factory) wrongOfMany(fault, other string) []wrong {
	with := func(more ...any) map[string]any {
		all := map[string]any{"equipment": lineA, "from": f.at(0, 0), "to": f.at(60, 0)}
		for i := 0; i < len(more); i += 2 {
			all[more[i].(string)] = more[i+1]
		}
		return all
	}
	return []wrong{
		{"stops/assign", map[string]any{"reason": "no_operator"}, 400, "bad_body"},
		{"stops/assign", map[string]any{"reason": "no_operator", "stops": slices.Repeat([]string{"x"}, 101)}, 400, "bad_body"},
		{"stops/assign", map[string]any{"reason": "no_operator", "stops": []string{fault, other}}, 400, "refused"}, // of two areas
		{"stops/merge", map[string]any{"stops": []string{fault}}, 400, "refused"},
		{"stops/merge", map[string]any{"stops": []string{fault, other}}, 400, "refused"},
		{"stops/merge", map[string]any{"stops": []string{fault, f.stop(40, 0).ID}}, 409, "no_effect"}, // far from it
		{"stops/sign_off", map[string]any{}, 404, "unknown_equipment"},
		{"stops/sign_off", with("equipment", "northfield/packing/lineZ"), 404, "unknown_equipment"},
		{"stops/sign_off", with("equipment", "northfield"), 400, "refused"}, // more than an area
		{"stops/sign_off", with("to", f.at(-1, 0)), 400, "refused"},
		{"stops/sign_off", with("from", f.at(600, 0), "to", f.at(601, 0)), 400, "refused"}, // to come
		{"stops/sign_off", with("from", "1999-01-01T00:00:00Z"), 400, "bad_window"},
		{"counts/adjust", with("equipment", productiontest.A1, "scrap", 3, "to", "2199-01-01T00:00:00Z"), 400, "bad_window"},
		{"counts/adjust", with("scrap", 3), 400, "refused"},                     // a line
		{"counts/adjust", with("equipment", productiontest.A1), 400, "refused"}, // of nothing
		{"counts/adjust", with("equipment", productiontest.A1, "scrap", 1e12), 400, "refused"},
		{"counts/adjust", with("equipment", productiontest.A1, "scrap", 1.5), 400, "bad_body"},
		{"edits/nobody/undo", nil, 404, "not_found"},
	}
}

func TestNothingWrongReachesTheRecordsOverTheNetwork(t *testing.T) {
	f := newFactory(t)
	fault, other := f.stop(18, 40), f.stopOf(productiontest.B1, 28, 0)
	before := f.list(productiontest.A1)
	for _, c := range append(f.wrongOfAStop(fault.ID), f.wrongOfMany(fault.ID, other.ID)...) {

		status, body := f.post(c.path, c.fields)
		got := decode[struct {
			Error struct{ Code, Message string }
		}](t, body).Error
		if status != c.status || got.Code != c.code || got.Message == "" {
			t.Errorf("%s %.120v: got %d %s, want %d %s", c.path, c.fields, status, body, c.status, c.code)
		}
	}
	if diff := cmp.Diff(before, f.list(productiontest.A1)); diff != "" || f.chains() != 0 {
		t.Errorf("records after all that: got %d edits, stops (-before +after):\n%s", f.chains(), diff)
	}
}

func TestNobodyReviewsWithoutLogin(t *testing.T) {
	f := newFactory(t)
	fault := f.stop(18, 40)
	body := `{"user":"Mallory","reason":"no_operator","comment":"x","at":"` + f.at(21, 40).String() + `","stops":["` + fault.ID + `"],
		"equipment":"` + lineA + `","from":"` + f.at(0, 0).String() + `","to":"` + f.at(60, 0).String() + `"}`
	paths := []string{"stops/assign", "stops/merge", "stops/sign_off", "counts/adjust", "edits/x/undo", "orders"}
	for _, what := range []string{"assign", "split", "comment", "not_downtime", "review", "dispute", "reopen"} {
		paths = append(paths, "stops/"+fault.ID+"/"+what)
	}
	for _, path := range paths {
		for name, header := range map[string][]string{
			"nothing":               {},
			"an empty token":        {"Authorization", "Bearer "},
			"a name and a password": {"Authorization", "Basic YW5uYTphbm5h"},
			"a session of its own":  {"Cookie", "andon=9999999999.QW5uYQ.c2lnbmF0dXJl"},
		} {
			status, answer := f.call(http.MethodPost, "/api/v1/"+path, body, append(header, "Content-Type", "application/json")...)
			if status != http.StatusUnauthorized && status != http.StatusTooManyRequests {
				t.Errorf("%s with %s: got %d %s, want 401 or 429", path, name, status, answer)
			}
		}
		jar := login(f.site)
		status, answer := f.call(http.MethodPost, "/api/v1/"+path, body, "Cookie", jar.Name+"="+jar.Value, "Content-Type", "application/json", "Sec-Fetch-Site", "same-site")
		if status != http.StatusForbidden {
			t.Errorf("%s from another site's page with a session: got %d %s, want 403", path, status, answer)
		}
	}
	if n := f.chains(); n != 0 || f.stop(18, 40).Reason != "E-204" {
		t.Errorf("records: got %d edits and %+v, want nothing said", n, f.stop(18, 40))
	}
}

func TestAUserOfOneNameCannotSpeakAsAnother(t *testing.T) {
	f := newFactory(t)
	jar := login(f.site)
	fault := f.stop(18, 40)
	for body, want := range map[string]int{`{"user":"Ben"}`: http.StatusBadRequest, `{}`: http.StatusOK} {
		status, answer := f.call(http.MethodPost, "/api/v1/stops/"+fault.ID+"/review", body, "Cookie", jar.Name+"="+jar.Value, "Content-Type", "application/json")
		if status != want {
			t.Errorf("%s in Anna's session: got %d %s, want %d", body, status, answer, want)
		}
	}
}
