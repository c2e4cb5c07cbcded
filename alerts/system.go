package alerts

import (
	"encoding/json"
	"fmt"
	"slices"

	"andon/plant"
)

// A SystemCondition is what andon says of itself: the arguments of the command
// plant.VerbSystemCondition. It goes through the stream as what people do, so
// that a replay does it again at the same place. The command's target is the
// path of the area whose book it is for.
type SystemCondition struct {
	Rule     string         `json:"rule"`
	Subject  string         `json:"subject"` // path of the area, or of the site when it is of all of andon
	Active   bool           `json:"active"`
	Priority plant.Priority `json:"priority"`
	Time     plant.Instant  `json:"time"` // when it began to hold or ceased to
	Value    plant.Value    `json:"value"`
	Message  string         `json:"message"`
	Response string         `json:"response"`
	Before   Announcement   `json:"before,omitzero"`
}

// An Announcement is what people were told of a condition before the book
// heard of it: while nothing could be stored they are told directly.
type Announcement struct {
	Alarm string        `json:"alarm,omitempty"` // id that the alarm has in these messages
	Time  plant.Instant `json:"time,omitzero"`   // from which the policy's steps count; 0 when nobody was told
	Told  []string      `json:"told,omitempty"`  // contacts that have the message, or soon will
}

// maxTexts bounds the texts of a SystemCondition, in bytes.
const maxTexts = 4096

// ReadSystemCondition reads the arguments of a command for the book of area.
func ReadSystemCondition(area *plant.Area, args json.RawMessage) (SystemCondition, error) {
	var s SystemCondition
	if err := json.Unmarshal(args, &s); err != nil {
		return s, fmt.Errorf("read system condition: %w", err)
	}
	switch {
	case s.Rule == "" || s.Time == 0:
		return s, fmt.Errorf("system condition %.40q: want a rule and a time", s.Rule)
	case s.Subject != area.Path && s.Subject != area.Site:
		return s, fmt.Errorf("system condition %.40q: want the subject %s or %s, not %.100q", s.Rule, area.Path, area.Site, s.Subject)
	case !slices.Contains(plant.Priorities(), s.Priority):
		return s, fmt.Errorf("system condition %.40q: want a priority, not %.40q", s.Rule, s.Priority)
	case len(s.Rule)+len(s.Message)+len(s.Response) > maxTexts:
		return s, fmt.Errorf("system condition %.40q: want texts of at most %d bytes", s.Rule, maxTexts)
	}
	return s, nil
}

// Condition returns s as rules would say it. Its equipment is the subject, in
// no tree.
func (s SystemCondition) Condition() plant.Condition {
	return plant.Condition{Rule: s.Rule, Equipment: &plant.Equipment{ID: -1, Name: s.Subject, Path: s.Subject}, Class: plant.ClassSystem,
		Priority: s.Priority, Active: s.Active, Time: s.Time, Value: s.Value, Message: s.Message, Response: s.Response}
}

// TakeOver applies a condition of andon itself at stream time now. Steps of
// the policy that were due since people were told directly are done without
// telling again whoever was told; later ones are as usual.
func (b *Book) TakeOver(now plant.Instant, s SystemCondition) {
	b.applyKnown(now, s.Condition(), s.Before)
	b.escalate(now)
}

// catchUp does the steps that were due since people were told directly.
func (b *Book) catchUp(e *entry, now plant.Instant, before Announcement) {
	e.Announced = min(now, before.Time)
	b.plan(e)
	for e.Alarm.NextAt != 0 && e.Alarm.NextAt <= now {
		b.step(e, now, before.Told)
	}
}
