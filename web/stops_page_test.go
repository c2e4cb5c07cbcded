package web_test

import (
	"compress/gzip"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"andon/production/productiontest"
)

func TestGoldenStopsPages(t *testing.T) {
	m := newMeeting(t, "packing")
	before := m.asked(view(lineA))
	fault := m.stop(productiontest.A1, 18, 40)
	m.says("split", url.Values{"stop": {fault}, "at": {"09:21:40"}})
	part := m.stop(productiontest.A1, 21, 40)
	m.says("assign", url.Values{"give": {part + " wait_technician"}})
	m.says("comment", url.Values{"stop": {part}, "comment": {"the <spare> was not there"}})
	empty := newSite(t, nil)
	for name, res := range map[string]*http.Response{
		"stops":        before,
		"stops-open":   m.asked(view(productiontest.A1) + "&stop=" + part),
		"stops-empty":  empty.asked("/stops"),
		"stops-refuse": m.asks("split", url.Values{"stop": {part}, "at": {"25 o'clock"}}),
	} {
		golden(t, name, res)
	}
}

// void are the elements without an end in HTML.
var void = regexp.MustCompile(`<(meta|link|input|br)\b([^>]*[^/>])>`)

// A node is an element of a page.
type node struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Nodes   []node     `xml:",any"`
}

func (n node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (n node) each(f func(node, []node), above ...node) {
	f(n, above)
	for _, x := range n.Nodes {
		x.each(f, append(above, n)...)
	}
}

// words are all texts in an element.
func (n node) words() string {
	text := n.Text
	for _, x := range n.Nodes {
		text += x.words()
	}
	return strings.TrimSpace(text)
}

// parsed reads a page, whose elements must all be closed.
func parsed(t *testing.T, page string) node {
	t.Helper()
	page = void.ReplaceAllString(strings.Replace(page, "<!doctype html>", "", 1), "<$1$2/>")
	page = regexp.MustCompile(` (hidden|defer|required)(/?>| )`).ReplaceAllString(page, ` $1=""$2`)
	var root node
	d := xml.NewDecoder(strings.NewReader(page))
	d.Entity = xml.HTMLEntity
	if err := d.Decode(&root); err != nil && err != io.EOF {
		t.Fatalf("page: %v in %s", err, page)
	}
	return root
}

func TestEverythingOnTheStopsPageHasAName(t *testing.T) {
	m := newMeeting(t, "packing")
	page := parsed(t, m.expect(m.asked(view(productiontest.A1)+"&stop="+m.stop(productiontest.A1, 18, 40)), http.StatusOK))
	ids, forms := map[string]int{}, map[string]bool{}
	page.each(func(n node, _ []node) {
		if id := n.attr("id"); id != "" {
			ids[id]++
		}
		forms[n.attr("id")] = forms[n.attr("id")] || n.XMLName.Local == "form"
	})
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %q: got it %d times, want once", id, n)
		}
	}
	controls := 0
	page.each(func(n node, above []node) {
		if form := n.attr("form"); form != "" && !forms[form] {
			t.Errorf("%s: got form %q, want one of the page", n.XMLName.Local, form)
		}
		if href := n.attr("href"); strings.HasPrefix(href, "#") && ids[href[1:]] == 0 {
			t.Errorf("link: got %q, want it somewhere on the page", href)
		}
		if n.attr("aria-labelledby") != "" && ids[n.attr("aria-labelledby")] == 0 {
			t.Errorf("%s: got label %q, want one of the page", n.XMLName.Local, n.attr("aria-labelledby"))
		}
		switch n.XMLName.Local {
		case "a", "button", "input", "select", "summary":
		default:
			return
		}
		named := n.attr("aria-label") != "" || n.words() != "" || n.attr("type") == "hidden"
		for _, x := range above {
			named = named || x.XMLName.Local == "label" && x.words() != ""
		}
		controls++
		if !named {
			t.Errorf("%s %v: got no name, want one", n.XMLName.Local, n.Attrs)
		}
	})
	if controls < 40 {
		t.Errorf("controls: got %d, want those of the list, the stop and the sign-off", controls)
	}
}

