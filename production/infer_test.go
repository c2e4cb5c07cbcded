package production_test

import (
	"testing"
	"time"

	"andon/plant"
	"andon/production"
)

// lose has M1 make a unit a second, lose contact at 4:00, and come back later
// with so many units more.
func (s *scene) lose(until string, more int) {
	s.say("0:00", "M1/state", 6)
	s.say("0:00", "M1/total", 0)
	s.say("4:00", "M1/total", 240)
	s.till("4:00")
	s.now = s.at(until)
	s.say(until, "M1/state", 6)
	s.say(until, "M1/total", 240+more)
}

func orders(c *production.Config) {
	at := func(minute int) time.Time { return time.Date(2026, 3, 2, 8, minute, 0, 0, time.UTC) }
	c.Orders = []production.Order{{Order: "O1", Product: "P", Line: "s/a/l", From: at(-60)}, {Order: "O2", Product: "F", Line: "s/a/l", From: at(5)}}
}

// Edge case: the order changes while there is no contact, and the next product
// takes four times as long.
func TestRunInferredOverAChangeOfOrderFollowsEachProduct(t *testing.T) {
	s := newScene(t, twoSpeeds, orders)
	s.lose("10:00", 60+75)
	s.till("12:00")
	s.want("M1", "00:00 run, 04:00 run inferred, 05:00 run inferred, 10:00 run")
	s.wantMade("0:00", "10:00", map[string]int64{"P": 300, "F": 75}, 1)
	less := newScene(t, twoSpeeds, orders)
	less.lose("10:00", 60+25)
	less.till("12:00")
	less.want("M1", "00:00 run, 04:00 run inferred, 05:00 run inferred, 06:40 unknown, 10:00 run")
}

// Edge case: the ideal cycle of the product changes while there is no contact.
func TestRunInferredOverAChangeOfTheIdealCycleFollowsEach(t *testing.T) {
	s := newScene(t, func(c *production.Config) {
		c.Products[0].Ideal = append(c.Products[0].Ideal, production.IdealCycle{Cycle: 4 * time.Second, ValidFrom: time.Date(2026, 3, 2, 8, 5, 0, 0, time.UTC)})
	})
	s.lose("10:00", 60+50)
	s.till("12:00")
	s.want("M1", "00:00 run, 04:00 run inferred, 08:20 unknown, 10:00 run")
}

func lunch(c *production.Config) {
	c.Calendars = []plant.CalendarConfig{{Name: "c", Zone: "UTC", Shifts: []plant.ShiftConfig{{Name: "S", From: "08:00", To: "17:00",
		Breaks: []plant.BreakConfig{{Name: "lunch", From: "08:05", To: "08:25"}}}}}}
	c.CalendarFor = []production.CalendarFor{{Equipment: "s/**", Calendar: "c"}}
}

// Edge case: contact is lost over a break. What was made was made in working
// time as far as that has room for it.
func TestRunInferredOverABreakFillsWorkingTimeFirst(t *testing.T) {
	s := newScene(t, lunch)
	s.lose("30:00", 360)
	s.till("31:30")
	s.want("M1", "00:00 run, 04:00 run inferred, 05:00 unknown, 25:00 run inferred, 30:00 run")
	more := newScene(t, lunch)
	more.lose("30:00", 360+300)
	more.till("31:30")
	more.want("M1", "00:00 run, 04:00 run inferred, 05:00 run unscheduled inferred, 10:00 unknown, 25:00 run inferred, 30:00 run")
	less := newScene(t, lunch)
	less.lose("30:00", 200)
	less.till("31:30")
	less.want("M1", "00:00 run, 04:00 run inferred, 05:00 unknown, 25:00 run inferred, 27:20 unknown, 30:00 run")
}

// Edge case: readings on both sides of the time without contact, with run
// that is known, at another ideal cycle.
func TestRunKnownAroundAGapPaysForItsOwnProduct(t *testing.T) {
	s := newScene(t, twoSpeeds, orders)
	s.say("0:00", "M1/state", 6)
	s.say("0:00", "M1/total", 0)
	s.till("6:00") // 300 of P and 15 of F by now, not read
	s.now = s.at("10:00")
	s.say("10:00", "M1/state", 6)
	s.say("11:00", "M1/total", 300+15+40+15) // 40 in the gap, 15 after it
	s.till("12:00")
	s.want("M1", "00:00 run, 05:00 run, 06:00 run inferred, 08:40 unknown, 10:00 run")
}
