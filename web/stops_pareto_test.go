package web_test

import (
	"net/http"
	"strings"
	"testing"

	"andon/production/productiontest"

	"github.com/google/go-cmp/cmp"
)

// pareto are the rows that the page shows under Why, as texts.
func pareto(t *testing.T, page string) (rows []string) {
	t.Helper()
	parsed(t, page).each(func(n node, above []node) {
		if n.XMLName.Local != "tr" || above[len(above)-1].XMLName.Local != "tbody" {
			return
		}
		var cells []string
		n.each(func(x node, _ []node) {
			switch x.XMLName.Local {
			case "th", "td":
				cells = append(cells, x.words())
			case "rect":
				cells = append(cells, x.attr("width"))
			}
		})
		rows = append(rows, strings.Join(cells, ", "))
	})
	return rows
}

// expectRows compares rows of a page with what they should be.
func expectRows(t *testing.T, name string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestAReasonStandsOnceUnderItsNameWhoeverTellsIt(t *testing.T) {
	cfg := reviewedHour()
	for i := range cfg.Reasons {
		switch r := &cfg.Reasons[i]; r.ID {
		case "changeover": // told by codes of the filler; of the others only the state is known
			r.States = nil
		case "blocked":
			r.States, r.Equipment = nil, productiontest.A1
		}
	}
	m := newMeetingWith(t, "packing", cfg)
	page := m.expect(m.asked(view(lineA)), http.StatusOK)
	expectRows(t, "Pareto", pareto(t, page)[:4],
		"Changeover, 100.00%, 24:00, 39\u00a0%, 126.00, 4",
		"starved, 95.14%, 22:50, 37\u00a0%, 0.00, 9",
		"Valve drive, 25.00%, 6:00, 10\u00a0%, 144.00, 1",
		"Blocked downstream, 20.83%, 5:00, 8\u00a0%, 52.50, 2")
	for _, builtIn := range []string{"<b>changeover</b>", "<b>blocked</b>", ": changeover,", ": blocked,"} {
		if strings.Contains(page, builtIn) {
			t.Errorf("list and timeline: got %q, want the name of the configuration", builtIn)
		}
	}
}

func TestTheParetoShowsTheCostWhenThatIsItsOrder(t *testing.T) {
	m := newMeeting(t, "packing")
	page := m.expect(m.asked(view(lineA)+"&sort=cost"), http.StatusOK)
	expectRows(t, "by cost", pareto(t, page)[:6],
		"Valve drive, 100.00%, 6:00, 43\u00a0%, 144.00, 1",
		"Changeover, 87.50%, 24:00, 37\u00a0%, 126.00, 4",
		"Blocked downstream, 36.46%, 5:00, 16\u00a0%, 52.50, 2",
		"Infeed jam, 11.11%, 0:40, 5\u00a0%, 16.00, 1",
		"starved, 0.00%, 22:50, 0\u00a0%, 0.00, 9",
		"Label roll empty, 0.00%, 2:30, 0\u00a0%, 0.00, 1")
	if !strings.Contains(page, `>Share of cost</th>`) {
		t.Error("head: got no word that the shares are those of the cost")
	}
	free := newMeeting(t, "moulding")
	for _, row := range pareto(t, free.expect(free.asked(view("northfield/moulding/lineB/B3")+"&sort=cost"), http.StatusOK)) {
		if strings.Contains(row, "NaN") || strings.Contains(row, "Inf") {
			t.Errorf("equipment without prices: got %q, want its time", row)
		}
	}
}