func TestStopsShowTheRunningShiftOfTheFirstLine(t *testing.T) {
	m := newMeeting(t, "packing")
	page := m.expect(m.asked("/stops"), http.StatusOK)
	for _, want := range []string{"Stops of lineA", "Early, Mon 2 Mar 06:00 to 14:00 CET", `class="now"`,
		"from=2026-02-27T21%3A00%3A00Z", "from=2026-03-02T13%3A00%3A00Z&amp;to=2026-03-02T21%3A00%3A00Z"} {
		if !strings.Contains(page, want) {
			t.Errorf("page: got no %q", want)
		}
	}
	// A dashboard knows the time in milliseconds and the equipment by name.
	page = m.expect(m.asked("/stops?at=1772439520000&eq=A1"), http.StatusOK)
	if !strings.Contains(page, `class="chosen" aria-current="true">A1</a>`) || !strings.Contains(page, "Early, Mon 2 Mar") {
		t.Errorf("page from a dashboard: got another line or shift than A1's")
	}
	res := m.asked("/stops/" + m.stop(productiontest.A1, 18, 40))
	m.expect(res, http.StatusSeeOther)
	if to := res.Header.Get("Location"); !strings.Contains(to, "equipment=northfield%2Fpacking%2FlineA%2FA1") || !strings.Contains(to, "#s-") {
		t.Errorf("link to a stop: got %q, want its shift", to)
	}
}

func TestTheStopsPageRefusesWhatItDoesNotUnderstand(t *testing.T) {
	s := full(t, nil)
	for _, query := range []string{"?from=2026-03-02T08:00:00Z", "?from=2026-03-02T08:00:00Z&to=2026-03-12T08:00:00Z", "?sort=x", "?first=x", "?eq=Z9",
		"?at=soon", "?x=1", "?from=2026-03-02T08:00:00Z&to=2026-03-02T08:00:01Z"} {
		s.expect(s.get("/stops"+query), http.StatusBadRequest)
	}
	s.expect(s.get("/stops?equipment=northfield/packing/lineZ"), http.StatusNotFound)
	s.expect(s.get("/stops/nobody"), http.StatusNotFound)
	s.expect(s.get("/stops?equipment=northfield/moulding"), http.StatusOK)
}

func TestAPageOfManyStopsIsBounded(t *testing.T) {
	s := full(t, nil)
	s.many(700)
	page := s.expect(s.get("/stops?sort=time&equipment="+lineA), http.StatusOK)
	if n := strings.Count(page, `<li id="s-stop-`); n != 500 {
		t.Errorf("stops: got %d, want 500", n)
	}
	if !strings.Contains(page, "201 more stops are not in the list") {
		t.Error("page: got no word on those left out")
	}
	if n := strings.Count(page, "<rect "); n > 700 {
		t.Errorf("timeline: got %d marks, want stops too short to be told apart as one", n)
	}
	if n := len(page); n > 700<<10 {
		t.Errorf("page: got %d KiB", n>>10)
	}
}

func TestTotalsStayWhateverIsSaid(t *testing.T) {
	m := newMeeting(t, "packing")
	shown := func() string { return sums(t, m.expect(m.asked(view(productiontest.A1)), http.StatusOK)) }
	before := shown()
	if want := "15:10 lost;338.50 cost;4 stops;10:00 planned;100\u00a0% of the lost time has a reason;"; before != want {
		t.Fatalf("sums: got %q, want %q", before, want)
	}
	fault := m.stop(productiontest.A1, 18, 40)
	m.says("split", url.Values{"stop": {fault}, "at": {"09:21:40"}})
	m.says("assign", url.Values{"give": {m.stop(productiontest.A1, 21, 40) + " wait_technician"}})
	if got, want := shown(), strings.Replace(before, "4 stops", "5 stops", 1); got != want {
		t.Errorf("after a split: got %q, want %q", got, want)
	}
	m.says("merge", url.Values{"stop": {m.stop(productiontest.A1, 18, 40), m.stop(productiontest.A1, 21, 40)}})
	if got := shown(); got != before {
		t.Errorf("after a merge: got %q, want %q", got, before)
	}
}

