package production

import (
	"cmp"
	"slices"
	"time"

	"andon/plant"
)

// The speed of run is judged over so many cycles at least.
const slowCycles = 20

// A slowness says where an equipment runs slowly. Each run segment is judged in
// windows from its start; what is left at its end goes with the last window.
type slowness struct {
	slow    []plant.Interval // To is endless where only the segment ends it
	slowPos plant.Instant    // judged up to here
}

// judgeSpeed judges the windows that are full, again from changed on. It
// returns when the next one is full although no count comes.
func (u *unit) judgeSpeed(changed plant.Instant) (wake plant.Instant) {
	c := u.main()
	if c == nil || len(u.segs) == 0 || !c.any() {
		return endless
	}
	u.judgeAgain(changed)
	first := c.first()
	for k := u.segmentIndex(u.slowPos); k < len(u.segs); k++ {
		seg := u.segs[k]
		w := u.speedWindow(seg)
		end := seg.Interval(endless).To
		if w > 0 {
			t := seg.From + max(0, u.slowPos-seg.From)/w*w
			for ; t+w <= end; t += w {
				if counted := u.countedMain(); counted < t+w && u.at < t+2*w {
					u.slowPos = t
					return t + 2*w
				}
				u.judgeWindow(seg, plant.Interval{From: t, To: t + w}, first)
			}
		}
		if end == endless {
			break
		}
		u.slowPos = end
	}
	return endless
}

// judgeAgain takes back what was judged of changed and later.
func (u *unit) judgeAgain(changed plant.Instant) {
	if changed >= u.slowPos {
		return
	}
	seg := u.segmentAt(changed - 1)
	u.slowPos = min(changed, seg.From)
	if w := u.speedWindow(seg); w > 0 && changed > seg.From {
		u.slowPos = seg.From + (changed-seg.From)/w*w
	}
	n := len(u.slow)
	for n > 0 && u.slow[n-1].From >= u.slowPos {
		n--
	}
	if n < len(u.slow) {
		u.out.change(seg.From, u.slow[n].From)
	}
	u.slow = u.slow[:n]
	if n > 0 && u.slow[n-1].To != endless && u.slow[n-1].To >= u.slowPos {
		u.slow[n-1].To = endless
		u.out.change(seg.From, u.slowPos)
	}
}

// speedWindow returns over how long the speed of a segment is judged, 0 when
// it is not.
func (u *unit) speedWindow(seg Segment) plant.Instant {
	if seg.Loss != LossRun || seg.Inferred {
		return 0
	}
	ideal := u.set.plan.ideal(seg.Product, seg.From) * time.Duration(u.mainUnitsAt(seg.From, seg.Product))
	if ideal == 0 {
		return 0
	}
	return plant.Instant(max(u.set.slowWindow, slowCycles*ideal))
}

// judgeWindow decides whether seg runs slowly in w. One count more is granted,
// since the last cycle may be nearly done. Before the first reading nothing is
// known to be slow.
func (u *unit) judgeWindow(seg Segment, w plant.Interval, first plant.Instant) {
	c := u.main()
	made := 1.0
	whole := seg.Interval(endless)
	c.walk(c.lim, w.From, func(inc increment) bool {
		v := plant.Interval{From: inc.from, To: inc.to}.Clip(whole)
		if d := v.Duration(); d > 0 {
			made += float64(inc.n) * float64(v.Clip(w).Duration()) / float64(d)
		}
		return inc.to < w.To
	})
	ideal := float64(u.set.plan.ideal(seg.Product, seg.From)) * float64(u.mainUnitsAt(w.From, seg.Product))
	slow := made*ideal*u.set.slowFactor <= float64(w.Duration()) && w.From >= first
	n := len(u.slow)
	was := n > 0 && u.slow[n-1].From >= seg.From && u.slow[n-1].To == endless
	switch {
	case slow && !was:
		u.slow = append(u.slow, plant.Interval{From: w.From, To: endless})
	case was && !slow:
		u.slow[n-1].To = w.From
	}
	if slow != was {
		u.out.change(seg.From, w.From)
	}
	u.slowPos = w.To
}

// view appends the segments from index k on as they are told: run is divided
// where it is slow.
func (u *unit) view(dst []Segment, k int) []Segment {
	for ; k < len(u.segs); k++ {
		dst = u.divideSlow(dst, u.segs[k])
	}
	return dst
}

func (u *unit) divideSlow(dst []Segment, seg Segment) []Segment {
	whole := seg.Interval(endless)
	i, _ := slices.BinarySearchFunc(u.slow, seg.From, func(v plant.Interval, t plant.Instant) int { return cmp.Compare(v.From, t) })
	for ; seg.Loss == LossRun && i < len(u.slow) && u.slow[i].From < whole.To; i++ {
		v := u.slow[i].Clip(whole)
		if v.From > seg.From {
			before := seg
			before.To = v.From
			dst = append(dst, before)
		}
		part := seg
		part.From, part.State = v.From, plant.StateSlow
		if v.To < whole.To {
			part.To = v.To
		}
		dst = append(dst, part)
		seg.From = v.To
	}
	if seg.From < whole.To {
		dst = append(dst, seg)
	}
	return dst
}

// latest returns the segment that is going on. There must be one.
func (u *unit) latest() Segment {
	var buf [2]Segment // most are not divided
	parts := u.divideSlow(buf[:0], u.segs[len(u.segs)-1])
	return parts[len(parts)-1]
}

// present returns the segment that is going on, and when its state and reason
// began. There must be one.
func (u *unit) present() (Segment, plant.Instant) {
	k := len(u.segs) - 1
	var buf [2]Segment // most are not divided
	parts := u.divideSlow(buf[:0], u.segs[k])
	now := parts[len(parts)-1]
	if now.Stop != "" {
		return now, now.StopStart
	}
	since := now.From
	for {
		for _, p := range slices.Backward(parts) {
			if p.State != now.State || p.Stop != "" {
				return now, since
			}
			since = p.From
		}
		if k--; k < 0 {
			return now, since
		}
		parts = u.divideSlow(parts[:0], u.segs[k])
	}
}
