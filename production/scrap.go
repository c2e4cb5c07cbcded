package production

import (
	"slices"

	"andon/plant"
)

// A ScrapPlan is how much scrap is planned of a product, as a share of the
// units produced.
type ScrapPlan struct {
	Product string
	Ratio   float64
}

// PlannedScrap is the scrap of the products of which some is planned, beside
// what is planned of them.
type PlannedScrap struct {
	Planned Ratio `json:"planned_scrap_quantity"`   // PSQ; none without such products
	ScrapOf int64 `json:"scrap_with_plan_quantity"` // the part of SQ that it is for
}

// add adds what can be added.
func (s *PlannedScrap) add(r PlannedScrap) {
	s.Planned = s.Planned.plus(r.Planned)
	s.ScrapOf += r.ScrapOf
}

// scrapPlans returns what the products have planned.
func (c Config) scrapPlans() []ScrapPlan {
	var plans []ScrapPlan
	for _, q := range c.Products {
		if q.PlannedScrap > 0 {
			plans = append(plans, ScrapPlan{q.Name, q.PlannedScrap})
		}
	}
	return plans
}

// plannedScrap returns what scrap is planned of that product, 0 for none.
func (in KPIInput) plannedScrap(product string) float64 {
	for _, p := range in.ScrapPlans {
		if p.Product == product {
			return p.Ratio
		}
	}
	return 0
}

// planScrap returns the planned scrap of the products made in the window.
func (in KPIInput) planScrap(window plant.Interval) []Taken {
	var list []Taken
	for _, c := range in.Facts.Counts {
		ratio := in.plannedScrap(c.Product)
		if ratio == 0 || c.Total == 0 || !window.Contains(c.Minute) {
			continue
		}
		i := slices.IndexFunc(list, func(t Taken) bool { return t.Product == c.Product })
		if i < 0 {
			i = len(list)
			list = append(list, Taken{Product: c.Product, PerUnit: ratio})
		}
		list[i].Units += c.Total
		list[i].Amount = float64(list[i].Units) * ratio
	}
	return list
}

// addScrap adds up what was planned to be scrap, and what was.
func (k *KPI) addScrap(in KPIInput, window plant.Interval) {
	for _, t := range in.planScrap(window) {
		k.Planned = k.Planned.plus(Ratio{t.Amount, true})
	}
	for _, c := range in.Facts.Counts {
		if window.Contains(c.Minute) && in.plannedScrap(c.Product) > 0 {
			k.ScrapOf += c.Reject - c.Rework
		}
	}
}

// scrapFormulas are those of planned scrap.
var scrapFormulas = []formula{
	{name: "planned_scrap_quantity", unit: "units", text: "planned_scrap", source: srcUnit + "planned scrap quantity (PSQ)", absent: noScrapPlan},
	{name: "scrap_with_plan_quantity", unit: "units", text: "scrap_with_plan", source: srcUnit + "scrap quantity (SQ), of products with planned scrap"},
	{name: "actual_to_planned_scrap_ratio", text: "scrap_with_plan / planned_scrap",
		source: srcISO + "actual to planned scrap ratio (SQ / PSQ)", null: noQuality, absent: noScrapPlan},
}

const noScrapPlan = "no product that was made has planned scrap"

func scrapPlanned(e *Explainer, t *Term) { t.Products = e.in.planScrap(e.window) }

func unitsScrappedWithPlan(e *Explainer, c Count) int64 {
	if e.in.plannedScrap(c.Product) == 0 {
		return 0
	}
	return c.Reject - c.Rework
}
