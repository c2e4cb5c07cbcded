package production

import (
	"math/bits"
	"time"

	"andon/plant"
)

// An OrderInput is all that the attainment of an order depends on.
type OrderInput struct {
	Config Config
	Line   *plant.Line
	Work   *WorkTime // of the line's constraint
	Order  OrderRecord
	Facts  Facts // of the line from the start of the order on, see LineFacts
	Now    plant.Instant
}

// An Attainment is how far an order is, at what pace, and when it will be
// done at the pace shown so far. Rates are good units per second of working
// time; planned breaks and time outside the calendar count neither before nor
// after now.
type Attainment struct {
	Line      string `json:"line"`
	Order     string `json:"order"`
	Product   string `json:"product"`
	Quantity  int64  `json:"quantity"`  // 0 when nobody said
	Good      int64  `json:"good"`      // so far, with what was done before
	Remaining int64  `json:"remaining"` // 0 when done
	// ByProduct is what of Good was made under andon's eyes of each product
	// of a mould; empty for an order of one product.
	ByProduct map[string]int64 `json:"by_product,omitempty"`

	Started   plant.Instant `json:"started"`   // first run in the facts, 0 for none
	Completed plant.Instant `json:"completed"` // 0 when not done
	Due       plant.Instant `json:"due"`       // 0 for none
	ETA       plant.Instant `json:"eta"`       // 0 when done or when there is no pace
	Late      Seconds       `json:"late"`      // end or ETA after due; negative when early

	Elapsed      Seconds `json:"elapsed_time"`      // planned time since the start
	Demonstrated Ratio   `json:"demonstrated_rate"` // good in it / elapsed
	Required     Ratio   `json:"required_rate"`     // remaining / working time until due

	// Target is what should be good by now: of the quantity the part of the
	// working time from the order's start to due that is over. Without due it
	// is what the ideal cycle allows, and at most the quantity.
	Target     int64 `json:"target"`
	Attainment Ratio `json:"attainment"` // good / target
}

// Attain works out how far an order is.
func Attain(in OrderInput) Attainment {
	o := in.Order
	a := Attainment{Line: in.Line.Path, Order: o.Order, Product: o.Product, Quantity: o.Quantity, Due: o.Due, Good: o.DoneBefore}
	for _, c := range in.Facts.Counts {
		if c.Order != o.Order || c.Minute >= in.Now {
			continue
		}
		if c.Mould != "" {
			if a.ByProduct == nil {
				a.ByProduct = map[string]int64{}
			}
			a.ByProduct[c.Product] += c.Good
		}
		left := a.Quantity - a.Good
		a.Good += c.Good
		if a.Completed == 0 && a.Quantity > 0 && a.Good >= a.Quantity {
			a.Completed = min(in.Now, reached(in.Facts.Segments, c, left))
		}
	}
	a.Remaining = max(0, a.Quantity-a.Good)
	if a.Remaining > 0 {
		a.Completed = 0
	}
	a.pace(in)
	a.target(in)
	a.Attainment = Over(float64(a.Good), float64(a.Target))
	if o.To != 0 && o.To <= in.Now && a.Completed == 0 { // nobody works on it any more
		a.ETA, a.Late, a.Required = 0, 0, Ratio{}
	}
	return a
}

// reached returns when the first n good units of c were made: with run time,
// as counts are divided.
func reached(segs []Segment, c Count, n int64) plant.Instant {
	within := plant.Interval{From: c.Minute, To: c.Minute + minute}
	run := func(f func(v plant.Interval)) {
		for _, s := range segs {
			if v := s.Interval(within.To).Clip(within); (s.Loss == LossRun || s.Blip) && v.Duration() > 0 {
				f(v)
			}
		}
	}
	var all time.Duration
	run(func(v plant.Interval) { all += v.Duration() })
	need, end := scale(all, max(n, 0), c.Good), within.To
	if all == 0 {
		return end
	}
	run(func(v plant.Interval) {
		if need >= 0 && need <= v.Duration() {
			end = v.From.Add(need)
		}
		need -= v.Duration()
		if need <= 0 {
			need = -1
		}
	})
	return end
}

// scale returns d x num / den, rounded down, for den above 0.
func scale(d time.Duration, num, den int64) time.Duration {
	if d <= 0 || num <= 0 || den <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(d), uint64(num))
	if hi >= uint64(den) {
		return time.Duration(endless)
	}
	q, _ := bits.Div64(hi, lo, uint64(den))
	if q > uint64(endless) {
		return time.Duration(endless)
	}
	return time.Duration(q)
}

// pace works out rates and the time of completion.
func (a *Attainment) pace(in OrderInput) {
	end := in.Now
	if a.Completed != 0 {
		end = a.Completed
	}
	for _, s := range in.Facts.Segments {
		if s.Order != a.Order || s.From >= end {
			continue
		}
		if a.Started == 0 && s.Loss == LossRun {
			a.Started = s.From
		}
		if a.Started != 0 && s.Loss != LossPlanned && s.Loss != LossNotScheduled {
			a.Elapsed += Seconds(s.Interval(end).Clip(plant.Interval{From: s.From, To: end}).Duration())
		}
	}
	made := a.Good - in.Order.DoneBefore
	a.Demonstrated = Over(float64(made), a.Elapsed.Float())
	if a.Due != 0 && a.Remaining > 0 {
		a.Required = Over(float64(a.Remaining), Seconds(in.Work.Between(plant.Interval{From: in.Now, To: a.Due})).Float())
	}
	if a.Remaining > 0 && made > 0 {
		a.ETA, _ = in.Work.After(in.Now, scale(a.Elapsed.Duration(), a.Remaining, made))
	}
	if done := max(a.Completed, a.ETA); a.Due != 0 && done != 0 {
		a.Late = Seconds(done.Sub(a.Due))
	}
}

func (a *Attainment) target(in OrderInput) {
	o := in.Order
	over := in.Work.Between(plant.Interval{From: o.From, To: min(in.Now, max(o.Due, o.From))})
	if o.Due != 0 {
		whole := in.Work.Between(plant.Interval{From: o.From, To: o.Due})
		a.Target = int64(scale(time.Duration(a.Quantity), int64(over), int64(whole)))
		return
	}
	ideal := newPlan(in.Config, in.Line.Constraint, "").ideal(o.Product, in.Now)
	if ideal == 0 {
		return
	}
	a.Target = int64(in.Work.Between(plant.Interval{From: o.From, To: in.Now}) / ideal)
	if a.Quantity > 0 {
		a.Target = min(a.Target, a.Quantity)
	}
}
