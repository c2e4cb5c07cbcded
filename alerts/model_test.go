package alerts_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"andon/alerts"
	"andon/plant"
)

// A model is the shortest description of one alarm's life that we could
// think of, with no table and no book, to check the book against.
type model struct {
	open, active, acked bool
	priority            int // index in plant.Priorities
	announced           plant.Instant
	step                int
	told                []string
}

// policySteps are those of duty()'s policy "duty".
var policySteps = []struct {
	after time.Duration
	to    string
}{{0, "first"}, {15 * time.Minute, "second"}, {time.Hour, "boss"}}

func (m *model) raise(now plant.Instant, priority int) {
	switch {
	case !m.active:
		*m = model{open: true, active: true, priority: priority, announced: now}
	case priority < m.priority:
		m.acked, m.announced, m.step, m.priority = false, now, 0, priority
	default:
		m.priority = priority
	}
}

func (m *model) clear() (told []string) {
	if !m.active {
		return nil
	}
	m.active = false
	m.open = !m.acked
	return m.say("resolved")
}

func (m *model) ack() (told []string, ok bool) {
	if !m.open || m.acked {
		return nil, false
	}
	if !m.active {
		m.open = false
		return nil, true
	}
	m.acked = true
	return m.say("acknowledged"), true
}

func (m *model) say(what string) (out []string) {
	for _, to := range m.told {
		out = append(out, to+" "+what)
	}
	return out
}

func (m *model) tick(now plant.Instant) (out []string) {
	for m.active && !m.acked && m.step < len(policySteps) && now >= m.announced.Add(policySteps[m.step].after) {
		s := policySteps[m.step]
		kind := " escalated"
		if m.step == 0 {
			kind = " raised"
		}
		m.step++
		if !slices.Contains(m.told, s.to) {
			m.told = append(m.told, s.to)
		}
		out = append(out, s.to+kind)
	}
	return out
}

func TestRandomDaysFollowTheModelAcrossRestarts(t *testing.T) {
	cfg := duty()
	cfg.Routes = []alerts.Route{{Policy: "duty"}}
	rapid.Check(t, func(t *rapid.T) {
		s := newShift(t, cfg)
		m := &model{}
		now := clock("08:00")
		ids := map[string]bool{}
		for i := range rapid.IntRange(1, 60).Draw(t, "events") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "minutes")) * time.Minute)
			want := playEvent(t, s, m, now)
			want = append(want, m.tick(now)...)
			c := s.drain()
			got := []string(nil)
			for _, msg := range c.Messages {
				got = append(got, fmt.Sprintf("%s %s", msg.To, msg.Kind))
				if ids[msg.ID] {
					t.Fatalf("message id %s came twice", msg.ID)
				}
				ids[msg.ID] = true
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("event %d at %s: told (-want +got):\n%s", i, now, diff)
			}
			compare(t, s, m)
		}
	})
}

// playEvent does one random thing to book and model and returns who is told
// by it according to the model.
func playEvent(t *rapid.T, s *shift, m *model, now plant.Instant) []string {
	switch rapid.SampledFrom([]string{"raise", "raise", "clear", "ack", "tick", "restart"}).Draw(t, "event") {
	case "raise":
		p := rapid.IntRange(0, 3).Draw(t, "priority")
		m.raise(now, p)
		s.book.Apply(now, []plant.Condition{s.condition("A1", plant.Priorities()[p], true, now)})
	case "clear":
		told := m.clear()
		s.book.Apply(now, []plant.Condition{s.condition("A1", plant.PriorityHigh, false, now)})
		return told
	case "ack":
		told, ok := m.ack()
		err := s.book.Command(now, plant.Command{Verb: plant.VerbAlarmAck, User: "anna", Target: "stopped@northfield/packing/lineA/A1", Time: now})
		if ok != (err == nil) {
			t.Fatalf("acknowledge: got %v, want success %t", err, ok)
		}
		return told
	case "tick":
		s.book.Tick(now)
	case "restart":
		s.restart()
		s.book.Tick(now)
	}
	return nil
}

func compare(t *rapid.T, s *shift, m *model) {
	open := s.book.Alarms()
	if len(open) > 1 || (len(open) == 1) != m.open {
		t.Fatalf("open alarms: got %d, want open %t", len(open), m.open)
	}
	if !m.open {
		return
	}
	a := open[0]
	want := alerts.StateUnacknowledged
	switch {
	case !m.active:
		want = alerts.StateReturnedUnacknowledged
	case m.acked:
		want = alerts.StateAcknowledged
	}
	if a.State != want || a.Active != m.active || a.Priority != plant.Priorities()[m.priority] {
		t.Fatalf("alarm: got %s, active %t, %s; want %s, %t, %s", a.State, a.Active, a.Priority, want, m.active, plant.Priorities()[m.priority])
	}
	if (a.NextAt != 0) != (want == alerts.StateUnacknowledged && m.step < len(policySteps)) {
		t.Fatalf("next step at %q in state %s after step %d", a.NextAt, a.State, m.step)
	}
}

// TestRestartAnywhereChangesNothing plays the same random events on two
// books, one of which is restarted at random, and compares all they said.
func TestRestartAnywhereChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steady, shaken := newShift(t, duty()), newShift(t, duty())
		now := clock("08:00")
		for range rapid.IntRange(1, 40).Draw(t, "events") {
			now = now.Add(time.Duration(rapid.IntRange(0, 10).Draw(t, "minutes")) * time.Minute)
			name := rapid.SampledFrom([]string{"A1", "A2", "A3"}).Draw(t, "equipment")
			active := rapid.Bool().Draw(t, "active")
			p := rapid.SampledFrom(plant.Priorities()).Draw(t, "priority")
			take := rapid.Bool().Draw(t, "acknowledge")
			for _, s := range []*shift{steady, shaken} {
				s.book.Apply(now, []plant.Condition{s.condition(name, p, active, now)})
				if take {
					_ = s.book.Command(now, plant.Command{Verb: plant.VerbAlarmAck, User: "anna", Target: "stopped@northfield/packing/lineA/" + name, Time: now})
				}
				s.drain()
			}
			if rapid.Bool().Draw(t, "restart") {
				shaken.restart()
			}
		}
		want, _ := json.Marshal(steady.all)
		got, _ := json.Marshal(shaken.all)
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Fatalf("a restart changed the output (-without +with):\n%s", diff)
		}
	})
}
