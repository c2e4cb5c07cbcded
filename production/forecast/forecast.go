package forecast

import (
	"fmt"
	"math"
	"sort"
	"time"

	"andon/plant"
	"andon/production"
)

// An Input is what every forecast of a line depends on.
type Input struct {
	History History
	Work    *production.WorkTime // of the line's constraint
	Ideal   time.Duration        // ideal cycle of the product to come
	Now     plant.Instant
}

// A Forecast is a number of good units or a time of completion, with the
// interval that holds it in nine of ten cases.
type Forecast[T any] struct {
	// Reason says why there is no forecast; then the other fields are zero.
	Reason string `json:"reason,omitempty"`

	Low    T `json:"low"` // 5 %
	Median T `json:"median"`
	High   T `json:"high"` // 95 %

	Buckets int `json:"buckets"` // of history, five minutes each
	// Thin says that the history is shorter than eight hours of work, so that
	// the interval is a rough one.
	Thin bool `json:"thin"`
}

const thinBuckets = 96

// why returns the reason not to forecast, "" for none.
func (in Input) why() string {
	switch {
	case len(in.History) < minBuckets:
		return fmt.Sprintf("history of %d minutes of work, %d are needed", 5*len(in.History), 5*minBuckets)
	case in.Ideal <= 0:
		return "the product has no ideal cycle"
	case in.History.mean() == 0:
		return "nothing good was made in the history"
	}
	return ""
}

// Units says how many good units there will be at end, of which good are
// there already. The whole of the time to come is of one product.
func Units(in Input, end plant.Instant, good int64) Forecast[int64] {
	if why := in.why(); why != "" {
		return Forecast[int64]{Reason: why}
	}
	ahead := in.Work.Between(plant.Interval{From: in.Now, To: end})
	buckets := float64(ahead) / float64(bucketTime)
	if buckets > maxAhead {
		return Forecast[int64]{Reason: "the end is more than 200 hours of work ahead"}
	}
	sums := newSampler(in.History, uint64(ahead)).sums(buckets)
	units := func(q float64) int64 {
		return good + int64(math.Round(quantile(sums, q)*float64(bucketTime)/float64(in.Ideal)))
	}
	return Forecast[int64]{Low: units(.05), Median: units(.5), High: units(.95), Buckets: len(in.History), Thin: len(in.History) < thinBuckets}
}

// A Completion says when an order will be done. Times are 0 when they are
// more than 200 hours of work or 400 days ahead.
type Completion struct {
	Forecast[plant.Instant]
	// Curve has the times by which the order is done with a chance of 5, 10
	// and so on up to 95 %.
	Curve []Chance `json:"curve"`

	in      Input
	lengths []float64 // sorted
}

// A Chance is how probable it is that an order is done by a time.
type Chance struct {
	Probability float64       `json:"probability"`
	By          plant.Instant `json:"by"` // 0 for too far ahead
}

// Order says when remaining good units will have been made.
func Order(in Input, remaining int64) Completion {
	if why := in.why(); why != "" {
		return Completion{Forecast: Forecast[plant.Instant]{Reason: why}}
	}
	if remaining <= 0 {
		return Completion{Forecast: Forecast[plant.Instant]{Reason: "the order is done"}}
	}
	amount := float64(remaining) * float64(in.Ideal) / float64(bucketTime)
	c := Completion{in: in, lengths: newSampler(in.History, uint64(remaining)*uint64(in.Ideal)).lengths(amount)}
	c.Buckets, c.Thin = len(in.History), len(in.History) < thinBuckets
	for i := 1; i < 20; i++ {
		p := float64(i) / 20
		c.Curve = append(c.Curve, Chance{p, c.by(p)})
	}
	c.Low, c.Median, c.High = c.Curve[0].By, c.Curve[9].By, c.Curve[18].By
	return c
}

// by returns when the order is done with probability p.
func (c Completion) by(p float64) plant.Instant {
	length := quantile(c.lengths, p)
	if math.IsInf(length, 1) {
		return 0
	}
	at, _ := c.in.Work.After(c.in.Now, time.Duration(math.Ceil(length*bucketTime.Seconds()))*time.Second)
	return at
}

// Chance returns how probable it is that the order is done by t; 0 when
// there is no forecast.
func (c Completion) Chance(t plant.Instant) float64 {
	if len(c.lengths) == 0 {
		return 0
	}
	most := float64(c.in.Work.Between(plant.Interval{From: c.in.Now, To: t})) / float64(bucketTime)
	return float64(sort.Search(len(c.lengths), func(i int) bool { return c.lengths[i] > most })) / float64(len(c.lengths))
}
