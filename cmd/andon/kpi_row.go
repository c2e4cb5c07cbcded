package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"andon/engine"
	"andon/plant"
)

// textColumns is how many columns of a row are text.
const textColumns = 3

func kpiColumns() []string {
	return []string{"path", "window", "from", "rev", "OEE", "A", "P", "Q", "good", "rejected", "stops", "downtime", "MTBF", "MTTR", "cost", "known", "why"}
}

// A kpiFigures is what a row shows of a KPI; null where there is none.
type kpiFigures struct {
	Path, Window string
	From         plant.Instant
	OEE          *float64 `json:"oee_index"`
	A            *float64 `json:"availability"`
	P            *float64 `json:"effectiveness"`
	Q            *float64 `json:"quality_ratio"`
	Good         int64    `json:"good_quantity"`
	Rejected     int64    `json:"rejected_quantity"`
	Stops        int64    `json:"stops"`
	Downtime     *float64 `json:"downtime"`
	MTBF         *float64 `json:"mean_time_between_failures"`
	MTTR         *float64 `json:"mean_time_to_repair"`
	Cost         *struct {
		Currency string
		Total    float64
	}
	Known *float64 `json:"confidence_with_inferred"`
}

// kpiRow returns one row: for programs numbers as they are and times in UTC,
// for people percentages, minutes and the site's time.
func kpiRow(r engine.Revision, plain bool, tree *plant.Tree) ([]string, error) {
	var k kpiFigures
	if err := json.Unmarshal(r.Body, &k); err != nil {
		return nil, fmt.Errorf("read KPIs of %s: %w", r.Start, err)
	}
	ratio, span, from := percent, minutesOf, k.From.Time().In(tree.Zone).Format("2006-01-02 15:04")
	if plain {
		ratio, span, from = number, number, k.From.String()
	}
	cost := ""
	if k.Cost != nil {
		cost = strconv.FormatFloat(k.Cost.Total, 'f', 2, 64)
		if !plain {
			cost += " " + k.Cost.Currency
		}
	}
	return []string{k.Path, k.Window, from, strconv.Itoa(r.Number), ratio(k.OEE), ratio(k.A), ratio(k.P), ratio(k.Q),
		strconv.FormatInt(k.Good, 10), strconv.FormatInt(k.Rejected, 10), strconv.FormatInt(k.Stops, 10), span(k.Downtime),
		span(k.MTBF), span(k.MTTR), cost, ratio(k.Known), r.Why}, nil
}

func number(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

func percent(v *float64) string {
	if v == nil {
		return "-"
	}
	return strconv.FormatFloat(*v*100, 'f', 1, 64) + " %"
}

func minutesOf(v *float64) string {
	if v == nil {
		return "-"
	}
	return strconv.FormatFloat(*v/time.Minute.Seconds(), 'f', 1, 64) + " min"
}
