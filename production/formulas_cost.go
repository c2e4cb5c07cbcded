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
