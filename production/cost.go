package production

import (
	"cmp"
	"slices"
	"time"

	"andon/plant"
)

// A Cost is what the losses of a window cost. Costs of a line and of its
// equipment tell of the same loss and must not be added.
type Cost struct {
	Currency string `json:"currency"`
	Total    Money  `json:"total"` // of all items

	// ByLoss are sums by bucket of the waterfall; ByReason by reason of stop,
	// with speed, scrap and rework beside them.
	ByLoss   map[string]Money `json:"by_loss"`
	ByReason map[string]Money `json:"by_reason"`
	Items    []CostItem       `json:"items"`

	// PerDowntimeMinute is what a minute of downtime cost at the end of the
	// window, for each product of it.
	PerDowntimeMinute []MinuteCost `json:"per_downtime_minute"`
	// EnergyNotRunning is energy used while not running, by tariff. It is not
	// in Total: much of it falls in breaks, and what a stop lost has its price.
	EnergyNotRunning Money `json:"energy_not_running"`
	// Unpriced is lost time that has no price.
	Unpriced Seconds `json:"unpriced_time"`
}

// A CostItem is the cost of one loss for one reason, with how it was found.
// Its key is all but time, units and amount.
type CostItem struct {
	Loss    string `json:"loss"`    // as in the waterfall
	Reason  string `json:"reason"`  // id of a stop's reason, else speed, scrap or rework
	Culprit string `json:"culprit"` // path of the equipment that starves or blocks
	Product string `json:"product"` // of a changeover the one that comes
	Basis   string `json:"basis"`   // such as "margin of P500 at 0.5 s/unit"

	Time   Seconds `json:"time"`  // lost, 0 for units
	Units  int64   `json:"units"` // lost, 0 for time
	Amount Money   `json:"amount"`
}

// A MinuteCost is what a minute of downtime costs.
type MinuteCost struct {
	Product string `json:"product"` // "" when the product does not matter
	Basis   string `json:"basis"`
	Amount  Money  `json:"amount"`
}

// The buckets and reasons of cost that no segment has.
const (
	costSpeed   = "speed"
	costQuality = "quality"
	costScrap   = "scrap"
	costRework  = "rework"
)

// cost returns what the losses of the window cost, nil without prices.
func (p *Pricing) cost(in KPIInput, window plant.Interval) *Cost {
	if p == nil {
		return nil
	}
	c := &Cost{Currency: p.currency}
	for i, s := range in.Facts.Segments {
		v := s.Interval(window.To).Clip(window)
		switch {
		case v.Duration() == 0 || s.Loss >= LossUnknown:
		case s.Loss != LossRun:
			p.addStop(c, in.Facts.Segments, i, v)
		case !s.Inferred || in.Unknown != UnknownExclude:
			p.addRun(c, s, v)
		}
	}
	p.addUnits(c, in, window)
	for _, m := range in.Facts.Meters {
		if window.Contains(m.Minute) {
			c.EnergyNotRunning += rate{amount: p.tariff, per: 1e6}.of(plant.Instant(m.EnergyIdle).Sub(0))
		}
	}
	for _, product := range currentProducts(in.Facts.Segments, window) {
		r, _ := p.lostAt(product, max(window.From, window.To-1))
		c.addMinute(product, r.rate)
	}
	c.sum()
	return c
}

// addStop prices the part v of segment i, in which nothing is made.
func (p *Pricing) addStop(c *Cost, segs []Segment, i int, v plant.Interval) {
	s := segs[i]
	product := s.Product
	if s.Loss == LossSetup {
		product = incoming(segs, i)
	}
	p.each(product, v, func(v plant.Interval, r lostRate) {
		if r.basis == "" {
			c.Unpriced += Seconds(v.Duration())
			return
		}
		c.add(CostItem{Loss: s.Loss.String(), Reason: s.Reason, Culprit: s.Culprit, Product: product, Basis: r.basis,
			Time: Seconds(v.Duration()), Amount: r.during(v)})
	})
}

