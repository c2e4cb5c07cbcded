package web

import (
	"net/http"
	"time"

	"andon/alerts"
	"andon/plant"
	"andon/store"
)

type alarmsData struct {
	frame
	Cards []alarmView
	Error string
}

// alarmsPage lists the open alarms, those that nobody took first.
func (s *Server) alarmsPage(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r)
	path := s.place(q)
	if err := q.done(); err != nil {
		return err
	}
	b, err := s.board(r.Context(), time.Now())
	if err != nil {
		return err
	}
	d := alarmsData{frame: s.frame(r)}
	d.Events, d.Parts = eventsAddress(topicAlarms, path), b.parts(path)
	if b.recordErr != nil {
		d.Error = "The alarms cannot be read now."
	}
	for _, a := range b.alarms {
		if below(a.alarm.Equipment, path) {
			d.Cards = append(d.Cards, s.alarmView(a.alarm, s.o.Now()))
		}
	}
	return s.page(w, http.StatusOK, "alarms", d)
}

type alarmData struct {
	frame
	View        alarmView
	Open        bool
	Transitions []alerts.Transition
	Deliveries  []deliveryView
}

type deliveryView struct {
	Contact, Kind, State, Error string
	Created                     string
	Bad                         bool
}

// alarmPage shows one alarm with what to do, who was told and its history.
func (s *Server) alarmPage(w http.ResponseWriter, r *http.Request) error {
	if err := readQuery(r).done(); err != nil {
		return err
	}
	a, err := s.alarm(r)
	if err != nil {
		return err
	}
	b, err := s.board(r.Context(), time.Now().Add(-settle))
	if err != nil {
		return err
	}
	d := alarmData{frame: s.frame(r), View: s.alarmView(a.Alarm, s.o.Now()), Open: a.Open, Transitions: a.Transitions}
	d.Events, d.Parts = eventsAddress(topicAlarms, ""), b.parts("")
	for _, m := range a.Deliveries {
		d.Deliveries = append(d.Deliveries, deliveryView{Contact: m.Contact, Kind: string(m.Kind), State: m.State, Error: m.Error,
			Created: s.moment(plant.Instant(m.Created)), Bad: m.State == store.Dead})
	}
	return s.page(w, http.StatusOK, "alarm", d)
}
