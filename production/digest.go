package production

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"andon/plant"
)

// Digest returns the SHA-256, in hex, of all that the KPIs of in come from:
// its facts and definitions as JSON, of prices and ideal cycles those that
// matter in the window. The same digest means the same KPIs.
func Digest(in KPIInput) (string, error) {
	// An empty list and none are the same facts.
	f := &in.Facts
	f.Segments, f.Counts, f.Meters = append([]Segment{}, f.Segments...), append([]Count{}, f.Counts...), append([]Meter{}, f.Meters...)
	d := struct {
		In        KPIInput
		Prices    []usedPrice
		Uncovered *uncovered `json:",omitempty"`
	}{In: in, Prices: in.Pricing.used(in)}
	if u := in.uncovered(in.counted()); u.Planned|u.NotScheduled != 0 {
		d.Uncovered = &u
	}
	return digest(d)
}

// LineDigest is the digest of a line's KPIs, from the same as ComputeLine.
func LineDigest(c Config, line *plant.Line, parts []KPIInput) (string, error) {
	in, _ := partOf(parts, line.Constraint)
	d := struct {
		Parts  []string
		Good   string
		Ideals []usedIdeal
		Said   []usedIdeal `json:",omitempty"` // of units that people said are bad
		// How neighbours are compared, when they are.
		Conservation *ConservationConfig `json:",omitempty"`
		EnergyOf     []string            `json:",omitempty"` // when it is configured whose meter is the line's
	}{Good: GoodCounter(c, line, in.Window.To).Path}
	if c.Conservation.Tolerance > 0 {
		d.Conservation = &c.Conservation
	}
	for _, p := range parts {
		one, err := Digest(p)
		if err != nil {
			return "", err
		}
		d.Parts = append(d.Parts, one)
		if p.Equipment == d.Good {
			d.Ideals = usedIdeals(newPlan(c, line.Constraint, ""), p.Facts.Counts)
		}
	}
	s := sheetOf(c, line, parts)
	if slices.ContainsFunc(c.Lines, func(l LineConfig) bool { return l.EnergyFrom != "" && plant.Match(l.Line, line.Path) }) {
		d.EnergyOf = s.energyOf
	}
	if len(s.said) > 0 {
		d.Said = usedIdeals(newPlan(c, line.Constraint, ""), s.said)
	}
	return digest(d)
}

// RollUpDigest is the digest of a roll-up, from those of its parts.
func RollUpDigest(path string, parts []string) (string, error) {
	return digest(append([]string{path}, parts...))
}

func digest(v any) (string, error) {
	b, err := json.Marshal(v) // fields in the order of the type, maps by key
	if err != nil {
		return "", fmt.Errorf("encode inputs: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// A usedPrice is a price that holds in the window from a time on.
type usedPrice struct {
	Product                string
	From                   plant.Instant
	Lost, Rework, Material Money
	Scrap                  Money
	Per                    time.Duration
	Basis, ScrapBasis      string
	Rated                  bool
	Currency               string
	Tariff                 Money
}

// A usedIdeal is the ideal cycle of a product in one minute.
type usedIdeal struct {
	Product string
	Minute  plant.Instant
	Cycle   time.Duration
}

// used returns the prices of the products of in that may matter to it.
func (p *Pricing) used(in KPIInput) []usedPrice {
	if p == nil {
		return nil
	}
	products := []string{""}
	for _, s := range in.Facts.Segments {
		products = append(products, s.Product)
	}
	for _, c := range in.Facts.Counts {
		products = append(products, c.Product, c.Made())
	}
	slices.Sort(products)
	var out []usedPrice
	for _, product := range slices.Compact(products) {
		for t := in.Window.From; t < in.Window.To; t = p.changes(product, t) {
			r, _ := p.lostAt(product, t)
			q := p.price(product, t)
			out = append(out, usedPrice{Product: product, From: t, Lost: r.amount, Per: r.per, Basis: r.basis, Rated: r.rated,
				Rework: q.rework, Material: q.material, Scrap: q.scrap, ScrapBasis: q.scrapBasis, Currency: p.currency, Tariff: p.tariff})
		}
	}
	return out
}

func usedIdeals(p plan, counts []Count) []usedIdeal {
	var out []usedIdeal
	for _, c := range counts {
		x := usedIdeal{c.Made(), c.Minute, p.ideal(c.Made(), c.Minute)}
		if n := len(out); n > 0 && out[n-1].Product == x.Product && out[n-1].Cycle == x.Cycle {
			continue
		}
		out = append(out, x)
	}
	return out
}
