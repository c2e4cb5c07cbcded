package production

import (
	"slices"
	"strconv"
	"time"

	"andon/plant"
)

// costs returns all that the losses of the window cost, piece by piece.
func (e *Explainer) costs() []Priced {
	if e.priced == nil && e.in.Pricing != nil {
		e.priced = e.lossCosts()
	}
	return e.priced
}

func (e *Explainer) lossCosts() []Priced {
	p := e.in.Pricing
	var out []Priced
	for i, s := range e.in.Facts.Segments {
		v := s.Interval(e.window.To).Clip(e.window)
		switch {
		case v.Duration() == 0 || s.Loss >= LossUnknown:
		case s.Loss != LossRun:
			product := s.Product
			if s.Loss == LossSetup {
				product = incoming(e.in.Facts.Segments, i)
			}
			out = append(out, p.pieces(product, v, func(c *Cost, v plant.Interval) { p.addStop(c, e.in.Facts.Segments, i, v) })...)
		case !s.Inferred || e.in.Unknown != UnknownExclude:
			out = append(out, p.pieces(s.Product, v, func(c *Cost, v plant.Interval) { p.addRun(c, s, v) })...)
		}
	}
	return append(out, e.unitCosts()...)
}

// pieces returns what the parts of v cost in which one price holds.
func (p *Pricing) pieces(product string, v plant.Interval, price func(*Cost, plant.Interval)) []Priced {
	var out []Priced
	p.each(product, v, func(v plant.Interval, r lostRate) {
		var c Cost
		price(&c, v)
		for _, i := range c.Items {
			x := pricedItem(i, v)
			x.Price, x.Per = r.amount, r.text()
			x.ValidFrom, x.ValidTo = p.valid(product, v.From)
			out = append(out, x)
		}
	})
	return out
}

func pricedItem(i CostItem, v plant.Interval) Priced {
	return Priced{Loss: i.Loss, Reason: i.Reason, Culprit: i.Culprit, Product: i.Product, Basis: i.Basis,
		From: v.From, To: v.To, Seconds: i.Time, Units: i.Units, Amount: i.Amount}
}

// text returns the stretch of time that a rate is for.
func (r lostRate) text() string {
	if r.basis == labour {
		return "1 h"
	}
	return strconv.FormatFloat(Seconds(r.per).Float(), 'g', -1, 64) + " s"
}

// valid returns from when to when the prices of a product hold that do at t,
// nil for ever.
func (p *Pricing) valid(product string, t plant.Instant) (from, to *plant.Instant) {
	at := plant.Instant(0)
	for next := p.changes(product, at); next <= t; next = p.changes(product, at) {
		at = next
	}
	if at != 0 {
		from = &at
	}
	if next := p.changes(product, t); next != endless {
		to = &next
	}
	return from, to
}

// unitCosts returns what units cost, by kind, product and price: standard
// time of what was made is taken off the run time, scrap and rework have
// their own price.
func (e *Explainer) unitCosts() []Priced {
	p := e.in.Pricing
	var out []Priced
	for _, n := range e.in.Facts.Counts {
		if !e.window.Contains(n.Minute) {
			continue
		}
		var c Cost
		one := KPIInput{Unknown: e.in.Unknown}
		one.Facts.Counts = []Count{n}
		p.addUnits(&c, one, plant.Interval{From: n.Minute, To: n.Minute + minute})
		for _, i := range c.Items {
			x := pricedItem(i, plant.Interval{From: n.Minute, To: n.Minute + minute})
			x.Price, x.Per = p.perUnit(i, n.Minute)
			x.ValidFrom, x.ValidTo = p.valid(n.Product, n.Minute)
			out = addPriced(out, x)
		}
	}
	return out
}

// perUnit returns the price of one item of counts.
func (p *Pricing) perUnit(i CostItem, t plant.Instant) (Money, string) {
	switch i.Reason {
	case costScrap:
		return p.price(i.Product, t).scrap, "unit"
	case costRework:
		return p.price(i.Product, t).rework, "unit"
	}
	r, _ := p.lostAt(i.Product, t)
	return r.amount, r.text()
}

// addPriced adds x to the one that differs in time and figures only.
func addPriced(all []Priced, x Priced) []Priced {
	i := slices.IndexFunc(all, func(a Priced) bool {
		return a.Loss == x.Loss && a.Reason == x.Reason && a.Product == x.Product && a.Basis == x.Basis &&
			a.Price == x.Price && a.Per == x.Per && same(a.ValidFrom, x.ValidFrom)
	})
	if i < 0 {
		return append(all, x)
	}
	a := &all[i]
	a.To, a.Seconds, a.Units, a.Amount = max(a.To, x.To), a.Seconds+x.Seconds, a.Units+x.Units, a.Amount+x.Amount
	return all
}

