package rules_test

import (
	"math"
	"math/rand/v2"
	"regexp"
	"testing"
	"time"

	"andon/plant"
	"andon/rules"
)

// heating foresees a gearbox of 75 degC.
func heating() rules.Rule {
	return rules.Rule{ID: "heating", Class: plant.ClassMaintenance, Kind: rules.KindTrend, Equipment: lineA + "A1", Tag: "gearbox_temp",
		Priority: plant.PriorityMedium, Limit: ">= 75 degC", Within: 10 * time.Minute, Window: 5 * time.Minute, Response: "check the fan"}
}

// resin foresees an empty hopper.
func resin() rules.Rule {
	r := heating()
	r.ID, r.Limit, r.Within, r.Window, r.Gap, r.Jump = "resin", "<= 0", 15*time.Minute, 10*time.Minute, time.Minute, 1
	return r
}

// course sends the gearbox value every step from one time until before
// another.
func (s *shift) course(from, to string, step time.Duration, value func(since time.Duration) float64) (out []plant.Condition) {
	for now := clock(from); now < clock(to); now = now.Add(step) {
		out = append(out, s.eval(now, plant.Sample{Tag: s.tree.Tag(lineA + "A1/gearbox_temp"), Value: plant.Float(value(now.Sub(clock(from)))), Time: now})...)
	}
	return out
}

// line is a course from a value at a rate per minute.
func line(from, perMinute float64) func(time.Duration) float64 {
	return func(since time.Duration) float64 { return from + perMinute*since.Minutes() }
}

func TestGearboxIsForeseenToReachItsLimit(t *testing.T) {
	r := heating()
	r.Message = "{{.Value}}, {{.Limit}} in {{.In}} at {{.Rate}}"
	s := newShift(t, r)
	s.at("08:00", s.temp("08:00", 68))
	got := s.course("08:46:10", "09:05", 10*time.Second, line(68+.5/6, .5))
	want(t, "half a degree a minute", got, "A1 heating medium at 08:50:00")
	if m := got[0].Message; m != "70, >= 75 degC in 10m at 0.5" {
		t.Errorf("message: got %q", m)
	}
	want(t, "it cools down", s.course("09:05", "09:10", 10*time.Second, line(77, -1)), "A1 heating over at 09:07:10")
}

func TestResinIsForeseenToRunOutAndARefillClears(t *testing.T) {
	s := newShift(t, resin())
	want(t, "twelve seconds a cycle", s.course("08:00", "08:12:01", 12*time.Second, line(14.8, -.5)), "")
	want(t, "after the stop fifteen", s.course("08:16:15", "08:28:01", 15*time.Second, line(8.7, -.4)), "A1 resin medium at 08:23:00")
	want(t, "after the fault twelve", s.course("08:33:12", "08:41", 12*time.Second, line(3.9, -.5)), "")
	want(t, "empty", s.at("08:41", s.temp("08:41", 0)), "")
	want(t, "refill", s.at("08:44:30", s.temp("08:44:30", 25)), "A1 resin over at 08:44:30")
	want(t, "and so on", s.course("08:45:12", "09:00", 12*time.Second, line(24.9, -.5)), "")
}

func TestDropTowardsTheLimitIsNoRate(t *testing.T) {
	r := resin()
	r.Jump = 2
	s := newShift(t, r)
	s.course("08:00", "08:05", 10*time.Second, line(20, -.1))
	want(t, "somebody took ten kilograms", s.course("08:05", "08:10", 10*time.Second, line(9.5, -.1)), "")
	want(t, "and all the rest", s.at("08:10", s.temp("08:10", 0)), "A1 resin medium at 08:10:00")
}

func TestNoiseOfASteadyValueForeseesNothing(t *testing.T) {
	s := newShift(t, heating())
	wave := func(since time.Duration) float64 { return 74.5 + .3*math.Sin(1.7*since.Seconds()) }
	want(t, "half a degree below the limit", s.course("08:00", "09:00", time.Second, wave), "")
	random := rand.New(rand.NewPCG(7, 7))
	noise := func(time.Duration) float64 { return 74 + .2*random.NormFloat64() }
	want(t, "a shift a degree below it", s.course("10:00", "18:00", 5*time.Second, noise), "")
}

func TestFastSamplesForeseeTheSame(t *testing.T) {
	s := newShift(t, heating())
	got := s.course("08:00", "08:12", 100*time.Millisecond, line(68, .5))
	want(t, "ten a second", got, "A1 heating medium at 08:03:59.6")
}

