package web

import (
	"encoding/json"
	"fmt"
	"net/http"

	"andon/alerts"
	"andon/plant"
	"andon/store"
)

type alarmsBody struct {
	Alarms []alerts.Alarm `json:"alarms"`
	More   bool           `json:"more"`
}

// serveAlarms answers with alarms, latest first.
func (s *Server) serveAlarms(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	limit := q.limit()
	var classes []string
	for _, c := range plant.Classes() {
		classes = append(classes, string(c))
	}
	f := store.AlarmFilter{Window: q.window(), Equipment: s.place(q), Class: q.choice("class", "", classes...),
		Open: q.truth("open"), Limit: limit + 1}
	if err := q.done(); err != nil {
		return err
	}
	rows, err := s.o.Store.Alarms(r.Context(), f)
	if err != nil {
		return err
	}
	a := alarmsBody{Alarms: []alerts.Alarm{}, More: len(rows) > limit}
	for _, row := range rows[:min(limit, len(rows))] {
		alarm, err := readAlarm(row)
		if err != nil {
			return err
		}
		a.Alarms = append(a.Alarms, alarm)
	}
	return writeJSON(w, http.StatusOK, a)
}

// An alarmBody is one alarm with its history and who was told.
type alarmBody struct {
	Alarm       alerts.Alarm        `json:"alarm"`
	Open        bool                `json:"open"`
	Transitions []alerts.Transition `json:"transitions"` // oldest first
	Deliveries  []deliveryBody      `json:"deliveries"`  // latest first
}

// A deliveryBody is one message to one contact and how far it is.
type deliveryBody struct {
	ID       string      `json:"id"`
	Contact  string      `json:"contact"`
	Kind     alerts.Kind `json:"kind"`
	Title    string      `json:"title"`
	State    string      `json:"state"`
	Attempts int         `json:"attempts"`
	Created  moment      `json:"created"`
	NextAt   moment      `json:"next_at"` // null once it is sent or given up
	DoneAt   moment      `json:"done_at"`
	Error    string      `json:"error"`
}

// maxDeliveries bounds the messages shown of one alarm.
const maxDeliveries = 200

// serveAlarm answers with one alarm.
func (s *Server) serveAlarm(w http.ResponseWriter, r *http.Request) error {
	if err := readQuery(r).done(); err != nil {
		return err
	}
	a, err := s.alarm(r)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, a)
}

// alarm reads the alarm that the address names.
func (s *Server) alarm(r *http.Request) (alarmBody, error) {
	id := r.PathValue("id")
	row, err := s.o.Store.Alarm(r.Context(), id)
	if err != nil {
		return alarmBody{}, err
	}
	a := alarmBody{Open: row.Open, Transitions: []alerts.Transition{}, Deliveries: []deliveryBody{}}
	if a.Alarm, err = readAlarm(row); err != nil {
		return a, err
	}
	transitions, err := s.o.Store.Transitions(r.Context(), id)
	if err != nil {
		return a, err
	}
	for _, row := range transitions {
		var t alerts.Transition
		if err := json.Unmarshal(row.Body, &t); err != nil {
			return a, fmt.Errorf("read transition %s: %w", row.ID, err)
		}
		a.Transitions = append(a.Transitions, t)
	}
	deliveries, err := s.o.Store.Deliveries(r.Context(), id, maxDeliveries)
	if err != nil {
		return a, err
	}
	for _, row := range deliveries {
		d, err := readDelivery(row)
		if err != nil {
			return a, err
		}
		a.Deliveries = append(a.Deliveries, d)
	}
	return a, nil
}

func readDelivery(row store.Delivery) (deliveryBody, error) {
	var m alerts.Message
	if err := json.Unmarshal(row.Body, &m); err != nil {
		return deliveryBody{}, fmt.Errorf("read message %s: %w", row.ID, err)
	}
	d := deliveryBody{ID: row.ID, Contact: row.Contact, Kind: m.Kind, Title: m.Title, State: row.State,
		Attempts: row.Attempts, Created: moment(row.Created), DoneAt: moment(row.DoneAt), Error: row.Error}
	if row.State == store.Queued || row.State == store.Sending {
		d.NextAt = moment(row.NextAt)
	}
	return d, nil
}
