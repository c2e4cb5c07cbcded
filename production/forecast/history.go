package forecast

import (
	"time"

	"andon/plant"
	"andon/production"
)

const (
	bucketTime = 5 * time.Minute
	// maxBuckets are the latest ones that count: 48 hours of work. What was
	// before tells little about now.
	maxBuckets = 576
	// minBuckets is an hour of work. With less there is no forecast.
	minBuckets = 12
	minute     = plant.Instant(time.Minute)
)

// A Bucket is about five minutes of working time.
type Bucket struct {
	From plant.Instant // start of its first minute
	// Pace is the standard time of the good units made in it over its working
	// time: 1 is the ideal pace.
	Pace float64
}

// A History is what a line made before, in order of time.
type History []Bucket

// NewHistory cuts the facts of a line, see production.LineFacts, into
// buckets. Whole minutes in w count; breaks, time outside the calendar and
// time without data are left out, and so is the rest that fills no bucket.
func NewHistory(f production.Facts, w plant.Interval) History {
	var h History
	var work time.Duration
	var std production.Seconds
	from := plant.Instant(0)
	segs, counts := f.Segments, f.Counts
	for at := w.From.Truncate(time.Minute); at+minute <= w.To; at += minute {
		for len(segs) > 0 && segs[0].To != 0 && segs[0].To <= at {
			segs = segs[1:]
		}
		for len(counts) > 0 && counts[0].Minute < at {
			counts = counts[1:]
		}
		if at < w.From {
			continue
		}
		planned := worked(segs, plant.Interval{From: at, To: at + minute}, w.To)
		if planned == 0 {
			continue
		}
		if work == 0 {
			from = at
		}
		work += planned
		for _, c := range counts {
			if c.Minute != at {
				break
			}
			std += production.Seconds(c.IdealCycle) * production.Seconds(c.Good)
		}
		if work >= bucketTime {
			h = append(h, Bucket{From: from, Pace: float64(std) / float64(work)})
			work, std = 0, 0
		}
	}
	return h[max(0, len(h)-maxBuckets):]
}

// worked returns the time in v that was planned to produce in and is known.
func worked(segs []production.Segment, v plant.Interval, now plant.Instant) time.Duration {
	var sum time.Duration
	for _, s := range segs {
		if s.From >= v.To {
			break
		}
		if s.Loss < production.LossUnknown {
			sum += s.Interval(now).Clip(v).Duration()
		}
	}
	return sum
}

// mean returns the mean pace.
func (h History) mean() float64 {
	sum := 0.0
	for _, b := range h {
		sum += b.Pace
	}
	return sum / float64(len(h))
}
