package production

import (
	"strings"

	"andon/plant"
)

// An Amount is money with how it was found.
type Amount struct {
	Amount Money   `json:"amount"`
	Basis  string  `json:"basis"` // such as "labour and overhead"; "" when nothing has a price
	Time   Seconds `json:"time"`  // priced
}

// CostOf returns what a stop cost up to now. facts are those of its
// equipment over the stop; a changeover's go on to the run after it. Planned
// stops, time without data and time outside the calendar cost nothing. The
// parts of a divided stop cost exactly what the whole did.
func (p *Pricing) CostOf(s Stop, facts Facts, now plant.Instant) Amount {
	return p.CostIn(s, facts, plant.Interval{To: endless}, now)
}

// CostIn returns what the part of a stop that lies in w cost up to now, from
// the facts over the whole stop. The parts in windows that follow each other
// cost exactly what the whole does.
func (p *Pricing) CostIn(s Stop, facts Facts, w plant.Interval, now plant.Instant) Amount {
	var a Amount
	if p == nil || s.Void {
		return a
	}
	c := &Cost{}
	for i, seg := range facts.Segments {
		if seg.Stop == s.ID && seg.Loss > LossRun && seg.Loss < LossUnknown {
			p.addStop(c, facts.Segments, i, seg.Interval(now).Clip(w))
		}
	}
	c.sum()
	var bases []string
	for _, i := range c.Items {
		a.Amount, a.Time = a.Amount+i.Amount, a.Time+i.Time
		bases = append(bases, i.Basis)
	}
	a.Basis = strings.Join(bases, "; ")
	return a
}

// merge adds the costs of another part. Nil stands for a part without prices.
func (c *Cost) merge(d *Cost) *Cost {
	if d == nil {
		return c
	}
	if c == nil {
		c = &Cost{Currency: d.Currency}
	}
	for _, i := range d.Items {
		c.add(i)
	}
	for _, m := range d.PerDowntimeMinute {
		c.addMinute(m.Product, rate{amount: m.Amount, per: 60e9, basis: m.Basis})
	}
	c.EnergyNotRunning += d.EnergyNotRunning
	c.Unpriced += d.Unpriced
	c.sum()
	return c
}
