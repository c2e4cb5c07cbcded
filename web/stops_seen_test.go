package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"andon/production/productiontest"
)

// phone is somebody at the page, on a phone of their own.
type phone struct {
	*meeting
	cookie *http.Cookie
	page   string // what it shows
}

func (m *meeting) phone(name string) *phone {
	m.t.Helper()
	res := m.ask(form("/login", "name="+name, "next=/stops", "token="+url.QueryEscape(token)))
	m.expect(res, http.StatusSeeOther)
	return &phone{meeting: m, cookie: res.Cookies()[0]}
}

// looks opens an address.
func (p *phone) looks(address string) {
	p.t.Helper()
	p.page = p.expect(p.asked(address, p.cookie), http.StatusOK)
}

// taps sends a form of the page that the phone shows, with all that it hides.
func (p *phone) taps(what string, fields url.Values, want int) {
	p.t.Helper()
	hidden := regexp.MustCompile(`name="revision" value="(\d+)"`).FindStringSubmatch(p.page)
	if hidden == nil {
		p.t.Fatalf("page: got no revision in its forms: %s", p.page)
	}
	fields.Set("revision", hidden[1])
	fields.Set("next", view(productiontest.A1)+"&stop="+fields.Get("stop"))
	r := form("/stops/"+what, fields.Encode())
	r.AddCookie(p.cookie)
	if text := p.expect(p.ask(r), want); want != http.StatusSeeOther {
		p.page = text
	}
}

// told is what stands on top of the page after something was refused.
func (p *phone) told() string {
	_, alert, _ := strings.Cut(p.page, `<p class="error" role="alert">`)
	alert, _, _ = strings.Cut(alert, "</p>")
	return alert
}

func TestTheSecondOfTwoPhonesIsToldWhatTheFirstSaidAndMayGoOn(t *testing.T) {
	m := newMeeting(t, "packing")
	fault := m.stop(productiontest.A1, 18, 40)
	anna, ben := m.phone("Anna"), m.phone("Ben")
	address := view(productiontest.A1) + "&stop=" + fault
	anna.looks(address)
	ben.looks(address)
	anna.taps("assign", url.Values{"stop": {fault}, "reason": {"wait_technician"}}, http.StatusSeeOther)
	ben.taps("assign", url.Values{"stop": {fault}, "reason": {"no_operator"}, "comment": {"nobody <there>"}}, http.StatusConflict)
	for _, want := range []string{"Nothing was done", "Anna: ", "The stop is now: People › Waiting for the technician, reasoned."} {
		if !strings.Contains(ben.told(), want) {
			t.Errorf("page: got %q, want %q", ben.told(), want)
		}
	}
	if !strings.Contains(ben.page, `value="nobody &lt;there&gt;"`) {
		t.Error("page: got the comment lost that Ben wrote")
	}
	expectRows(t, "audit", m.speakers(), "assign Anna")
	ben.taps("assign", url.Values{"stop": {fault}, "reason": {"no_operator"}}, http.StatusSeeOther)
	expectRows(t, "audit after another look", m.speakers(), "assign Anna", "assign Ben")

	// What Anna's phone shows is old now, whatever she wants to say.
	for what, fields := range map[string]url.Values{
		"assign":       {"give": {fault + " cleaning"}},
		"split":        {"stop": {fault}, "at": {"09:21:40"}},
		"not_downtime": {"stop": {m.stop(productiontest.A1, 10, 0), fault}},
		"review":       {"stop": {fault}},
		"sign_off":     {"equipment": {lineA}, "from": {minuteOf(0).String()}, "to": {minuteOf(60).String()}, "sure": {"yes"}},
		"undo":         {"edit": {m.engine.given()[0].ID}},
	} {
		old := *anna
		if old.taps(what, fields, http.StatusConflict); !strings.Contains(old.told(), "Ben: ") {
			t.Errorf("%s: got %q, want what Ben said", what, old.told())
		}
	}
	anna.taps("comment", url.Values{"stop": {fault}, "comment": {"a word overwrites nothing"}}, http.StatusSeeOther)
	anna.taps("review", url.Values{"stop": {m.stop(productiontest.A1, 50, 0)}}, http.StatusSeeOther) // nobody spoke of that one
	expectRows(t, "audit in the end", m.speakers(), "assign Anna", "assign Ben", "comment Anna", "review Anna")
}

func TestWhoSpeaksOfAStopThatWasSplitIsToldSo(t *testing.T) {
	m := newMeeting(t, "packing")
	fault := m.stop(productiontest.A1, 18, 40)
	anna, ben := m.phone("Anna"), m.phone("Ben")
	anna.looks(view(productiontest.A1))
	ben.looks(view(productiontest.A1))
	anna.taps("split", url.Values{"stop": {fault}, "at": {"09:21:40"}}, http.StatusSeeOther)
	ben.taps("assign", url.Values{"give": {fault + " no_operator"}}, http.StatusConflict)
	if got := ben.told(); !strings.Contains(got, "split or merged in the meantime") || strings.Contains(got, fault) {
		t.Errorf("page: got %q, want plain words", got)
	}
	expectRows(t, "audit", m.speakers(), "split Anna")
}

func TestEachFormOfTheStopsPageSaysWhatThePersonSaw(t *testing.T) {
	m := newMeeting(t, "packing")
	m.says("comment", url.Values{"stop": {m.stop(productiontest.A1, 18, 40)}, "comment": {"first"}})
	page := parsed(t, m.expect(m.asked(view(productiontest.A1)+"&stop="+m.stop(productiontest.A1, 18, 40)), http.StatusOK))
	forms := 0
	page.each(func(n node, _ []node) {
		if n.XMLName.Local != "form" || !strings.HasPrefix(n.attr("action"), "/stops/") {
			return
		}
		forms++
		got := ""
		n.each(func(x node, _ []node) {
			if x.attr("name") == "revision" {
				got = x.attr("value")
			}
		})
		if got != "1" {
			t.Errorf("form %s: got revision %q, want 1", n.attr("action"), got)
		}
	})
	if forms < 5 {
		t.Errorf("forms: got %d, want those of the list, the stop, many stops, the history and the sign-off", forms)
	}
	m.expect(m.asks("review", url.Values{"stop": {m.stop(productiontest.A1, 18, 40)}, "revision": {"x"}}), http.StatusBadRequest)
}