func TestTrendHoldsBetweenWithinAndClearBeyond(t *testing.T) {
	r := heating()
	r.ClearBeyond = 20 * time.Minute
	s := newShift(t, r)
	want(t, "rising", s.course("08:00", "08:05", 10*time.Second, line(70, .5)), "A1 heating medium at 08:01:30")
	want(t, "slower: 18 minutes", s.course("08:05", "08:11", 10*time.Second, line(72.5, .12)), "")
	want(t, "slower still", s.course("08:11", "08:17", 10*time.Second, line(73.2, .05)), "A1 heating over at 08:13:30")
}

func TestBadValuesHoldTheTrend(t *testing.T) {
	s := newShift(t, heating())
	s.course("08:00", "08:02", 10*time.Second, line(72, .5))
	want(t, "lost", s.at("08:02", s.badTemp("08:02", 0, plant.BadNoCommunication)), "")
	want(t, "and in touch", s.contacts("08:02:05", "08:20"), "")
	want(t, "back, after a gap", s.course("08:20", "08:20:30", 10*time.Second, line(60, 0)), "")
	want(t, "and cool", s.course("08:20:30", "08:22", 10*time.Second, line(60, 0)), "A1 heating over at 08:21:30")
}

func TestValueThatStandsStillForeseesNothingMore(t *testing.T) {
	s := newShift(t, heating())
	s.course("08:00", "08:02", 10*time.Second, line(72, .5))
	want(t, "unchanged, in touch", s.contacts("08:02:05", "08:30"), "A1 heating over at 08:06:50")
	s.at("08:31", s.temp("08:31", 76))
	want(t, "unchanged beyond the limit", s.contacts("08:31:05", "09:00"), "")
}

func TestDelaysOfATrendPassWhileNothingIsForeseen(t *testing.T) {
	r := resin()
	r.OffDelay = time.Minute
	s := newShift(t, r)
	want(t, "low", s.course("08:00", "08:05", 10*time.Second, line(5, -.5)), "A1 resin medium at 08:01:30")
	got := s.course("08:05", "08:05:30", 10*time.Second, line(25, -.5))
	want(t, "a minute after the refill", append(got, s.tick("08:05:20", "08:07")...), "A1 resin over at 08:06:00")
}

func TestSampleOfAClockAheadOnlyBeginsTheWindowAnew(t *testing.T) {
	s := newShift(t, heating())
	s.at("08:00", s.temp("23:00", 60))
	want(t, "the clock was put right", s.course("08:00:10", "08:05", 10*time.Second, line(70, .5)), "A1 heating medium at 08:01:40")
	want(t, "a late sample says nothing", s.at("08:05", s.temp("08:01", 20)), "")
}

func TestGearboxWithAWrongClockIsForeseenAllTheSame(t *testing.T) {
	for _, slow := range []time.Duration{0, 6 * time.Minute, time.Hour, -time.Hour} {
		s := newShift(t, heating())
		var raised, over plant.Instant
		for now := clock("08:00"); now < clock("08:20"); now = now.Add(5 * time.Second) {
			parts := []any{plant.Contact{Source: "opcua", Time: now}}
			if since := now.Sub(clock("08:00")); since%(10*time.Second) == 0 && since <= 6*time.Minute {
				x := s.sample("08:00", "A1/gearbox_temp", plant.Float(line(68, .5)(since)))
				x.Time = now.Add(-slow)
				parts = append(parts, x)
			}
			for _, c := range s.eval(now, parts...) {
				if c.Active {
					raised = now
				} else {
					over = now
				}
			}
			if now == clock("08:08") {
				s.restart()
			}
		}
		if raised != clock("08:04") || over != clock("08:11") {
			t.Errorf("clock slow by %s: got raised %s, over %s; want 08:04 ten minutes ahead, 08:11 when it stood still", slow, raised, over)
		}
	}
}

func TestWindowOfAnEarlierVersionGoesOn(t *testing.T) {
	s := newShift(t, heating())
	s.course("08:00", "08:02", 10*time.Second, line(72, .5))
	data, err := s.set.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	s.set = s.open(s.cfg)
	if err := s.set.Restore(regexp.MustCompile(`"seen":\d+,`).ReplaceAll(data, nil)); err != nil {
		t.Fatal(err)
	}
	want(t, "until it stands still", s.contacts("08:02:05", "08:10"), "A1 heating over at 08:06:50")
}