func TestAListenerHearsThatSomebodySaidSomething(t *testing.T) {
	m := newMeeting(t, "packing")
	address, _ := m.run()
	events := m.listen(address + "/api/v1/events?topics=stops&equipment=" + lineA)
	first, _ := events.next("stops")
	rev := func() string {
		found := regexp.MustCompile(`data-rev="([^"]+)"`).FindStringSubmatch(m.expect(m.asked(view(lineA)), http.StatusOK))
		return found[1]
	}
	if shown := rev(); first.part("stops-rev") != shown || shown == "" || len(first.data.Order) != 0 {
		t.Errorf("first event: got %+v, want the revision %q of the page and no rows", first.data, shown)
	}
	m.says("review", url.Values{"stop": {m.stop(productiontest.A1, 18, 40)}})
	m.engine.change(nil)
	second, _ := events.next("stops")
	if got := second.part("stops-rev"); got == "" || got == first.part("stops-rev") || got != rev() {
		t.Errorf("after an edit: got revision %q, want another than %q", got, first.part("stops-rev"))
	}
}

func TestTheStopsPageComesPackedToWhoTakesItSo(t *testing.T) {
	m := newMeeting(t, "packing")
	r := httptest.NewRequest(http.MethodGet, view(lineA), nil)
	r.Header.Set("Accept-Encoding", "gzip, br")
	res := m.ask(r)
	z, err := gzip.NewReader(res.Body)
	if err != nil || res.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("page: got %v with %v, want it packed", err, res.Header)
	}
	page, err := io.ReadAll(z)
	if err != nil || string(page) != m.expect(m.asked(view(lineA)), http.StatusOK) {
		t.Errorf("unpacked: got %d bytes and %v, want the page", len(page), err)
	}
}

func TestTwoShiftsShareAStopThatSpansBoth(t *testing.T) {
	m := newMeeting(t, "packing")
	// As if a shift ended in the filler's fault of 8:18:40 to 8:24:40.
	window := func(from, to string) string {
		return "/stops?" + url.Values{"equipment": {productiontest.A1}, "from": {"2026-03-02T" + from + "Z"}, "to": {"2026-03-02T" + to + "Z"}}.Encode()
	}
	early := m.expect(m.asked(window("08:00:00", "08:20:00")), http.StatusOK)
	late := m.expect(m.asked(window("08:20:00", "09:00:00")), http.StatusOK)
	if got, want := sums(t, early), "2:00 lost;48.00 cost;2 stops;100\u00a0% of the lost time has a reason;"; got != want {
		t.Errorf("first shift: got %q, want %q", got, want)
	}
	if got, want := sums(t, late), "13:10 lost;290.50 cost;3 stops;10:00 planned;100\u00a0% of the lost time has a reason;"; got != want {
		t.Errorf("second shift: got %q, want %q", got, want)
	}
	for page, wants := range map[string][]string{
		early: {`<b class="length">1:20</b>`, `<span class="cost">32.00</span>`, "goes on, 6:00 in all, 144.00"},
		late:  {`<b class="length">4:40</b>`, `<span class="cost">112.00</span>`, "began 09:18:40, 6:00 in all, 144.00"},
	} {
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("row: got no %q in %s", want, page)
			}
		}
	}
	if page := m.expect(m.asked(view(productiontest.A1)), http.StatusOK); strings.Contains(page, "in all") {
		t.Error("window that has all of the stop: got word of a part")
	}
}

func TestEnterInACommentOnlyComments(t *testing.T) {
	m := newMeeting(t, "packing")
	page := m.expect(m.asked(view(productiontest.A1)+"&stop="+m.stop(productiontest.A1, 18, 40)), http.StatusOK)
	_, detail, ok := strings.Cut(page, `<div class="detail">`)
	_, after, _ := strings.Cut(detail, `name="comment"`)
	_, first, _ := strings.Cut(after, "<button") // browsers press it on Enter
	if first, _, _ = strings.Cut(first, ">"); !ok || first != ` formaction="/stops/comment"` {
		t.Errorf("first button of the form: got <button%s>, want the one that only comments", first)
	}
}
