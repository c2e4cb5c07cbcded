package collector_test

import (
	"errors"
	"fmt"
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
	if got := len(s.Health("").Keys()); got != 1000 {
		t.Errorf("troubles remembered: got %d, want at most 1000", got)
	}
}
