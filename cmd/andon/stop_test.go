package main

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

func TestAStopIsReviewedFromAShell(t *testing.T) {
	seventeen := int64(17)
	for _, c := range []struct {
		args []string
		path string
		want saying
	}{
		{[]string{"assign", "s1", "s2", "E-204", "--comment", "again"}, "/api/v1/stops/assign", saying{Stops: []string{"s1", "s2"}, Reason: "E-204", Comment: "again"}},
		{[]string{"split", "s1", "2026-03-02T08:21:40Z"}, "/api/v1/stops/s1/split", saying{At: "2026-03-02T08:21:40Z"}},
		{[]string{"merge", "s1", "s2"}, "/api/v1/stops/merge", saying{Stops: []string{"s1", "s2"}}},
		{[]string{"comment", "s1", "drive", "ordered"}, "/api/v1/stops/s1/comment", saying{Comment: "drive ordered"}},
		{[]string{"not-downtime", "s1"}, "/api/v1/stops/s1/not_downtime", saying{}},
		{[]string{"review", "s1"}, "/api/v1/stops/s1/review", saying{}},
		{[]string{"dispute", "s1", "--comment", "it was the pump"}, "/api/v1/stops/s1/dispute", saying{Comment: "it was the pump"}},
		{[]string{"reopen", "s1", "--if-revision", "17"}, "/api/v1/stops/s1/reopen", saying{Revision: &seventeen}},
		{[]string{"assign", "s1", "s2", "E-204", "--if-revision", "s1=17,s2=0"}, "/api/v1/stops/assign", saying{Stops: []string{"s1", "s2"}, Reason: "E-204",
			Revisions: map[string]int64{"s1": 17, "s2": 0}}},
		{[]string{"adjust", "n/p/l/A1", "a", "b", "--scrap", "-8", "--rework", "8", "--produced", "17"}, "/api/v1/counts/adjust", saying{Equipment: "n/p/l/A1",
			From: "a", To: "b", Scrap: -8, Rework: 8, Produced: &seventeen}},
		{[]string{"undo", "c1"}, "/api/v1/edits/c1/undo", saying{}},
		{[]string{"sign-off", "n/p/l", "a", "b"}, "/api/v1/stops/sign_off", saying{Equipment: "n/p/l", From: "a", To: "b"}},
	} {
		var got saying
		out, err := shell(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != c.path || r.Method != http.MethodPost {
				t.Errorf("%v: got %s %s, want POST %s", c.args, r.Method, r.URL.Path, c.path)
			}
			if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
				t.Error(err)
			}
			_, _ = w.Write([]byte(`{"command":"c9","user":"Anna","time":"2026-03-02T09:00:00Z"}`))
		}, append([]string{"stop", "--user", "Anna"}, c.args...)...)
		c.want.User = "Anna"
		if err != nil || !reflect.DeepEqual(got, c.want) || !strings.Contains(out, "andon stop undo c9") {
			t.Errorf("%v: got %+v, %q, %v; want %+v and how to undo it", c.args, got, out, err, c.want)
		}
	}
}

func TestStopsAreListed(t *testing.T) {
	out, err := shell(t, func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); q.Get("needs_reason") != "true" || q.Get("sort") != "cost" || q.Get("equipment") != "n/p/l" {
			t.Errorf("query: got %s", r.URL.RawQuery)
		}
		_, _ = w.Write([]byte(`{"stops":[{"id":"s1","equipment":"n/p/l/A1","from":"2026-03-02T08:18:40Z","duration":360,"reason_name":"fault",
			"life_cycle":"needs_reason","cost":{"amount":144}}],"more":false}`))
	}, "stop", "list", "n/p/l", "--needs-reason", "--sort", "cost")
	if err != nil || !strings.Contains(out, "6m0s") || !strings.Contains(out, "144.00") || !strings.Contains(out, "needs_reason") {
		t.Errorf("got %q, %v; want the stop with duration, cost and life cycle", out, err)
	}
}

func TestAListLongerThanAPageIsReadToItsEnd(t *testing.T) {
	var asked []string
	out, err := shell(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		asked = append(asked, q.Get("cursor")+" "+q.Get("limit")+" "+q.Get("reason")+" "+q.Get("state"))
		stop := `{"id":"s` + q.Get("cursor") + `","equipment":"n/p/l/A1","from":"2026-03-02T08:18:40Z"}`
		switch q.Get("cursor") {
		case "":
			_, _ = w.Write([]byte(`{"stops":[` + stop + `],"more":true,"next":"2"}`))
		case "2": // nothing among what this answer looked at
			_, _ = w.Write([]byte(`{"stops":[],"more":true,"next":"3"}`))
		default:
			_, _ = w.Write([]byte(`{"stops":[` + stop + `],"more":false,"next":null}`))
		}
	}, "stop", "list", "n/*/l/A?", "--reason", "E-204", "--state", "fault", "--limit", "201")
	want := []string{" 200 E-204 fault", "2 200 E-204 fault", "3 200 E-204 fault"}
	if err != nil || !reflect.DeepEqual(asked, want) || strings.Count(out, "n/p/l/A1") != 2 || strings.Contains(out, "more") {
		t.Errorf("got %q asked as %q, %v; want both stops from %q and no word on more", out, asked, err, want)
	}
	out, err = shell(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"stops":[{"id":"s1"}],"more":true,"next":"2"}`))
	}, "stop", "list", "--limit", "1")
	if err != nil || !strings.Contains(out, "and more") {
		t.Errorf("list that was cut: got %q, %v; want that there are more", out, err)
	}
}
