package main

import (
	"fmt"
	"time"

	"andon/bench/internal/cases"
)

// A progress tells how far the cases are and when they will be done.
type progress struct {
	say   func(string)
	now   func() time.Time
	began time.Time
	whole time.Duration   // as estimated
	left  []time.Duration // as estimated, of each case that is to come
}

func newProgress(rig *cases.Rig, chosen []cases.Case, now func() time.Time) *progress {
	p := &progress{say: rig.Say, now: now, began: now()}
	for _, c := range chosen {
		p.left = append(p.left, rig.Estimate(c))
		p.whole += rig.Estimate(c)
	}
	return p
}

// begins tells of all that is to come.
func (p *progress) begins() { p.tell(fmt.Sprintf("cases: %d", len(p.left)), p.whole) }

// done tells of what is left after a case. What took longer or shorter than
// was estimated says as much of what is to come.
func (p *progress) done() {
	p.left = p.left[1:]
	if len(p.left) == 0 {
		p.say(fmt.Sprintf("all cases are done, after %s", rounded(p.now().Sub(p.began))))
		return
	}
	var left time.Duration
	for _, d := range p.left {
		left += d
	}
	scale := float64(p.now().Sub(p.began)) / float64(p.whole-left)
	p.tell(fmt.Sprintf("cases left: %d", len(p.left)), time.Duration(float64(left)*scale))
}

func (p *progress) tell(what string, d time.Duration) {
	p.say(fmt.Sprintf("%s, about %s, until about %s", what, rounded(d), p.now().Add(d).Format("15:04:05")))
}

// rounded is a time as one says it.
func rounded(d time.Duration) time.Duration {
	if d > 10*time.Minute {
		return d.Round(time.Minute)
	}
	return d.Round(time.Second)
}
