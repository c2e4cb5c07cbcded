package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"andon/alerts"
)

func TestAlarmThatCameAgainIsShownSinceItCameThisTime(t *testing.T) {
	s := newSite(t, nil)
	a := hot()
	a.Message = "A1: gearbox hot"
	a.FirstRaised = alerts.Moment{Event: ago(2 * time.Hour), Stream: ago(2 * time.Hour)}
	a.Recurrences = 2
	s.record(a)
	for path, wants := range map[string][]string{
		"/alarms":           {">6:42</time>, 3 times by now", ">A1: gearbox hot</a>"},
		"/alarms/alarm-hot": {"<title>A1: gearbox hot</title>", ">6:42</time>)", "3 times, first Mon 2 Mar 08:24:31 CET"},
	} {
		page := s.expect(s.asked(path), http.StatusOK)
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s lacks %q:\n%s", path, want, page)
			}
		}
	}
}
