package web_test

import (
	"testing"
	"time"

	"andon/alerts"
	"andon/plant"
	"andon/production"
	"andon/store"
	"andon/web"
)

// live returns the present of one equipment.
func (s *site) live(path string, state plant.State, d time.Duration) production.Live {
	eq := s.tree.FindEquipment(path)
	if eq == nil {
		s.t.Fatalf("no equipment %s", path)
	}
	l := production.Live{Equipment: eq, State: state, Since: ago(d), Known: true, LastSeen: ago(time.Second), Product: "P500",
		Shift: plant.Shift{Name: "Early", From: ago(4 * time.Hour), To: ago(-4 * time.Hour)}}
	l.KPI.Equipment, l.KPI.From, l.KPI.To, l.KPI.Window = path, ago(4*time.Hour), ago(0), production.WindowShift
	l.KPI.Produced, l.KPI.Good, l.KPI.Rejected = 1234, 1190, 44
	l.KPI.OEEIndex = production.Over(2, 3)
	l.Hour.Equipment, l.Hour.From, l.Hour.To, l.Hour.Window = path, ago(time.Hour), ago(0), production.WindowLastHour
	return l
}

// everyState is a plant with one equipment in each kind of state.
func (s *site) everyState() []production.Live {
	fault := s.live(lineA+"/A1", plant.StateFault, 6*time.Minute+42*time.Second)
	fault.Reason, fault.Stop = "e204", "stop-a1"
	blocked := s.live(lineA+"/A2", plant.StateBlocked, 65*time.Second)
	blocked.Culprit = lineA + "/A3"
	lost := s.live(lineA+"/A3", plant.StateRun, 2*time.Minute)
	lost.Known, lost.LastSeen, lost.KPI.OEEIndex = false, ago(163*time.Second), production.Ratio{}
	setup := s.live(lineA+"/A4", plant.StateChangeover, 250*time.Second)
	run := s.live(lineB+"/B1", plant.StateRun, 3*time.Hour)
	run.KPI.ConfidenceMeasured = production.Over(9, 10)
	safety := s.live(lineB+"/B2", plant.StateSafety, 12*time.Second)
	off := s.live(lineB+"/B3", plant.StateNotScheduled, 50*time.Hour)
	off.KPI = production.KPI{Equipment: off.KPI.Equipment, From: off.KPI.From, To: off.KPI.To}
	line := s.live(lineA+"/A1", plant.StateFault, 6*time.Minute)
	line.Line = line.Equipment.Line
	line.KPI.Equipment = lineA
	line.KPI.Cost = &production.Cost{Currency: "EUR", Total: 375_920_000, ByLoss: map[string]production.Money{}, ByReason: map[string]production.Money{},
		Items: []production.CostItem{}, PerDowntimeMinute: []production.MinuteCost{}}
	line.Plan = &production.ShiftAttainment{Line: lineA, Shift: line.Shift, Good: 1190, Target: 1760, TargetShift: 3600,
		Attainment: production.Over(1190, 1760), Required: production.Over(2410, 4*3600)}
	line.Hour.GoodRate.PerHourPlanned = production.Over(310, 1)
	return []production.Live{run, line, off, lost, fault, blocked, setup, safety}
}

// hot is an open alarm that nobody took.
func hot() alerts.Alarm {
	return alerts.Alarm{ID: "alarm-hot", Rule: "gearbox-hot", Equipment: lineA + "/A1", Tag: lineA + "/A1/gearbox_temp",
		Class: plant.ClassMaintenance, Priority: plant.PriorityHigh, State: alerts.StateUnacknowledged, Active: true,
		Raised: alerts.Moment{Event: ago(402 * time.Second), Stream: ago(401 * time.Second)}, Value: plant.Float(87.5),
		Message: "gearbox 87.5 degC, limit 85 <i>", Response: "check the oil cooler's fan", AckRequired: true, Policy: "maint",
		Told: []string{"anna"}, Round: 1, Step: 1, NextAt: ago(-48 * time.Second), NextTo: []string{"ben"}, Seq: 1, Updated: ago(401 * time.Second)}
}

// taken is an open alarm that a person took.
func taken() alerts.Alarm {
	a := hot()
	a.ID, a.Rule, a.Equipment, a.Tag = "alarm-taken", "label-roll", lineA+"/A3", ""
	a.Priority, a.Class, a.State, a.Message = plant.PriorityMedium, plant.ClassMaterial, alerts.StateAcknowledged, "label roll is nearly empty"
	a.Acknowledged = alerts.Moment{Event: ago(2 * time.Minute), Stream: ago(2 * time.Minute)}
	a.AckUser, a.AckComment, a.NextAt, a.NextTo = "Anna", "fetching a roll", 0, nil
	return a
}

// over is an alarm that is over.
func over() alerts.Alarm {
	a := hot()
	a.ID, a.State, a.Active, a.NextAt, a.NextTo = "alarm-over", alerts.StateNormal, false, 0, nil
	a.Raised = alerts.Moment{Event: ago(26 * time.Hour), Stream: ago(26 * time.Hour)}
	a.Cleared = alerts.Moment{Event: ago(25 * time.Hour), Stream: ago(25 * time.Hour)}
	return a
}

// record puts alarms, with a raise each, one message and a stop into the
// records.
func (s *site) record(alarms ...alerts.Alarm) {
	s.t.Helper()
	c := store.Commit{Area: "packing", Pos: 1, Time: ago(0)}
	for _, a := range alarms {
		c.Alarms = append(c.Alarms, store.Alarm{ID: a.ID, Area: "packing", Equipment: a.Equipment, Rule: a.Rule, Class: string(a.Class),
			Priority: string(a.Priority), State: string(a.State), Open: a.State != alerts.StateNormal, Raised: a.Raised.Event, Body: encode(s.t, a)})
		tr := alerts.Transition{ID: a.ID + "-1", Alarm: a.ID, Seq: 1, Rule: a.Rule, Equipment: a.Equipment, Class: a.Class, Priority: a.Priority,
			Event: alerts.EventRaised, From: alerts.StateNormal, To: alerts.StateUnacknowledged, Time: a.Raised, Value: a.Value, Message: a.Message}
		c.Transitions = append(c.Transitions, store.Transition{ID: tr.ID, Alarm: a.ID, Time: a.Raised.Stream, Body: encode(s.t, tr)})
		m := alerts.Message{ID: a.ID + "-m", Kind: alerts.KindRaised, To: "anna", Round: 1, Step: 1, Time: a.Raised.Stream, Title: a.Message, Alarm: a.ID, About: a}
		c.Messages = append(c.Messages, store.Message{ID: m.ID, Contact: m.To, Alarm: m.Alarm, Created: m.Time, Body: encode(s.t, m)})
	}
	stop := production.Stop{ID: "stop-a1", From: ago(402 * time.Second), State: plant.StateFault, Loss: production.LossFault,
		Reason: "e204", ReasonName: "E-204 valve drive", ReasonSource: "signal", Code: "204", Category: "fault", Failure: true,
		Product: "P500", Shift: "Early", Excluded: 2 * time.Second}
	c.Stops = []store.Stop{{ID: stop.ID, Equipment: lineA + "/A1", Start: stop.From, State: "fault", Category: "fault", Body: encode(s.t, stop)}}
	if err := s.store.Commit(s.t.Context(), c); err != nil {
		s.t.Fatal(err)
	}
}

// full is the site that most tests look at.
func full(t *testing.T, change func(*web.Config)) *site {
	s := newSite(t, change)
	s.engine.live = s.everyState()
	s.record(hot(), taken(), over())
	return s
}
