package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"andon/production/productiontest"

	"github.com/google/go-cmp/cmp"
)

// expectReasons checks where the downtime of the filler's hour is booked.
func (f *factory) expectReasons(after string, want map[string]string) {
	f.t.Helper()
	got := map[string]string{}
	k := f.kpi(productiontest.A1)
	for reason, n := range k.ByReason {
		got[reason] = string(n)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		f.t.Errorf("downtime by reason after %s (-want +got):\n%s", after, diff)
	}
	if k.OEE != "0.6655518394648829" || k.Good != 3310 || k.Failures != 1 {
		f.t.Errorf("KPIs after %s: got OEE %s, %d good, %d failures; want .665552, 3310 and 1 as before", after, k.OEE, k.Good, k.Failures)
	}
}

func TestAMeetingReviewsTheFillersFault(t *testing.T) {
	f := newFactory(t)
	f.expectReasons("the hour", map[string]string{"E-204": "360", "blocked": "150", "changeover": "360"})
	fault := f.stop(18, 40)
	f.tells("stops/"+fault.ID+"/assign", map[string]any{"reason": "wait_technician", "comment": "nobody came"})
	f.expectReasons("assign", map[string]string{"wait_technician": "360", "blocked": "150", "changeover": "360"})
	if s := f.stop(18, 40); s.Life != "reasoned" || s.Source != "operator" || s.Reason != "wait_technician" || len(s.Comments) != 1 {
		t.Errorf("assigned: got %+v", s)
	}
	f.tells("stops/"+fault.ID+"/assign", map[string]any{"reason": "E-204"})
	f.expectReasons("reassign", map[string]string{"E-204": "360", "blocked": "150", "changeover": "360"})

	f.tells("stops/"+fault.ID+"/split", map[string]any{"at": f.at(21, 40)})
	f.expectReasons("split", map[string]string{"E-204": "360", "blocked": "150", "changeover": "360"})
	first, second := f.stop(18, 40), f.stop(21, 40)
	if first.Duration+second.Duration != 360 || first.Cost.Amount != "72.00" || second.Cost.Amount != "72.00" || second.Parent != fault.ID {
		t.Errorf("parts: got %+v and %+v, want the time and the 144.00 of the whole", first, second)
	}
	whole := read[struct {
		Stop    reviewedStop
		History []struct{ Text string }
	}](f, "/api/v1/stops/"+fault.ID, nil)
	if whole.Stop.Life != "replaced" || len(whole.Stop.Children) != 2 || len(whole.History) != 3 {
		t.Errorf("the whole: got %+v, want it replaced by two with three words on it", whole)
	}
	given := f.tells("stops/"+second.ID+"/assign", map[string]any{"reason": "changeover"})
	f.expectReasons("assign of a part", map[string]string{"E-204": "180", "blocked": "150", "changeover": "540"})
	f.tells("edits/"+given+"/undo", nil)
	f.expectReasons("undo", map[string]string{"E-204": "360", "blocked": "150", "changeover": "360"})
	f.tells("stops/merge", map[string]any{"stops": []string{first.ID, second.ID}})
	f.expectReasons("merge", map[string]string{"E-204": "360", "blocked": "150", "changeover": "360"})
	merged := f.stop(18, 40)
	if merged.Duration != 360 || merged.Cost.Amount != "144.00" || len(f.list(productiontest.A1)) != 5 {
		t.Errorf("merged: got %+v of %d stops, want the whole again of 5", merged, len(f.list(productiontest.A1)))
	}
	f.tells("stops/"+merged.ID+"/comment", map[string]any{"comment": "drive <ordered> & paid"})
	if c := f.stop(18, 40).Comments; len(c) == 0 || c[len(c)-1].Text != "drive <ordered> & paid" || c[len(c)-1].User != "Anna" {
		t.Errorf("comments: got %+v", c)
	}
	if n := f.chains(); n != 7 {
		t.Errorf("audit: got %d edits, want 7", n)
	}
}

