package collector_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"andon/collector"
)

func TestStatusRemembersSinceWhenAndWhy(t *testing.T) {
	var s collector.Status
	t0 := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	s.Down(t0, errors.New("refused"))
	s.Down(t0.Add(time.Minute), errors.New("timeout"))
	if h := s.Health("press"); h.Up || !h.Since.Equal(t0) || h.Error != "timeout" || h.Attempts != 2 {
		t.Errorf("health while down: got %+v", h)
	}
	s.Up(t0.Add(time.Hour))
	s.Up(t0.Add(2 * time.Hour))
	if h := s.Health("press"); !h.Up || !h.Since.Equal(t0.Add(time.Hour)) || h.Error != "" || h.Attempts != 0 {
		t.Errorf("health while up: got %+v", h)
	}
}

func TestTroubleIsNewsOnlyWhenItChanges(t *testing.T) {
	var s collector.Status
	for _, c := range []struct {
		text string
		want bool
	}{{"", false}, {"unknown node", true}, {"unknown node", false}, {"denied", true}, {"", true}, {"", false}} {
		if got := s.Trouble("a/b/c/d/e", c.text); got != c.want {
			t.Errorf("Trouble(%q): got news %v, want %v", c.text, got, c.want)
		}
	}
	for i := range 2000 {
		s.Trouble(fmt.Sprint(i), "unknown node")
	}
	if got := len(s.Health("").List()); got != 1000 {
		t.Errorf("troubles remembered: got %d, want at most 1000", got)
	}
}

func TestHoweverManyTagsAreInTroubleThatOfTheSourceComesFirst(t *testing.T) {
	var s collector.Status
	for i := range 1000 {
		s.Trouble(fmt.Sprintf("northfield/packing/lineA/A1/tag%d", i), "StatusBadNodeIDUnknown")
	}
	if !s.OwnTrouble("server certificate", "expires on 2026-12-01") || !s.OwnTrouble("redundancy", "1 of 2 servers is away") {
		t.Error("trouble of the source: is no news")
	}
	if s.OwnTrouble("redundancy", "1 of 2 servers is away") {
		t.Error("the same again: is news")
	}
	want := []collector.Trouble{{Of: "redundancy", Text: "1 of 2 servers is away", Own: true}, {Of: "server certificate", Text: "expires on 2026-12-01", Own: true},
		{Of: "northfield/packing/lineA/A1/tag0", Text: "StatusBadNodeIDUnknown"}}
	h := s.Health("")
	if got := h.List(); len(got) != 1002 || !slices.Equal(got[:3], want) {
		t.Errorf("got %d troubles, the first %v, want 1002 and %v", len(got), got[:3], want)
	}
	if got := h.Troubles["redundancy"]; got != want[0].Text {
		t.Errorf("redundancy: got %q, want %q", got, want[0].Text)
	}
	if !s.OwnTrouble("redundancy", "") || len(s.Health("").List()) != 1001 {
		t.Error("trouble that is over: got no news of it, or it stays")
	}
}
