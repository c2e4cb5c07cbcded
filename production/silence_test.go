package production_test

import (
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
)

func TestSilenceIsUnknownAndNeverAStop(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("0:00", "M1/total", 0)
	s.say("1:00", "M1/total", 60)
	s.till("1:00")
	s.silent("1:15")
	s.want("M1", "00:00 run")
	s.silent("1:15.001")
	s.want("M1", "00:00 run, 01:00 unknown")
	s.now = s.at("3:00")
	s.say("3:00", "M1/total", 100) // 40 units: ran for 40 s at least
	s.till("4:00")
	s.want("M1", "00:00 run, 01:00 run inferred, 01:40 unknown, 03:00 run")
}

func TestFactsDoNotDependOnWhenSilenceWasLookedAt(t *testing.T) {
	for _, look := range []string{"3:05", "3:12", "3:20"} {
		s := newScene(t)
		s.say("0:00", "M1/state", 6)
		s.say("0:00", "M1/total", 0)
		s.say("1:00", "M1/total", 60)
		s.till("1:00")
		s.say("3:00", "M1/total", 100) // one sample, and silence again
		s.silent("3:00")
		s.say("0:30", "M1/mode", 1) // late, so that all is looked at again
		s.silent(look)
		s.silent("4:00")
		s.want("M1", "00:00 run, 01:00 run inferred, 01:40 unknown")
	}
}

func TestBadStateIsUnknownUntilTheNextGoodOne(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("1:00", "M1/state", plant.Bad)
	s.say("2:00", "M1/reject", 0)
	s.say("3:00", "M1/state", 6)
	s.say("4:00", "M1/state", plant.UncertainLastUsableValue)
	s.say("5:00", "M1/state", 6)
	s.till("6:00")
	s.want("M1", "00:00 run, 01:00 unknown, 03:00 run, 04:00 unknown, 05:00 run")
}

func TestAnySampleEndsALostConnection(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("1:00", "M1/state", plant.BadNoCommunication)
	s.say("2:00", "M1/reject", 0) // it is back, and its state has not changed
	s.till("3:00")
	s.want("M1", "00:00 run, 01:00 unknown, 02:00 run")
}

func TestFailureThroughSilenceIsOneFailure(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("1:00", "M1/state", 9)
	s.till("2:00")
	s.now = s.at("4:00")
	s.say("5:00", "M1/state", 6)
	ch := s.till("6:00")
	s.want("M1", "00:00 run, 01:00 fault, 02:00 unknown, 04:00 fault, 05:00 run")
	if len(ch.Stops) != 1 || ch.Stops[0].Duration(s.now) != 2*time.Minute || ch.Stops[0].Excluded != 2*time.Minute {
		t.Errorf("got %+v, want one stop of 2 min around 2 min without data", ch.Stops)
	}
	k, _ := s.area.KPI(s.eq("M1"), plant.Interval{From: s.start, To: s.now}, "")
	if got, want := [2]float64{float64(k.Failures), k.MTTR.Value}, [2]float64{1, 120}; got != want {
		t.Errorf("got failures and MTTR %v, want %v", got, want)
	}
}

// Edge case: a device that publishes every minute, where stale_after is 15 s
// and nothing else tells of contact.
func TestADeviceThatPublishesEachMinuteRunsAsItsCounterShows(t *testing.T) {
	for _, c := range []struct {
		step, each int // seconds between readings, units in each
		want       string
	}{
		{60, 60, "00:00 run inferred, 10:00 run"},
		{20, 20, "00:00 run inferred, 10:00 run"},
		{60, 45, "00:00 run inferred, 00:45 unknown, 01:00 run inferred, 01:45 unknown, 02:00 run inferred, 02:45 unknown, 03:00 run inferred, 03:45 unknown"},
	} {
		s := newScene(t)
		s.say("0:00", "M1/state", 6)
		for n := 0; n*c.step <= 600 && (c.each == c.step || n*c.step <= 240); n++ {
			s.batch = append(s.batch, plant.Sample{Tag: s.tree.Tag("s/a/l/M1/total"), Time: s.start + plant.Instant(n*c.step)*second, Value: plant.Int(int64(n * c.each))})
			s.now = s.start + plant.Instant(n*c.step)*second
			s.area.Apply(s.now, s.batch, nil)
			s.batch = nil
			s.area.Tick(s.now)
		}
		s.area.Tick(s.now + 12*second) // what was heard last is sure by then
		if c.each != c.step {
			c.want += ", 04:00 run"
		}
		s.want("M1", c.want)
		k, _ := s.area.KPI(s.eq("M1"), plant.Interval{From: s.start, To: s.now}, "")
		if want := int64(s.now-s.start) / 1e9 * int64(c.each) / int64(c.step); k.Produced != want || k.Idle != 0 {
			t.Errorf("each %d s: got %d units, %d of them a contradiction; want %d, 0", c.step, k.Produced, k.Idle, want)
		}
	}
}

