package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

const oneEdit = `{"id":"c1","command":"c1","kind":"assign","equipment":"n/p/l/A1","user":"Anna","comment":"","text":"Anna: reason of stop of A1 at 09:18:40 is No operator",
	"time":"2026-03-02T09:00:00Z","stale":"","undone":"","broken":%BROKEN%,"correction":true,
	"was":{"state":"fault","reason":"E-204","reason_name":"Valve drive","life_cycle":"auto_reason"}}`

// answer gives the same answer to all that is asked, and notes what.
func answer(asked *string, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		*asked = r.Method + " " + r.URL.String()
		_, _ = io.WriteString(w, strings.ReplaceAll(body, "%BROKEN%", `""`))
	}
}

func wants(t *testing.T, out string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(out, word) {
			t.Errorf("got\n%s\nwant %q in it", out, word)
		}
	}
}

func TestAStopIsShownWithWhatWasSaidOfIt(t *testing.T) {
	var asked string
	out, err := shell(t, answer(&asked, `{"stop":{"id":"s1","equipment":"n/p/l/A1","from":"2026-03-02T08:18:40Z","to":null,"duration":360,"state":"fault",
		"reason_name":"No operator","reason_source":"operator","life_cycle":"reasoned","cost":{"amount":144},"revision":7},"history":[`+oneEdit+`]}`), "stop", "show", "s1")
	if err != nil || asked != "GET /api/v1/stops/s1" {
		t.Fatalf("got %v after %s", err, asked)
	}
	wants(t, out, "it lasts", "6m0s", "No operator, by operator", "revision    7", "144.00", "Anna: reason of stop", "fault, Valve drive, auto_reason", "after the sign-off")
}

func TestTheAuditEndsWithAnErrorWhenSomebodyTamperedWithIt(t *testing.T) {
	var asked string
	body := `{"edits":[` + oneEdit + `],"more":true,"next":"5-1-n/p","chains":[{"area":"n/p","edits":1,"head":"abc","broken":""},{"area":"n/m","edits":9,"head":"def","broken":"%WHAT%"}]}`
	out, err := shell(t, answer(&asked, strings.ReplaceAll(body, "%WHAT%", "")), "stop", "audit", "n/p", "--from", "2026-03-02T08:00:00Z", "--limit", "2")
	if err != nil || asked != "GET /api/v1/edits?cursor=5-1-n%2Fp&equipment=n%2Fp&from=2026-03-02T08%3A00%3A00Z&limit=1" {
		t.Fatalf("got %v after %s", err, asked)
	}
	wants(t, out, "c1", "Valve drive", "earlier ones are left out", "whole", "abc", "def")
	out, err = shell(t, answer(&asked, strings.ReplaceAll(body, "%WHAT%", "edit 3 (c3): it was changed")), "stop", "audit", "--limit", "1")
	if err == nil {
		t.Error("broken chain: got no error, want exit code 1")
	}
	wants(t, out, "edit 3 (c3): it was changed")
}

func TestTheReasonTreeIsShownWithSuggestions(t *testing.T) {
	var asked string
	out, err := shell(t, answer(&asked, `{"suggested":[{"reason":"no_operator","count":2,"confidence":0.5}],"reasons":[
		{"id":"no_operator","name":"No operator","parent":"staff","group":false,"category":"other","uses":2},
		{"id":"audit","name":"Audit","parent":"","group":false,"category":"planned","requires_comment":true,"uses":0},
		{"id":"staff","name":"People","parent":"","group":true,"category":"other","uses":0}]}`), "stop", "reasons", "n/p/l/A1", "--stop", "s1")
	if err != nil || asked != "GET /api/v1/reasons?equipment=n%2Fp%2Fl%2FA1&stop=s1" {
		t.Fatalf("got %v after %s", err, asked)
	}
	wants(t, out, "suggested: no_operator", "50 % of 4 similar stops", "planned, needs a comment", "staff:", "\n  no_operator")
}

func TestAWrongRevisionIsToldBeforeAnythingIsSaid(t *testing.T) {
	_, err := shell(t, func(http.ResponseWriter, *http.Request) { t.Error("andon was asked") }, "stop", "review", "s1", "--if-revision", "latest")
	if err == nil || !strings.Contains(err.Error(), "--if-revision") {
		t.Errorf("got %v, want the flag named", err)
	}
}
