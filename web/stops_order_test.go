package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"andon/production"
	"andon/production/productiontest"
)

// listRows are the stops of the page's list: the words of some of its columns.
func listRows(t *testing.T, page string, columns ...string) (rows []string) {
	t.Helper()
	parsed(t, page).each(func(n node, _ []node) {
		if n.XMLName.Local != "li" || !strings.HasPrefix(n.attr("class"), "stop-row ") {
			return
		}
		var words []string
		for _, column := range columns {
			n.each(func(x node, _ []node) {
				if x.attr("class") == column {
					words = append(words, x.words())
				}
			})
		}
		rows = append(rows, strings.TrimSpace(strings.Join(words, " ")))
	})
	return rows
}

// quick are the reasons to tap of each stop of the list that has some.
func quick(t *testing.T, page string) (rows []string) {
	t.Helper()
	parsed(t, page).each(func(n node, _ []node) {
		if n.XMLName.Local != "span" || n.attr("class") != "quick" || n.Nodes == nil || n.Nodes[0].attr("form") != "quick" {
			return
		}
		var names []string
		for _, button := range n.Nodes {
			names = append(names, button.words())
		}
		rows = append(rows, strings.Join(names, ", "))
	})
	return rows
}

// silentDrive are settings that do not know what the code of the filler's
// drive means: nothing explains its fault.
func silentDrive() production.Config {
	cfg := reviewedHour()
	for i := range cfg.Reasons {
		if cfg.Reasons[i].ID == "E-204" {
			cfg.Reasons[i].Codes = nil
		}
	}
	return cfg
}

func TestTheListBeginsWithWhatWasAskedFor(t *testing.T) {
	m := newMeeting(t, "packing")
	rows := func(query string) []string {
		return listRows(t, m.expect(m.asked(view(productiontest.A1)+query), http.StatusOK), "start", "length", "cost")
	}
	expectRows(t, "longest first, planned last", rows(""),
		"09:40:00 6:00 126.00", "09:18:40 6:00 144.00", "09:50:00 2:30 52.50", "09:10:00 0:40 16.00", "09:30:00 10:00")
	expectRows(t, "costliest first, planned last", rows("&sort=cost"),
		"09:18:40 6:00 144.00", "09:40:00 6:00 126.00", "09:50:00 2:30 52.50", "09:10:00 0:40 16.00", "09:30:00 10:00")
	expectRows(t, "latest first", rows("&sort=time"),
		"09:50:00 2:30 52.50", "09:40:00 6:00 126.00", "09:30:00 10:00", "09:18:40 6:00 144.00", "09:10:00 0:40 16.00")
}

func TestWhatNeedsAReasonComesFirstHoweverShortAndCheap(t *testing.T) {
	m := newMeetingWith(t, "packing", silentDrive())
	m.says("split", url.Values{"stop": {m.stop(productiontest.A1, 18, 40)}, "at": {"09:24:30"}})
	m.says("assign", url.Values{"give": {m.stop(productiontest.A1, 18, 40) + " E-204"}})
	const asked = "09:24:30 0:10 4.00"
	for _, query := range []string{"", "&sort=cost", "&sort=time"} {
		first := func(more string) string {
			return listRows(t, m.expect(m.asked(view(productiontest.A1)+query+more), http.StatusOK), "start", "length", "cost")[0]
		}
		if got := first(""); got != asked {
			t.Errorf("list%s: got %q first, want %q", query, got, asked)
		}
		if got := first("&first=all"); got == asked {
			t.Errorf("list%s&first=all: got %q first, want the order asked for", query, got)
		}
	}
}

func TestSuggestedReasonsStandBeforeRecentOnesAndThoseBeforeTheOthers(t *testing.T) {
	m := newMeetingWith(t, "packing", silentDrive())
	asked := func() []string { return quick(t, m.expect(m.asked(view(productiontest.A1)), http.StatusOK)) }
	expectRows(t, "nobody said anything yet", asked(), "Valve drive, Waiting for the technician, No operator, Cleaning, Infeed jam")
	m.says("assign", url.Values{"stop": {m.stop(productiontest.A1, 50, 0)}, "reason": {"cleaning"}})
	m.says("assign", url.Values{"stop": {m.stop(productiontest.A1, 10, 0), m.stop(productiontest.A1, 40, 0)}, "reason": {"wait_technician"}})
	expectRows(t, "reasons that other stops got of late", asked(), "Waiting for the technician, Cleaning, Valve drive, No operator, Infeed jam")
	m.says("split", url.Values{"stop": {m.stop(productiontest.A1, 18, 40)}, "at": {"09:21:40"}})
	m.says("assign", url.Values{"give": {m.stop(productiontest.A1, 18, 40) + " no_operator"}})
	expectRows(t, "and one that a like stop got", asked(), "No operator 100\u00a0%, Waiting for the technician, Cleaning, Valve drive, Infeed jam")
}

func TestOneTapGivesAReasonWhichIsSuggestedThenForTheLike(t *testing.T) {
	m := newMeetingWith(t, "packing", silentDrive())
	m.says("split", url.Values{"stop": {m.stop(productiontest.A1, 18, 40)}, "at": {"09:21:40"}})
	first, second := m.stop(productiontest.A1, 18, 40), m.stop(productiontest.A1, 21, 40)
	button := func(id string) string {
		return `<button form="quick" name="give" value="` + id + ` no_operator">No operator`
	}
	page := m.expect(m.asked(view(lineA)), http.StatusOK)
	if !strings.Contains(page, button(first)) || !strings.Contains(page, "2 need a reason") {
		t.Fatal("list: got no button that gives a reason to each stop that needs one")
	}
	if where := m.says("assign", url.Values{"give": {first + " no_operator"}, "next": {view(lineA)}}); where != view(lineA)+"#s-"+first {
		t.Errorf("afterwards: got %q, want the same place", where)
	}
	page = m.expect(m.asked(view(lineA)), http.StatusOK)
	if !strings.Contains(page, "said by Anna") || !strings.Contains(page, "1 need a reason") {
		t.Error("list: got no word of Anna's reason")
	}
	if !strings.Contains(page, button(second)+" <small>100") {
		t.Error("list: got no suggestion for the like stop")
	}
}
