package engine

import (
	"encoding/json"

	"andon/plant"
	"andon/production"
	"andon/store"
)

// A Revision is the KPIs of one place and window with how they came about.
type Revision struct {
	Start      plant.Instant // of the window
	Number     int           // from 1; 0 for KPIs that are not kept
	ComputedAt plant.Instant // stream time
	Standing   string        // Provisional, Settled, Final or Correction
	Hash       string        // of all inputs
	Why        string        // what changed since the revision before
	Body       []byte        // JSON of production.KPI
}

// stored returns a revision as the records have it.
func stored(k store.KPI) Revision {
	return Revision{Standing: Settled, Start: k.Start, Number: k.Revision, ComputedAt: k.Time, Hash: k.Hash, Why: k.Why, Body: k.Body}
}

// MarshalJSON writes the fields of the KPI behind those of the revision.
func (r Revision) MarshalJSON() ([]byte, error) {
	head, err := json.Marshal(struct {
		Number     int           `json:"revision"`
		Standing   string        `json:"standing"`
		ComputedAt plant.Instant `json:"computed_at"`
		Hash       string        `json:"inputs_hash"`
		Why        string        `json:"why"`
	}{r.Number, r.Standing, r.ComputedAt, r.Hash, r.Why})
	if err != nil || len(r.Body) < 2 {
		return head, err
	}
	return append(append(head[:len(head)-1], ','), r.Body[1:]...), nil
}

// NotKept returns KPIs that were computed outside of the records, from inputs
// with this hash, at a stream time.
func NotKept(k production.KPI, hash string, at plant.Instant) (Revision, error) {
	body, err := json.Marshal(k)
	return Revision{Standing: Provisional, Start: k.From, ComputedAt: at, Hash: hash, Body: body}, err
}
