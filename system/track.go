package system

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"andon/alerts"
	"andon/plant"
)

// A key tells conditions apart.
type key struct{ rule, subject string }

// A track follows one condition and what the book knows of it.
type track struct {
	finding // the latest
	holdsAt time.Time
	overAt  time.Time

	active bool // with its delays
	began  plant.Instant
	ended  plant.Instant
	// alarm is the id of the occurrence, from its beginning until the book
	// has its end; "" when there is none.
	alarm  string
	booked bool // the book has it active, as far as is known
	heard  bool // the book has had it active
	round  int  // of commands that were done

	sending  bool // a command is on its way
	failures int  // of commands, since one was done
	retryAt  time.Time
	call     *call // nil while nobody was told directly
}

// see takes the finding of now.
func (t *track) see(x finding, now time.Time, offDelay time.Duration) {
	t.finding = x
	switch {
	case x.holds:
		t.overAt = time.Time{}
		if t.holdsAt.IsZero() {
			t.holdsAt = now
		}
		if !t.active && now.Sub(t.holdsAt) >= x.delay {
			t.begin(plant.At(t.holdsAt))
		}
	case x.over:
		t.holdsAt = time.Time{}
		if t.overAt.IsZero() {
			t.overAt = now
		}
		if t.active && now.Sub(t.overAt) >= offDelay {
			t.active, t.ended = false, plant.At(t.overAt)
		}
	default:
		t.holdsAt, t.overAt = time.Time{}, time.Time{}
	}
}

// begin makes the condition active. One whose end nobody heard of goes on.
func (t *track) begin(at plant.Instant) {
	t.active, t.ended = true, 0
	if t.alarm == "" {
		t.began = at
		t.alarm = idOf(t.rule, t.subject, at)
	}
}

// remember takes over what the records say of the alarm, one without an ID when
// none is open and active, unless a command of ours is on its way.
func (t *track) remember(open alerts.Alarm) {
	switch {
	case t.sending:
	case open.ID != "":
		if !t.heard && !t.active {
			t.active, t.began = true, open.Raised.Event // of the process before
		}
		t.alarm, t.booked, t.heard = open.ID, true, true
	case t.heard && t.active: // the book lost it: another occurrence, for its records
		t.alarm, t.booked, t.heard = idOf(t.rule, t.subject, t.began, t.alarm), false, false
	case t.heard: // its end was taken though nobody said so
		t.done(false)
	}
}

// wants returns what the book must hear next: the beginning, also of what is
// over by now, or the end.
func (t *track) wants() (active, any bool) {
	switch {
	case t.alarm == "":
		return false, false
	case !t.booked:
		return true, true
	case !t.active:
		return false, true
	}
	return false, false
}

// done notes that the book has heard.
func (t *track) done(active bool) {
	t.failures, t.booked, t.heard = 0, active, active
	t.round++
	if !active && !t.active {
		t.alarm, t.began, t.ended = "", 0, 0
	} else if !active { // it began again while its end was on its way
		t.alarm = idOf(t.rule, t.subject, t.holdsAt.UnixNano(), t.round)
	}
}

// failed notes that it could not, and when to try again.
func (t *track) failed(now time.Time) {
	t.failures++
	t.retryAt = now.Add(min(time.Second<<min(t.failures, 5), longestRetry))
}

// longestRetry bounds the pause after commands that failed.
const longestRetry = 15 * time.Second

// says is what the book hears.
func (t *track) says(active bool) alerts.SystemCondition {
	s := alerts.SystemCondition{Rule: t.rule, Subject: t.subject, Active: active, Priority: t.priority, Time: t.ended, Value: t.value}
	if active {
		s.Time, s.Message, s.Response = t.began, t.message, t.response
		s.Before.Alarm = t.alarm
	}
	return s
}

// idOf makes an id of 32 hexadecimal digits.
func idOf(parts ...any) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%q\n", fmt.Sprint(p))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
