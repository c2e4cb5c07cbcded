package web

import (
	"encoding/json"
	"fmt"
	"time"

	"andon/plant"
	"andon/production"
	"andon/store"
)

// A stopBody is one stop in the API.
type stopBody struct {
	ID        string             `json:"id"`
	Equipment string             `json:"equipment"`
	From      moment             `json:"from"`
	To        moment             `json:"to"`            // null while it lasts
	Duration  production.Seconds `json:"duration"`      // of downtime, so far, less Excluded
	Excluded  production.Seconds `json:"excluded_time"` // without data or outside the calendar
	stopFields
}

// stopFields are told as they are stored.
type stopFields struct {
	State        string  `json:"state"`
	Loss         string  `json:"loss"`
	Category     string  `json:"category"`
	Reason       string  `json:"reason"`
	ReasonName   string  `json:"reason_name"`
	ReasonSource string  `json:"reason_source"`
	Code         string  `json:"code"`
	Micro        bool    `json:"micro"`
	Planned      bool    `json:"planned"`
	Failure      bool    `json:"failure"`
	Provisional  bool    `json:"provisional"`
	Culprit      string  `json:"culprit"`
	CulpritChain string  `json:"culprit_chain"` // paths with > between
	Confidence   float64 `json:"culprit_confidence"`
	Product      string  `json:"product"`
	Order        string  `json:"order"`
	Shift        string  `json:"shift"`
}

// readStop decodes a stored stop; an open one lasts until now.
func readStop(row store.Stop, now plant.Instant) (stopBody, error) {
	var stored struct {
		stopFields
		Excluded time.Duration `json:"excluded"`
	}
	if err := json.Unmarshal(row.Body, &stored); err != nil {
		return stopBody{}, fmt.Errorf("read stop %s: %w", row.ID, err)
	}
	stop := production.Stop{From: row.Start, To: row.End, Excluded: stored.Excluded}
	b := stopBody{ID: row.ID, Equipment: row.Equipment, From: moment(row.Start), To: moment(row.End),
		Duration: production.Seconds(stop.Duration(now)),
		Excluded: production.Seconds(stored.Excluded), stopFields: stored.stopFields}
	b.State, b.Category = row.State, row.Category
	return b, nil
}