// Edge case: units are counted in time without data, but no ideal cycle says
// how long they took.
func TestUnitsMadeInTimeWithoutDataContradictNothing(t *testing.T) {
	s := newScene(t, func(c *production.Config) { c.Equipment[0].Product = "Q" })
	s.say("0:00", "M1/state", 6)
	s.say("0:00", "M1/total", 0)
	s.till("1:00")
	s.now = s.at("6:00")
	s.say("6:00", "M1/state", 6)
	s.say("1:00", "M1/state", 2)
	s.say("1:00", "M1/total", 60)
	s.say("6:00", "M1/total", 200)
	s.till("7:00")
	s.want("M1", "00:00 run, 01:00 unknown, 06:00 run")
	k, _ := s.area.KPI(s.eq("M1"), plant.Interval{From: s.start, To: s.now}, "")
	if k.Produced != 200 || k.Idle != 0 {
		t.Errorf("got %d units, %d of them a contradiction; want 200, 0", k.Produced, k.Idle)
	}
}

// Edge case: a state turns bad some seconds after the last sign of life.
func TestAStateThatIsLostIsUnknownFromTheLastSignOfLifeOn(t *testing.T) {
	for _, c := range []struct {
		what     string
		contacts []string // after steady contact up to 6:00
		late     string   // told after all the rest
		want     string
	}{
		{"nothing heard since 6:00", nil, "", "00:00 run, 06:00 unknown, 07:00 run"},
		{"keep-alive at 6:08", []string{"6:08"}, "", "00:00 run, 06:08 unknown, 07:00 run"},
		{"keep-alive at 6:08 that comes late", nil, "6:08", "00:00 run, 06:08 unknown, 07:00 run"},
		{"the server lives on, only the state is bad", []string{"6:10", "6:15", "6:20"}, "", "00:00 run, 06:12 unknown, 07:00 run"},
	} {
		for _, status := range []plant.Status{plant.Bad, plant.BadNoCommunication} {
			s := newScene(t)
			s.say("0:00", "M1/state", 6)
			s.till("6:00")
			var contacts []plant.Contact
			for _, at := range c.contacts {
				contacts = append(contacts, plant.Contact{Source: "plc", Time: s.at(at)})
			}
			s.silent("6:12", contacts...)
			s.say("6:12", "M1/state", status)
			s.silent("6:13")
			s.now = s.at("7:00")
			s.say("7:00", "M1/state", 6)
			s.till("8:00")
			if c.late != "" {
				s.silent("8:00", plant.Contact{Source: "plc", Time: s.at(c.late)})
			}
			if got := s.timeline("M1"); got != c.want {
				t.Errorf("%s, %v: got %s, want %s", c.what, status, got, c.want)
			}
		}
	}
}

// A state is lost at 2:08. The source was heard of at 2:04 and the equipment
// itself at 2:11, which is no gap, whichever of the two is told first.
func TestAStateThatIsLostWasKnownUntilThenWhereContactGoesOn(t *testing.T) {
	for _, order := range []string{"contact sample", "sample contact", "known sample", "sample known", "known contact sample"} {
		s := newScene(t)
		s.say("0:00", "M1/state", 6)
		s.till("1:00")
		s.say("2:08", "M1/state", plant.BadNoCommunication)
		s.silent("3:00")
		for told := range strings.FieldsSeq(order) {
			switch told {
			case "contact":
				s.silent("3:00", plant.Contact{Source: "plc", Time: s.at("2:04")})
			case "sample":
				s.say("2:11", "M1/reject", 0)
				s.silent("3:00")
			case "known":
				s.area.Know([]plant.Known{{Equipment: "s/a/l/M1", Interval: plant.Interval{From: s.at("2:04"), To: s.at("2:05")}}})
			}
		}
		s.silent("3:00")
		s.want("M1", "00:00 run, 01:00 unknown, 02:04 run, 02:08 unknown")
	}
}
