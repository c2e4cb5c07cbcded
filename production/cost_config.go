package production

import (
	"fmt"
	"math"
	"strings"
	"time"

	"andon/plant/setting"
)

// CostConfig says what lost time and energy cost. Amounts are in Currency and
// kept to a millionth of its unit.
type CostConfig struct {
	Currency     string     `yaml:"currency"`       // ISO 4217, such as EUR
	TariffPerKWh float64    `yaml:"tariff_per_kwh"` // of energy
	Rates        []CostRate `yaml:"rates"`
}

// A CostRate is what an hour of equipment costs whether it runs or not. Of
// several that match an equipment, the one valid last holds.
type CostRate struct {
	Equipment       string    `yaml:"equipment"` // "" for all
	LabourPerHour   float64   `yaml:"labour_per_hour"`
	OverheadPerHour float64   `yaml:"overhead_per_hour"`
	ValidFrom       time.Time `yaml:"valid_from"` // zero: from the beginning
}

// A Price replaces what a product earns and costs, all three, from a time on.
type Price struct {
	ValidFrom    time.Time `yaml:"valid_from"`
	Margin       float64   `yaml:"margin"`
	MaterialCost float64   `yaml:"material_cost"`
	ReworkCost   float64   `yaml:"rework_cost"`
}

// maxPrice keeps amounts of years within 64 bits.
const maxPrice = 1e6

func amount(p *setting.Problems, at string, v float64) {
	if !(v >= 0 && v <= maxPrice) {
		p.Add(at, "an amount from 0 to %.0f", maxPrice)
	}
}

func (c CostConfig) validate() setting.Problems {
	var p setting.Problems
	if c.Currency != "" && (len(c.Currency) != 3 || strings.Trim(c.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		p.Add("currency", "three letters of ISO 4217 such as EUR, not %q", c.Currency)
	}
	amount(&p, "tariff_per_kwh", c.TariffPerKWh)
	for i, r := range c.Rates {
		at := fmt.Sprintf("rates[%d]", i)
		optionalGlob(&p, at+".equipment", r.Equipment)
		amount(&p, at+".labour_per_hour", r.LabourPerHour)
		amount(&p, at+".overhead_per_hour", r.OverheadPerHour)
	}
	return p
}

// validatePrices reports the problems of what a product earns and costs.
func (q Product) validatePrices(p *setting.Problems) {
	amount(p, "margin", q.Margin)
	amount(p, "material_cost", q.MaterialCost)
	amount(p, "rework_cost", q.ReworkCost)
	for i, r := range q.Prices {
		at := fmt.Sprintf("prices[%d]", i)
		if r.ValidFrom.IsZero() {
			p.Add(at+".valid_from", "a time such as 2026-03-02T08:00:00Z")
		}
		amount(p, at+".margin", r.Margin)
		amount(p, at+".material_cost", r.MaterialCost)
		amount(p, at+".rework_cost", r.ReworkCost)
	}
}

// Money is an amount in millionths of the currency's unit.
type Money int64

const moneyUnit = 1_000_000

// moneyOf returns a configured amount, to the nearest millionth.
func moneyOf(v float64) Money { return Money(math.Round(v * moneyUnit)) }
