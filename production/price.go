package production

import (
	"slices"
	"time"

	"andon/plant"
)

// A Pricing is what equipment and its products earn and cost, resolved for
// one equipment. It is immutable and safe for concurrent use.
//
// Tables with a time of validity change at the first whole minute from it on,
// as ideal cycle times do in counts.
type Pricing struct {
	currency   string
	tariff     Money
	constraint bool // lost time is lost margin
	products   []productPrice
	hourly     []hourlyRate
	ideals     plan
	lost       map[string][]lostRate // by product, "" for all others; each sorted, the first from ever
}

// A lostRate is what lost time costs from a time on.
type lostRate struct {
	from plant.Instant
	rate
	rated bool // there is an ideal cycle
}

// A productPrice is what a product earns and costs from a time on.
type productPrice struct {
	product                  string
	from                     plant.Instant
	margin, material, rework Money
	scrap                    Money // what a unit of scrap loses
	scrapBasis, reworkBasis  string
}

// An hourlyRate is labour and overhead from a time on.
type hourlyRate struct {
	from   plant.Instant
	amount Money
}

// NewPricing returns the prices of eq, nil when nothing of it has one.
func NewPricing(c Config, eq *plant.Equipment) *Pricing {
	p := &Pricing{currency: c.Costs.Currency, tariff: moneyOf(c.Costs.TariffPerKWh),
		constraint: eq.Line.Constraint == eq, ideals: newPlan(c, eq, "")}
	priced := p.tariff != 0
	for _, q := range c.Products {
		p.addProduct(q)
	}
	for _, q := range p.products {
		priced = priced || q.margin|q.material|q.rework != 0
	}
	for _, r := range c.Costs.Rates {
		if r.Equipment == "" || plant.Match(r.Equipment, eq.Path) {
			h := hourlyRate{wholeMinute(r.ValidFrom), moneyOf(r.LabourPerHour) + moneyOf(r.OverheadPerHour)}
			p.hourly = append(p.hourly, h)
			priced = priced || h.amount != 0
		}
	}
	if !priced {
		return nil
	}
	p.tabulate()
	return p
}

func (p *Pricing) addProduct(q Product) {
	first := Price{Margin: q.Margin, MaterialCost: q.MaterialCost, ReworkCost: q.ReworkCost}
	for _, r := range append([]Price{first}, q.Prices...) {
		v := productPrice{product: q.Name, from: wholeMinute(r.ValidFrom), margin: moneyOf(r.Margin),
			material: moneyOf(r.MaterialCost), rework: moneyOf(r.ReworkCost), reworkBasis: "rework of " + q.Name}
		v.scrap, v.scrapBasis = v.material, "material of "+q.Name
		if p.constraint && v.margin != 0 {
			v.scrap, v.scrapBasis = v.material+v.margin, "margin and material of "+q.Name
		}
		p.products = append(p.products, v)
	}
}

// tabulate works out lost for every product.
func (p *Pricing) tabulate() {
	p.lost = map[string][]lostRate{}
	names := []string{""}
	for _, q := range p.products {
		names = append(names, q.product)
	}
	for _, name := range names {
		if p.lost[name] != nil {
			continue
		}
		for t := plant.Instant(0); t != endless; t = p.changes(name, t) {
			p.lost[name] = append(p.lost[name], lostRate{t, p.lostTime(name, t), p.ideal(name, t) > 0})
		}
	}
}

// lostAt returns what lost time of a product costs at t, and until when.
func (p *Pricing) lostAt(product string, t plant.Instant) (now lostRate, until plant.Instant) {
	table, ok := p.lost[product]
	if !ok {
		table = p.lost[""]
	}
	now = table[0]
	for _, r := range table[1:] {
		if r.from > t {
			return now, r.from
		}
		now = r
	}
	return now, endless
}

// wholeMinute returns the first whole minute that is not before t.
func wholeMinute(t time.Time) plant.Instant {
	at := plant.At(t)
	if start := at.Truncate(time.Minute); start != at {
		return start + minute
	}
	return at
}

// price returns the prices of a product at t. Of several that began at the
// same time the first declared holds.
func (p *Pricing) price(product string, t plant.Instant) productPrice {
	var best productPrice
	for _, q := range p.products {
		if q.product == product && q.from <= t && (best.product == "" || q.from > best.from) {
			best = q
		}
	}
	return best
}

// ideal returns the ideal cycle that counts of t are made under.
func (p *Pricing) ideal(product string, t plant.Instant) time.Duration {
	return p.ideals.ideal(product, t.Truncate(time.Minute))
}

// lostTime returns what time costs in which product is not made: on the
// constraint the margin of the units lost, elsewhere, and where margin or
// ideal cycle are missing, labour and overhead.
func (p *Pricing) lostTime(product string, t plant.Instant) rate {
	cycle := p.ideal(product, t)
	if q := p.price(product, t); p.constraint && q.margin != 0 && cycle > 0 {
		return rate{q.margin, cycle, "margin of " + product + " at " + perUnit(cycle)}
	}
	var best hourlyRate
	for _, h := range p.hourly {
		if h.from <= t && (best.amount == 0 || h.from > best.from) {
			best = h
		}
	}
	if best.amount == 0 {
		return rate{per: time.Hour}
	}
	return rate{best.amount, time.Hour, labour}
}

// labour is the basis of time that is not priced by what is made.
const labour = "labour and overhead"

func perUnit(cycle time.Duration) string {
	text, _ := Seconds(cycle).MarshalJSON()
	return string(text) + " s/unit"
}

// each calls f for every part of v in which one rate holds for product.
func (p *Pricing) each(product string, v plant.Interval, f func(v plant.Interval, r lostRate)) {
	for v.From < v.To {
		r, until := p.lostAt(product, v.From)
		f(plant.Interval{From: v.From, To: min(v.To, until)}, r)
		v.From = min(v.To, until)
	}
}

// changes returns when after t the next price of a product may change.
func (p *Pricing) changes(product string, t plant.Instant) plant.Instant {
	next := endless
	later := func(from plant.Instant) {
		if from > t {
			next = min(next, from)
		}
	}
	for _, i := range p.ideals.ideals {
		if i.product == product {
			later(wholeMinute(i.from.Time()))
		}
	}
	for _, q := range p.products {
		if q.product == product {
			later(q.from)
		}
	}
	for _, h := range p.hourly {
		later(h.from)
	}
	return next
}

// incoming returns the product that a changeover in segment i leads to: that
// of the run after it, or else the last of the stop.
func incoming(segs []Segment, i int) string {
	product := segs[i].Product
	for _, s := range segs[i+1:] {
		if s.Loss == LossRun {
			if s.Product != "" {
				product = s.Product
			}
			break
		}
		if s.Stop == segs[i].Stop && s.Product != "" {
			product = s.Product
		}
	}
	return product
}

// currentProducts returns the products that segments name, in order.
func currentProducts(segs []Segment, w plant.Interval) []string {
	var names []string
	for _, s := range segs {
		if s.Interval(w.To).Clip(w).Duration() > 0 && !slices.Contains(names, s.Product) {
			names = append(names, s.Product)
		}
	}
	return names
}