// addRun prices run as if nothing were made in it; addUnits takes the
// standard time of what was made away. What is left is the loss of speed.
func (p *Pricing) addRun(c *Cost, s Segment, v plant.Interval) {
	p.each(s.Product, v, func(v plant.Interval, r lostRate) {
		if r.basis != "" && r.rated {
			c.add(CostItem{Loss: costSpeed, Reason: costSpeed, Product: s.Product, Basis: r.basis,
				Time: Seconds(v.Duration()), Amount: r.during(v)})
		}
	})
}

// addUnits prices the counts of the window, neighbours of one product at once.
func (p *Pricing) addUnits(c *Cost, in KPIInput, window plant.Interval) {
	var speed, scrap, rework CostItem
	flush := func() {
		c.add(speed)
		c.add(scrap)
		c.add(rework)
	}
	var until plant.Instant
	var q productPrice
	var r lostRate
	product, made := "", ""
	for _, n := range in.Facts.Counts {
		if !window.Contains(n.Minute) {
			continue
		}
		if n.Product != product || n.Made() != made || n.Minute >= until {
			flush()
			product, made = n.Product, n.Made()
			q = p.price(product, n.Minute)
			r, _ = p.lostAt(made, n.Minute)
			until = min(p.changes(product, n.Minute), p.changes(made, n.Minute))
			speed = CostItem{Loss: costSpeed, Reason: costSpeed, Product: made, Basis: r.basis}
			scrap = CostItem{Loss: costQuality, Reason: costScrap, Product: product, Basis: q.scrapBasis}
			rework = CostItem{Loss: costQuality, Reason: costRework, Product: product, Basis: q.reworkBasis}
		}
		total := n.Total
		if in.Unknown == UnknownExclude {
			total -= n.Inferred
		}
		if std := n.IdealCycle * time.Duration(total); r.basis != "" {
			speed.Time, speed.Amount = speed.Time-Seconds(std), speed.Amount-r.of(std)
		}
		scrap.addUnits(n.Reject-n.Rework, q.scrap)
		rework.addUnits(n.Rework, q.rework)
	}
	flush()
}

// addUnits adds n units that have a price.
func (i *CostItem) addUnits(n int64, each Money) {
	if each != 0 {
		i.Units, i.Amount = i.Units+n, i.Amount+each*Money(n)
	}
}

// key returns i without its figures.
func (i CostItem) key() CostItem {
	i.Time, i.Units, i.Amount = 0, 0, 0
	return i
}

// add adds an item to the one with its key.
func (c *Cost) add(i CostItem) {
	if i == i.key() {
		return
	}
	for k := range c.Items {
		if own := &c.Items[k]; own.key() == i.key() {
			own.Time, own.Units, own.Amount = own.Time+i.Time, own.Units+i.Units, own.Amount+i.Amount
			return
		}
	}
	c.Items = append(c.Items, i)
}

func (c *Cost) addMinute(product string, r rate) {
	m := MinuteCost{Product: product, Basis: r.basis, Amount: r.of(60e9)}
	if r.basis == labour {
		m.Product = ""
	}
	if r.basis != "" && !slices.Contains(c.PerDowntimeMinute, m) {
		c.PerDowntimeMinute = append(c.PerDowntimeMinute, m)
	}
}

// sum drops empty items, puts the others in order and adds them up.
func (c *Cost) sum() {
	c.Items = slices.DeleteFunc(c.Items, func(i CostItem) bool { return i == i.key() })
	slices.SortFunc(c.Items, func(a, b CostItem) int {
		return cmp.Or(cmp.Compare(a.Loss, b.Loss), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Culprit, b.Culprit),
			cmp.Compare(a.Product, b.Product), cmp.Compare(a.Basis, b.Basis))
	})
	c.Total, c.ByLoss, c.ByReason = 0, map[string]Money{}, map[string]Money{}
	for _, i := range c.Items {
		c.Total += i.Amount
		c.ByLoss[i.Loss] += i.Amount
		c.ByReason[i.Reason] += i.Amount
	}
}
