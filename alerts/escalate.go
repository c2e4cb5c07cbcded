package alerts

import (
	"slices"

	"andon/plant"
)

// announce starts a round: the policy of the alarm's route from its first
// step.
func (b *Book) announce(e *entry, now plant.Instant) {
	a := &e.Alarm
	r := b.route(a)
	a.Policy, a.AckRequired = r.Policy, r.Ack != AckNone
	a.Acknowledged, a.AckUser, a.AckComment = Moment{}, "", ""
	a.Round++
	a.Step = 0
	e.Announced = now
	b.plan(e)
}

// route returns the first route that matches.
func (b *Book) route(a *Alarm) Route {
	for _, r := range b.cfg.Routes {
		if b.matches(r.Match, a) {
			return r
		}
	}
	return Route{}
}

func (b *Book) matches(m Match, a *Alarm) bool {
	return (len(m.Class) == 0 || slices.Contains(m.Class, a.Class)) &&
		(len(m.Priority) == 0 || slices.Contains(m.Priority, a.Priority)) &&
		(len(m.Area) == 0 || slices.Contains(m.Area, b.area.Name)) &&
		(m.Equipment == "" || plant.Match(m.Equipment, a.Equipment))
}

// plan sets who is told next and when, and remembers when to look again.
func (b *Book) plan(e *entry) {
	a := &e.Alarm
	steps := b.cfg.Policies[a.Policy]
	if a.State != StateUnacknowledged || a.Step >= len(steps) {
		a.NextAt, a.NextTo = 0, nil
		return
	}
	step := steps[a.Step]
	a.NextAt, a.NextTo = e.Announced.Add(step.After), step.Notify
	if b.nextStep == 0 || a.NextAt < b.nextStep {
		b.nextStep = a.NextAt
	}
}

// escalate does every step that is due at now, alarm by alarm in the order of
// their raise.
func (b *Book) escalate(now plant.Instant) {
	if b.nextStep == 0 || now < b.nextStep {
		return
	}
	b.nextStep = 0
	for _, e := range b.open {
		for e.Alarm.NextAt != 0 && e.Alarm.NextAt <= now && (e.Alarm.Step == 0 || now >= b.held) {
			b.step(e, now, nil)
		}
		b.plan(e)
	}
}

// step does the next step of e's policy; who is in told has its message
// already.
func (b *Book) step(e *entry, now plant.Instant, told []string) {
	a := &e.Alarm
	kind := KindRaised
	if a.Step > 0 {
		kind = KindEscalated
	}
	to := a.NextTo
	a.Step++
	a.Updated = now
	for _, name := range to {
		if !slices.Contains(a.Told, name) {
			a.Told = append(a.Told, name)
		}
	}
	b.plan(e)
	for _, name := range to {
		if !slices.Contains(told, name) {
			b.tell(e, kind, name, now)
		}
	}
	b.touch(e)
}

func (b *Book) tellAll(e *entry, kind Kind, now plant.Instant) {
	for _, name := range e.Alarm.Told {
		b.tell(e, kind, name, now)
	}
}

func (b *Book) tell(e *entry, kind Kind, to string, now plant.Instant) {
	a := e.Alarm.clone()
	b.out.Messages = append(b.out.Messages, Message{
		ID: hash("message", a.ID, string(kind), a.Round, a.Step, to), Alarm: a.ID, Kind: kind, To: to,
		Round: a.Round, Step: a.Step, Time: now, Title: title(kind, a, now.Sub(e.Announced)), Text: text(a, b.zone), About: a,
	})
}