func TestUndoneOverTheNetworkIsAsIfNothingWasSaid(t *testing.T) {
	f := newFactory(t)
	before, stops := f.kpi(productiontest.A1), f.list(productiontest.A1)
	blocked, changeover := f.stop(50, 0), f.stop(40, 0)

	run := f.tells("stops/"+blocked.ID+"/not_downtime", nil)
	k := f.kpi(productiontest.A1)
	if _, still := k.ByReason["blocked"]; still || k.Stops != before.Stops-1 || k.Waterfall["blocked"] != "0" || k.OEE != before.OEE {
		t.Errorf("not downtime: got %+v, want 150 s less of blocked and the same OEE", k)
	}
	if s := f.stop(50, 0); !s.Not || s.Life != "closed" {
		t.Errorf("not downtime: got %+v", s)
	}
	f.tells("edits/"+run+"/undo", nil)

	both := f.tells("stops/assign", map[string]any{"stops": []string{changeover.ID, blocked.ID}, "reason": "no_operator"})
	if k := f.kpi(productiontest.A1); k.ByReason["no_operator"] != "510" || k.Waterfall["other"] != "510" || k.Waterfall["setup"] != "0" {
		t.Errorf("two at once: got %+v, want 510 s without an operator", k)
	}
	f.tells("edits/"+both+"/undo", nil)

	lab := f.tells("counts/adjust", map[string]any{"equipment": productiontest.A1, "from": f.at(0, 0), "to": f.at(60, 0), "scrap": 10})
	if k := f.kpi(productiontest.A1); k.Good != before.Good-10 || k.OEE == before.OEE {
		t.Errorf("adjusted: got %d good and OEE %s, want ten less", k.Good, k.OEE)
	}
	f.tells("edits/"+lab+"/undo", nil)

	if diff := cmp.Diff(before, f.kpi(productiontest.A1)); diff != "" {
		t.Errorf("KPIs (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(stops, f.list(productiontest.A1)); diff != "" {
		t.Errorf("stops (-before +after):\n%s", diff)
	}
	if n := f.chains(); n != 8 {
		t.Errorf("audit: got %d edits, want the 4 and what took them back", n)
	}
}

func TestAShiftIsSignedOffAndCorrectedOverTheNetwork(t *testing.T) {
	f := newFactory(t)
	fault, jam := f.stop(18, 40), f.stop(10, 0)
	f.tells("stops/"+fault.ID+"/review", nil)
	f.tells("stops/"+fault.ID+"/dispute", map[string]any{"comment": "it was the pump"})
	if s := f.stop(18, 40); s.Life != "disputed" {
		t.Errorf("disputed: got %+v", s)
	}
	f.tells("stops/"+fault.ID+"/reopen", nil)
	if s := f.stop(18, 40); s.Life != "reopened" {
		t.Errorf("reopened: got %+v", s)
	}
	f.tells("stops/sign_off", map[string]any{"equipment": lineA, "from": f.at(0, 0), "to": f.at(60, 0)})
	for _, s := range f.list(lineA) {
		if s.From >= f.at(0, 0).String() && s.To != "" && s.Life != "signed_off" {
			t.Errorf("signed off: got %+v", s)
		}
	}
	if s := f.stopOf(productiontest.B1, 12, 0); s.Life == "signed_off" {
		t.Errorf("stop of another area: got %+v, want it as it was", s)
	}
	f.tells("stops/"+jam.ID+"/assign", map[string]any{"reason": "no_operator"})
	if s := f.stop(10, 0); s.Life != "signed_off" || !s.Corrected || s.Reason != "no_operator" {
		t.Errorf("correction: got %+v, want it marked as one", s)
	}
	if found := read[struct{ Stops []reviewedStop }](f, "/api/v1/stops", url.Values{"equipment": {"northfield/*/*/A1"}, "reason": {"no_operator"}}); len(found.Stops) != 1 {
		t.Errorf("stops without an operator: got %+v, want the corrected one", found.Stops)
	}
	f.chains()
}

func TestAPersonAtThePageReachesTheRealEngine(t *testing.T) {
	f := newFactory(t)
	fault := f.stop(18, 40)
	form := func(path string, fields url.Values, cookie ...string) (int, string) {
		return f.call(http.MethodPost, path, fields.Encode(), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, cookie...)...)
	}
	give := url.Values{"give": {fault.ID + " no_operator"}}
	if status, _ := form("/stops/assign", give); status != http.StatusSeeOther || f.stop(18, 40).Reason != "E-204" {
		t.Fatalf("without a login: got %d and %+v, want the way to it and nothing done", status, f.stop(18, 40))
	}
	jar := login(f.site)
	cookie := []string{"Cookie", jar.Name + "=" + jar.Value}
	if status, body := form("/stops/assign", give, append(cookie, "Sec-Fetch-Site", "cross-site")...); status != http.StatusForbidden {
		t.Errorf("from another site's page: got %d %s, want 403", status, body)
	}
	if status, body := form("/stops/assign", give, cookie...); status != http.StatusSeeOther {
		t.Fatalf("assign: got %d %s", status, body)
	}
	if s := f.stop(18, 40); s.Reason != "no_operator" || s.Source != "operator" {
		t.Errorf("assigned: got %+v", s)
	}
	window := url.Values{"equipment": {productiontest.A1}, "from": {f.at(0, 0).String()}, "to": {f.at(60, 0).String()}}
	status, page := f.call(http.MethodGet, "/stops?"+window.Encode(), "", cookie...)
	if status != http.StatusOK || !strings.Contains(page, "said by Anna") || !strings.Contains(page, "No operator") {
		t.Errorf("page: got %d without who said it", status)
	}
	f.chains()
}

func TestTheAuditHasTheLatestWordsOfAllAreas(t *testing.T) {
	f := newFactory(t)
	f.tells("stops/"+f.stopOf(productiontest.B1, 12, 0).ID+"/comment", map[string]any{"comment": "first"})
	f.tells("stops/"+f.stop(18, 40).ID+"/comment", map[string]any{"comment": "second"})
	f.tells("stops/"+f.stopOf(productiontest.B1, 28, 0).ID+"/comment", map[string]any{"comment": "third"})
	type audit struct {
		Edits []struct{ Comment, Stale string }
		More  bool
	}
	cursor, all := url.Values{"limit": {"1"}}, ""
	for range 3 { // one a page, back to the first
		a := read[struct {
			Edits []struct{ Comment string }
			Next  string
		}](f, "/api/v1/edits", cursor)
		cursor.Set("cursor", a.Next)
		all += a.Edits[0].Comment + " "
	}
	if all != "third second first " || cursor.Get("cursor") != "" {
		t.Errorf("page by page: got %s and then %q, want all of them", all, cursor.Get("cursor"))
	}
	if status, _ := f.call(http.MethodGet, "/api/v1/edits?cursor=x", ""); status != http.StatusBadRequest {
		t.Errorf("a cursor of nobody's: got %d, want 400", status)
	}
	for limit, want := range map[string]string{"1": "third", "2": "second third", "3": "first second third"} {
		a := read[audit](f, "/api/v1/edits", url.Values{"limit": {limit}})
		var got []string
		for _, e := range a.Edits {
			got = append(got, e.Comment)
			if e.Stale != "" {
				t.Errorf("%s: got it stale: %s", e.Comment, e.Stale)
			}
		}
		if strings.Join(got, " ") != want || a.More != (limit != "3") {
			t.Errorf("the latest %s: got %q and more %v, want %q", limit, got, a.More, want)
		}
	}
}
