package rules_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"andon/plant"
	"andon/rules"
)

// allRules is one rule of each kind, with everything that has a timer.
func allRules() []rules.Rule {
	h := hot()
	h.OnDelay, h.OffDelay = 7*time.Second, 4*time.Second
	g := guardOpen()
	g.OnDelay, g.When.Settle = 3*time.Second, 5*time.Second
	f := fault()
	f.For, f.OffDelay = 6*time.Second, 5*time.Second
	a := silent()
	a.For = 8 * time.Second
	b := silent()
	b.ID, b.Tag, b.Equipment, b.For = "no_temp", "gearbox_temp", lineA+"A1", 9*time.Second
	c, tr, n := weight(), heating(), chronic()
	c.Tag, c.Spec.Target, c.Sigma, c.Gap, c.CapabilityOver = "gearbox_temp", at(78), 3, 20*time.Second, 5
	c.ClearAfter = 2
	tr.Window, tr.Points, tr.Jump, tr.OnDelay, tr.OffDelay = 30*time.Second, 3, 15, 2*time.Second, 3*time.Second
	n.Within, n.OffDelay = 40*time.Second, 9*time.Second
	return []rules.Rule{h, g, f, a, b, c, tr, n, ofServer()}
}

// something draws what one second on the line may bring.
func something(t *rapid.T, s *shift, now plant.Instant) (in rules.Input) {
	late := func(label string) plant.Instant {
		return now.Add(-time.Duration(rapid.IntRange(0, 8).Draw(t, label)) * time.Second)
	}
	for range rapid.IntRange(0, 2).Draw(t, "samples") {
		x := plant.Sample{Tag: s.tree.Tag(lineA + "A1/gearbox_temp"), Value: plant.Float(float64(rapid.IntRange(68, 90).Draw(t, "temperature"))), Time: late("temperature late")}
		x.Status = rapid.SampledFrom([]plant.Status{plant.Good, plant.Good, plant.Good, plant.Bad, plant.Uncertain}).Draw(t, "status")
		in.Samples = append(in.Samples, x)
	}
	if rapid.Bool().Draw(t, "guard reports") {
		in.Samples = append(in.Samples, plant.Sample{Tag: s.tree.Tag(lineA + "A1/guard_open"), Value: plant.Bool(rapid.Bool().Draw(t, "guard")), Time: now})
	}
	if rapid.IntRange(0, 3).Draw(t, "state changes") == 0 {
		st := rapid.SampledFrom([]plant.State{plant.StateRun, plant.StateSlow, plant.StateFault, plant.StateStopped, plant.StateUnknown}).Draw(t, "state")
		in.States = append(in.States, plant.StateChange{Equipment: s.tree.FindEquipment(lineA + "A1"), State: st, Since: late("state late"),
			Reason: rapid.SampledFrom([]string{"", "E-310", "E-204"}).Draw(t, "reason")})
	}
	if rapid.IntRange(0, 4).Draw(t, "contacts") == 0 {
		in.Contacts = append(in.Contacts, plant.Contact{Source: "opcua", Time: now})
	}
	in.Events = told(t, now)
	return in
}

// told draws what a server tells of three conditions.
func told(t *rapid.T, now plant.Instant) (out []plant.Event) {
	for range rapid.IntRange(0, 2).Draw(t, "events") {
		x := plant.Event{Kind: rapid.SampledFrom([]plant.EventKind{plant.EventCondition, plant.EventCondition, plant.EventRefreshStart, plant.EventRefreshEnd}).Draw(t, "kind"),
			Source: "opcua", Time: now.Add(-time.Duration(rapid.IntRange(0, 3).Draw(t, "event late")) * time.Second), Received: now}
		if x.Kind == plant.EventCondition {
			x.Name = rapid.SampledFrom([]string{"Hot", "Jam", "Level"}).Draw(t, "condition")
			x.Condition, x.NodeName, x.Message = "nsu=urn:plant;s="+x.Name, rapid.SampledFrom([]string{"A1", "A2"}).Draw(t, "about"), "text"
			x.ID = rapid.SampledFrom([]string{"", "01", "02", "03", "04", "05"}).Draw(t, "event id")
			x.Severity = uint16(rapid.SampledFrom([]int{100, 500, 900}).Draw(t, "severity"))
			x.Active, x.Retain = rapid.Bool().Draw(t, "active"), rapid.Bool().Draw(t, "retain")
		}
		out = append(out, x)
	}
	return out
}

