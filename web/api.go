package web

import (
	"net/http"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/forecast"
)

// moment is a time in the API: RFC 3339, or null when there is none.
type moment plant.Instant

// MarshalJSON writes the time or null.
func (m moment) MarshalJSON() ([]byte, error) {
	if m == 0 {
		return []byte("null"), nil
	}
	return []byte(`"` + plant.Instant(m).String() + `"`), nil
}

// A liveBody is the present of one equipment or line in the API.
type liveBody struct {
	Path            string           `json:"path"`
	Name            string           `json:"name"`
	State           plant.State      `json:"state"`
	StateCode       int64            `json:"state_code"`
	Since           moment           `json:"since"`
	Known           bool             `json:"known"`
	LastSeen        moment           `json:"last_seen"`
	Reason          string           `json:"reason"`
	ReasonName      string           `json:"reason_name"`
	Stop            string           `json:"stop"`
	Culprit         string           `json:"culprit"`
	Product         string           `json:"product"`
	Order           string           `json:"order"`
	Shift           shiftBody        `json:"shift"`
	Produced        int64            `json:"produced"`
	Good            int64            `json:"good"`
	Rejected        int64            `json:"rejected"`
	OEE             production.Ratio `json:"oee"`
	Availability    production.Ratio `json:"availability"`
	Effectiveness   production.Ratio `json:"effectiveness"`
	Quality         production.Ratio `json:"quality_ratio"`
	Confidence      production.Ratio `json:"confidence"`
	UnitsLastMinute int64            `json:"units_last_minute"`
	UnitsLastHour   int64            `json:"units_last_hour"`
	Plan            *planBody        `json:"plan"`        // of lines alone
	Cost            *amountBody      `json:"cost"`        // of the losses of the running shift, null when nothing has a price
	Forecast        *unitsBody       `json:"forecast"`    // of lines alone: good units at the end of the shift
	OpenAlarms      *int             `json:"open_alarms"` // null while the records cannot be read
	Unacknowledged  *int             `json:"unacknowledged_alarms"`
}

type shiftBody struct {
	Name string `json:"name"`
	From moment `json:"from"`
	To   moment `json:"to"`
}

func (e liveEntry) body(known bool) *liveBody {
	l := e.live
	b := &liveBody{Path: e.path, Name: e.name, State: shown(l), StateCode: shown(l).Code(), Since: moment(l.Since),
		Known: l.Known, LastSeen: moment(l.LastSeen), Reason: l.Reason, ReasonName: e.reason, Stop: l.Stop, Culprit: l.Culprit,
		Product: l.Product, Order: l.Order, Shift: shiftBody{l.Shift.Name, moment(l.Shift.From), moment(l.Shift.To)},
		Produced: l.Total(), Good: l.Good(), Rejected: l.Reject(), OEE: l.KPI.OEEIndex, Availability: l.KPI.Availability,
		Effectiveness: l.KPI.Effectiveness, Quality: l.KPI.QualityRatio, Confidence: l.KPI.ConfidenceMeasured,
		UnitsLastMinute: l.UnitsLastMinute, UnitsLastHour: l.UnitsLastHour, Plan: planOf(l.Plan), Cost: amountOf(l.KPI.Cost)}
	if l.Line != nil && e.expected != (forecast.Forecast[int64]{}) {
		b.Forecast = unitsOf(e.expected)
	}
	if known {
		b.OpenAlarms, b.Unacknowledged = &e.open, &e.unacked
	}
	return b
}

type boardBody struct {
	Now       moment      `json:"now"`
	Site      string      `json:"site"`
	Zone      string      `json:"zone"`
	Trouble   []string    `json:"trouble"`
	Equipment []*liveBody `json:"equipment"` // worst first
	Lines     []*liveBody `json:"lines"`
	Alarms    alarmCount  `json:"alarms"`
}

type alarmCount struct {
	Open           *int `json:"open"`
	Unacknowledged *int `json:"unacknowledged"`
}

// serveBoard answers with what the board shows.
func (s *Server) serveBoard(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	path := s.place(q)
	if err := q.done(); err != nil {
		return err
	}
	b, err := s.board(r.Context(), time.Now())
	if err != nil {
		return err
	}
	a := boardBody{Now: moment(plant.At(s.o.Now())), Site: s.o.Tree.Site, Zone: s.o.Tree.Zone.String(),
		Trouble: b.trouble, Equipment: bodies(b.equipment, path, b), Lines: bodies(b.lines, path, b)}
	if b.recordErr == nil {
		open, unacked := b.openAlarms(path)
		a.Alarms = alarmCount{&open, &unacked}
	}
	return writeJSON(w, http.StatusOK, a)
}

func bodies(entries []liveEntry, path string, b *snapshot) []*liveBody {
	all := []*liveBody{}
	for _, e := range entries {
		if below(e.path, path) {
			all = append(all, e.body(b.recordErr == nil))
		}
	}
	return all
}

// place reads the parameter equipment: a path of the tree, "" for all.
func (s *Server) place(q *query) string { return s.placeOf(q, "equipment") }

// placeOf reads a path of the tree from a parameter, "" when it is missing.
func (s *Server) placeOf(q *query, name string) string {
	path := q.text(name)
	if path != "" && !s.paths[path] && q.err == nil {
		q.err = problem{http.StatusNotFound, "unknown_equipment", name + ": the plant has no such path; see /api/v1/equipment"}
	}
	return path
}

// maxList bounds a list in one answer; store gives one more, which says that
// there are more.
const maxList = 500

func (q *query) limit() int { return q.number("limit", 1, maxList, 100) }
