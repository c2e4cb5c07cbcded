package production

// costFormulas are those of what losses cost.
var costFormulas = []formula{
	{name: "cost.total", text: "cost_total", source: srcCost},
	{name: "cost.by_loss.*", text: "cost_of_loss", source: srcCost},
	{name: "cost.by_reason.*", text: "cost_of_reason", source: srcCost},
	{name: "cost.items.*.amount", text: "cost_of_item", source: srcCost},
	{name: "cost.items.*.time", text: "time_of_item", source: srcCost},
	{name: "cost.items.*.units", unit: "units", text: "units_of_item", source: srcCost},
	{name: "cost.per_downtime_minute.*.amount", text: "cost_of_minute", source: srcCost},
	{name: "cost.energy_not_running", text: "cost_of_energy", source: srcCost},
	{name: "cost.unpriced_time", text: "unpriced_time", source: srcCost},
}

// rollupFormulas are those of what roll-ups have besides.
var rollupFormulas = []formula{
	{name: "rollup.mixed_definitions", text: "mixed_definitions", source: srcOwn + "lines, areas and the site"},
	{name: "rollup.worst_oee_index", text: "worst_oee_index", source: srcOwn + "lines, areas and the site", absent: "none of the members has an OEE index"},
	{name: "rollup.loss_by_culprit.*.time", source: srcOwn + "lines, areas and the site", adapt: shareTime},
	{name: "rollup.loss_by_culprit.*.losses.*", source: srcOwn + "lines, areas and the site", adapt: shareLoss},
	{name: "rollup.loss_by_culprit.*.cost", unit: "money", source: srcOwn + "lines, areas and the site", adapt: shareCost, absent: "nothing has a price"},
}

// listFormulas are those of lists that have nothing in them; of others each
// value has its own.
var listFormulas = []formula{
	{name: "cost.items", unit: "money", source: srcCost, null: noCost, absent: "nothing that has a price was lost"},
	{name: "cost.per_downtime_minute", unit: "money", source: srcCost, null: noCost, absent: "lost time has no price at the end of the window"},
	{name: "rollup.loss_by_culprit", unit: "s", source: srcOwn + "lines, areas and the site", null: noRollup, absent: "nothing was lost"},
	{name: "rollup.neighbours", unit: "units", source: srcNeighbours, null: noRollup,
		absent: "no neighbours are compared: production.conservation has no tolerance, or no two that follow each other have counters"},
}

// noCost says why there are no costs, "" when there are.
func noCost(e *Explainer) string {
	if e.kpi.Cost == nil {
		return "nothing has a price"
	}
	return ""
}

// noRollup says why there is nothing that roll-ups have besides, "" when there is.
func noRollup(e *Explainer) string {
	if e.kpi.Rollup == nil {
		return "it is told of lines, areas and the site only"
	}
	return ""
}