func TestRestartInTheMiddleGivesTheSameConditions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steady, shaken := newShift(t, allRules()...), newShift(t, allRules()...)
		now := clock("10:00")
		for range rapid.IntRange(1, 80).Draw(t, "seconds") {
			now = now.Add(rapid.SampledFrom([]time.Duration{0, time.Second, time.Second, time.Second, 3 * time.Second, time.Minute}).Draw(t, "pause"))
			in := something(t, steady, now)
			want, got := steady.set.Eval(now, in), shaken.set.Eval(now, in)
			if diff := cmp.Diff(asJSON(want), asJSON(got)); diff != "" {
				t.Fatalf("at %s a restart changed the conditions (-without +with):\n%s", now, diff)
			}
			if rapid.IntRange(0, 3).Draw(t, "restart") == 0 {
				shaken.restart()
			}
		}
	})
}

// asJSON makes conditions of two sets comparable.
func asJSON(list []plant.Condition) string {
	type row struct {
		Rule, Equipment, Message string
		Priority                 plant.Priority
		Active                   bool
		Time                     plant.Instant
		Kind                     plant.Kind
		Value                    string
	}
	out := []row{}
	for _, c := range list {
		out = append(out, row{c.Rule, c.Equipment.Path, c.Message, c.Priority, c.Active, c.Time, c.Value.Kind(), c.Value.String()})
	}
	b, _ := json.MarshalIndent(out, "", " ")
	return string(b)
}

func TestBadSamplesNeverRaiseAndNeverClear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newShift(t, hot(), guardOpen())
		now := clock("10:00")
		in := something(t, s, now)
		in.States = nil
		s.set.Eval(now, in)
		for range rapid.IntRange(1, 30).Draw(t, "bad samples") {
			now = now.Add(time.Second)
			tag := rapid.SampledFrom([]string{"A1/gearbox_temp", "A1/guard_open"}).Draw(t, "tag")
			bad := plant.Sample{Tag: s.tree.Tag(lineA + tag), Time: now,
				Value:  rapid.SampledFrom([]plant.Value{{}, plant.Float(0), plant.Float(200), plant.Bool(true), plant.Text("x")}).Draw(t, "value"),
				Status: plant.Status(rapid.Uint32Range(1<<30, 1<<32-1).Draw(t, "status"))}
			if got := s.eval(now, bad); got != nil {
				t.Fatalf("%s %s with status %s: got %s, want nothing", tag, bad.Value, bad.Status, say(got))
			}
		}
	})
}

// TestConditionsAlternate: for each rule and machine a raise comes first,
// nothing is told twice, and a clear is never earlier than its raise.
func TestConditionsAlternate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newShift(t, allRules()...)
		now := clock("10:00")
		last := map[string]plant.Condition{}
		for range rapid.IntRange(1, 80).Draw(t, "seconds") {
			now = now.Add(time.Second)
			for _, c := range s.set.Eval(now, something(t, s, now)) {
				key := c.Rule + c.Equipment.Path
				before := last[key]
				if before.Active == c.Active && before.Priority == c.Priority || !before.Active && !c.Active {
					t.Fatalf("%s after %s", say([]plant.Condition{c}), say([]plant.Condition{before}))
				}
				if before.Active && c.Time < before.Time {
					t.Fatalf("%s is earlier than %s", say([]plant.Condition{c}), say([]plant.Condition{before}))
				}
				last[key] = c
			}
		}
	})
}