func same(a, b *plant.Instant) bool { return a == b || a != nil && b != nil && *a == *b }

// costing lists the costs that are something.
func costing(which func(*Explainer, Priced) bool) func(*Explainer, *Term) {
	return func(e *Explainer, t *Term) {
		for _, c := range e.costs() {
			if which(e, c) {
				t.Costs = append(t.Costs, c)
			}
		}
	}
}

// item returns the item of cost that the KPI's name numbers.
func (e *Explainer) item() CostItem {
	i, err := strconv.Atoi(e.args[0])
	if e.kpi.Cost == nil || err != nil || i >= len(e.kpi.Cost.Items) {
		return CostItem{}
	}
	return e.kpi.Cost.Items[i]
}

// isItem reports whether c is part of that item.
func isItem(e *Explainer, c Priced) bool {
	return CostItem{Loss: c.Loss, Reason: c.Reason, Culprit: c.Culprit, Product: c.Product, Basis: c.Basis} == e.item().key()
}

// memberItem finds that item in a member.
func memberItem(field string, value func(CostItem) float64) func(*Explainer, *KPI) (string, Ratio) {
	return func(e *Explainer, k *KPI) (string, Ratio) {
		if k.Cost != nil {
			for i, own := range k.Cost.Items {
				if own.key() == e.item().key() {
					return "cost.items." + strconv.Itoa(i) + "." + field, Ratio{value(own), true}
				}
			}
		}
		return "", Ratio{}
	}
}

// unpriced lists lost time without a price.
func unpriced(e *Explainer, t *Term) {
	p := e.in.Pricing
	for i, s := range e.spans {
		if p == nil || s.seg.Loss <= LossRun || s.seg.Loss >= LossUnknown {
			continue
		}
		product := s.seg.Product
		if s.seg.Loss == LossSetup {
			product = incoming(e.in.Facts.Segments, slices.Index(e.in.Facts.Segments, e.spans[i].seg))
		}
		p.each(product, plant.Interval{From: s.From, To: s.To}, func(v plant.Interval, r lostRate) {
			if r.basis == "" {
				t.Intervals = append(t.Intervals, spanOf(s.seg, v, s.loss))
			}
		})
	}
}

// tariffed lists what energy cost while the equipment did not run.
func tariffed(e *Explainer, t *Term) {
	p := e.in.Pricing
	for _, m := range e.in.Facts.Meters {
		if p == nil || !e.window.Contains(m.Minute) || m.EnergyIdle == 0 {
			continue
		}
		t.Costs = append(t.Costs, Priced{Basis: "tariff", From: m.Minute, To: m.Minute + minute, KWh: float64(m.EnergyIdle) / 1e6,
			Price: p.tariff, Per: "kWh", Amount: rate{amount: p.tariff, per: 1e6}.of(time.Duration(m.EnergyIdle))})
	}
}

// minutePrice lists what a minute of downtime of a product cost at the end of
// the window.
func minutePrice(e *Explainer, t *Term) {
	i, err := strconv.Atoi(e.args[0])
	p := e.in.Pricing
	if err != nil || p == nil || i >= len(e.kpi.Cost.PerDowntimeMinute) {
		return
	}
	m := e.kpi.Cost.PerDowntimeMinute[i]
	at := max(e.window.From, e.window.To-1)
	for _, product := range currentProducts(e.in.Facts.Segments, e.window) {
		if r, _ := p.lostAt(product, at); r.basis == m.Basis && (m.Product == product || m.Product == "" && r.basis == labour) {
			x := Priced{Product: m.Product, Basis: m.Basis, From: at, To: at.Add(time.Minute), Seconds: Seconds(time.Minute),
				Price: r.amount, Per: r.text(), Amount: r.of(time.Minute)}
			x.ValidFrom, x.ValidTo = p.valid(product, at)
			t.Costs = append(t.Costs, x)
			return
		}
	}
}

// memberMinute finds that price in a member.
func memberMinute(e *Explainer, k *KPI) (string, Ratio) {
	i, err := strconv.Atoi(e.args[0])
	if k.Cost == nil || err != nil || i >= len(e.kpi.Cost.PerDowntimeMinute) {
		return "", Ratio{}
	}
	n := slices.Index(k.Cost.PerDowntimeMinute, e.kpi.Cost.PerDowntimeMinute[i])
	if n < 0 {
		return "", Ratio{}
	}
	return "cost.per_downtime_minute." + strconv.Itoa(n) + ".amount", Ratio{k.Cost.PerDowntimeMinute[n].Amount.Float(), true}
}
