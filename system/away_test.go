package system_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"andon/alerts"
	"andon/influx/influxtest"
	"andon/plant"
	"andon/production/productiontest"
)

const vibration = productiontest.A1 + "/vibration"

func TestInfluxDBAwayCallsOnceAlsoOverARestartAndIsResolvedWhenAllIsWritten(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.db.AnswerAlways(influxtest.Answer{Status: http.StatusServiceUnavailable})
	s.begin()
	s.must(s.says(t.Context(), vibration, plant.Float(1)))
	m := s.ring(alerts.KindRaised, "influx-behind")
	if m.About.Equipment != "northfield" || m.About.Class != plant.ClassSystem || !strings.Contains(m.Title, "InfluxDB is") {
		t.Errorf("message: got %q about %s of class %s, want it about the site", m.Title, m.About.Equipment, m.About.Class)
	}
	s.halt()

	s.db.RefuseQueries(503, 503, 503, 503, 503, 503, 503, 503, 503, 503) // the writer asks before it writes
	s.begin()
	s.must(s.shows("influx-behind", true))
	s.must(s.says(t.Context(), vibration, plant.Float(2)))
	s.waitRequests(len(s.db.Requests()) + 5)
	if err := s.phoneSilent("influx-behind"); err != "" {
		t.Error(err)
	}
	s.db.Recover()
	s.ring(alerts.KindResolved, "influx-behind")
	s.once(alerts.KindRaised, "influx-behind")
	s.once(alerts.KindResolved, "influx-behind")
	got, err := s.alarms(t.Context(), "influx-behind")
	if err != nil || len(got) != 1 || got[0].ID != m.Alarm || got[0].State != alerts.StateNormal {
		t.Errorf("records: got %+v, %v; want that alarm, over", got, err)
	}
	if n := len(s.db.Lines()); n < 2 {
		t.Errorf("InfluxDB: got %d lines, want both samples", n)
	}
}

// phoneSilent returns what is wrong when people were told that it is over, or
// told again.
func (s *scene) phoneSilent(rule string) string {
	if len(s.phone.calls(alerts.KindResolved, rule)) > 0 || len(s.phone.calls(alerts.KindRaised, rule)) > 1 {
		return "told again, or that it is over, while it is not:\n" + s.phone.all()
	}
	return ""
}

// waitRequests waits until InfluxDB was asked that often.
func (s *scene) waitRequests(n int) {
	s.t.Helper()
	late := time.After(30 * time.Second)
	for {
		arrived := s.db.Arrived()
		if len(s.db.Requests()) >= n {
			return
		}
		select {
		case <-arrived:
		case <-late:
			s.t.Fatalf("InfluxDB was asked %d times, want %d", len(s.db.Requests()), n)
		}
	}
}

func TestAWrongTokenIsAnAlarmUntilInfluxDBTakesData(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.system.InfluxBehind.Enabled = false
	s.db.AnswerAlways(influxtest.Answer{Status: http.StatusUnauthorized, Body: `{"message":"token is not known"}`})
	s.begin()
	s.must(s.says(t.Context(), vibration, plant.Float(1)))
	if m := s.ring(alerts.KindRaised, "influx-refuses"); !strings.Contains(m.Title, "token is not known") {
		t.Errorf("message: got %q, want what InfluxDB said", m.Title)
	}
	s.db.Recover()
	s.ring(alerts.KindResolved, "influx-refuses")
	s.once(alerts.KindRaised, "influx-refuses")
}

func TestLinesThatInfluxDBRefusesForGoodCallSomebodyOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.db.Refuse(influxtest.Refusal{Bad: func(line string) bool { return strings.Contains(line, "vibration") }, Text: "field type conflict"})
	s.begin()
	s.must(s.says(t.Context(), productiontest.A1+"/state", plant.Int(6)))
	s.must(s.says(t.Context(), vibration, plant.Float(1)))
	if m := s.ring(alerts.KindRaised, "lines-refused"); m.About.Equipment != "northfield/packing" || !strings.Contains(m.Text, "dead letters") {
		t.Errorf("message: got %q about %s, want the area and what to do", m.Text, m.About.Equipment)
	}
	s.must(s.says(t.Context(), vibration, plant.Float(2)))
	s.waitRequests(len(s.db.Requests()) + 2)
	s.once(alerts.KindRaised, "lines-refused")
}

func TestDataThatRetentionTakesBeforeInfluxDBHasThemAreNeverLostSilently(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.bus.MaxAge, s.bus.DedupeWindow = 8*time.Second, time.Second
	s.system.QueueFull.Percent = 20
	s.db.AnswerAlways(influxtest.Answer{Status: http.StatusServiceUnavailable})
	s.begin()
	s.must(s.says(t.Context(), vibration, plant.Float(1)))
	full := s.ring(alerts.KindRaised, "queue-full")
	lost := s.ring(alerts.KindRaised, "data-lost")
	if lost.About.Priority != plant.PriorityCritical || lost.Time < full.Time {
		t.Errorf("lost at %s with priority %s, nearly full at %s; want the warning before", lost.Time, lost.About.Priority, full.Time)
	}
	s.db.Recover()
	s.ring(alerts.KindResolved, "queue-full")
	s.once(alerts.KindRaised, "data-lost")
	if n := len(s.phone.calls(alerts.KindResolved, "data-lost")); n != 0 {
		t.Errorf("data-lost: got %d messages that it is over, want none for an hour", n)
	}
}

func TestWhatEndedWhileAndonWasDownIsResolvedAfterItsStart(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.db.AnswerAlways(influxtest.Answer{Status: http.StatusServiceUnavailable})
	s.begin()
	s.must(s.says(t.Context(), vibration, plant.Float(1)))
	s.ring(alerts.KindRaised, "influx-behind")
	s.halt()
	s.db.Recover()
	s.begin()
	s.ring(alerts.KindResolved, "influx-behind")
	s.once(alerts.KindRaised, "influx-behind")
}

func TestAnAlarmThatIsNoLongerWatchedIsEnded(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.db.AnswerAlways(influxtest.Answer{Status: http.StatusServiceUnavailable})
	s.begin()
	s.must(s.says(t.Context(), vibration, plant.Float(1)))
	s.ring(alerts.KindRaised, "influx-behind")
	s.halt()
	s.system.InfluxBehind.Enabled = false
	s.begin()
	s.ring(alerts.KindResolved, "influx-behind")
}