func TestEditedTextKeepsTheCondition(t *testing.T) {
	s := newShift(t, hot())
	s.at("10:00", s.temp("10:00", 76))
	r := hot()
	r.Message, r.Response, r.Levels[1].Clear = "new words", "new advice", "< 70"
	s.restart(r)
	want(t, "after the edit", s.at("10:00:01"), "")
	want(t, "above the new clear", s.at("10:00:02", s.temp("10:00:02", 71)), "")
	want(t, "below it", s.at("10:00:03", s.temp("10:00:03", 69)), "A1 hot over at 10:00:03")
}

func TestEditedPriorityIsToldOnce(t *testing.T) {
	s := newShift(t, hot())
	s.at("10:00", s.temp("10:00", 76))
	r := hot()
	r.Levels[1].Priority = plant.PriorityLow
	s.restart(r)
	want(t, "after the edit", s.at("10:00:01"), "A1 hot low at 10:00:00")
	want(t, "later", s.at("10:00:02"), "")
	want(t, "over", s.at("10:00:03", s.temp("10:00:03", 69)), "A1 hot over at 10:00:03")
}

func TestRemovedRuleClearsItsConditions(t *testing.T) {
	s := newShift(t, hot(), fault())
	s.at("10:00", s.temp("10:00", 76))
	s.restart(fault())
	s.restart(fault()) // a second restart before anything was evaluated
	got := s.at("10:00:01")
	want(t, "after the rule was removed", got, "A1 hot over at 10:00:01")
	if got[0].Equipment.Path != lineA+"A1" || got[0].Priority != plant.PriorityMedium || got[0].Class != plant.ClassMaintenance {
		t.Errorf("condition: got %+v", got[0])
	}
	want(t, "later", s.at("10:00:02"), "")
}

func TestNewRuleSeesTheStateThatIs(t *testing.T) {
	s := newShift(t, hot())
	f := fault()
	s.at("10:00", s.state("10:00", "A1", plant.StateFault, "E-204"))
	s.restart(hot(), f)
	want(t, "the fault lasts", s.tick("10:00", "10:00:30"), "A1 fault high at 10:00:30")
}

func TestNewAbsenceRuleIsArmedWhenItComes(t *testing.T) {
	s := newShift(t, hot())
	s.at("10:00")
	s.tick("10:00", "10:05")
	r := silent()
	r.Equipment = lineA + "A1"
	s.restart(hot(), r)
	want(t, "30 s from now", s.tick("10:05", "10:05:31"), "A1 silent medium at 10:05:31")
}

func TestOtherTagOfARuleForgetsTheOldValue(t *testing.T) {
	s := newShift(t, hot())
	s.at("10:00", s.temp("10:00", 90))
	r := hot()
	r.Tag, r.Levels = "vibration", []rules.Level{{Priority: plant.PriorityHigh, Raise: "> 4.5", Clear: "< 4"}}
	s.restart(r)
	want(t, "nothing known yet", s.tick("10:00", "10:00:05"), "")
	want(t, "the new tag", s.at("10:00:06", s.sample("10:00:06", "A1/vibration", plant.Float(2.1))), "A1 hot over at 10:00:06")
}

func TestDamagedSnapshotIsAnError(t *testing.T) {
	s := newShift(t, hot())
	for _, bad := range []string{"", "{", `{"version":99}`, `{"version":1,"states":[{"state":"flying"}]}`} {
		if err := s.open(s.cfg).Restore([]byte(bad)); err == nil {
			t.Errorf("snapshot %q: got no error, want one", bad)
		}
	}
	data, _ := s.set.Snapshot()
	s.at("10:00")
	if err := s.set.Restore(data); err == nil {
		t.Error("restore into a set in use: got no error, want one")
	}
}

func FuzzRestore(f *testing.F) {
	s := newShift(f, allRules()...)
	s.at("10:00", s.temp("10:00", 90), s.state("10:00", "A1", plant.StateFault, ""))
	data, err := s.set.Snapshot()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		s := newShift(t, allRules()...)
		if s.set.Restore(data) != nil {
			return
		}
		s.at("10:00:05", s.temp("10:00:05", 60), s.state("10:00:05", "A1", plant.StateRun, ""))
		s.tick("10:00:05", "10:00:30")
	})
}
