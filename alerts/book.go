package alerts

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"andon/plant"
)

// A Book holds the open alarms of one area.
type Book struct {
	cfg   Config
	area  *plant.Area
	zone  *time.Location // of the times in texts
	open  []*entry       // in the order of their raise
	byKey map[key]*entry
	byID  map[string]*entry

	nextStep plant.Instant // no step is due before; 0 when none is known
	held     plant.Instant // escalations wait until then, see Hold
	mint     mint
	changed  []*entry // since Drain, in the order of their first change
	out      Changes  // its Alarms are made from changed by Drain
}

type key struct{ rule, equipment string }

// An entry is an open alarm and what a Book must know of it besides.
type entry struct {
	Alarm     Alarm
	Announced plant.Instant // stream time from which the policy's steps count
	Command   string        // id of the command that acknowledged
	changed   bool
}

// ErrUnknownAlarm is wrapped by errors of commands for an alarm that does not
// exist or is over.
var ErrUnknownAlarm = errors.New("no such open alarm")

// ErrUnknownVerb is wrapped by errors of commands that are not for alarms.
var ErrUnknownVerb = errors.New("not a command for alarms")

// An AcknowledgedError says that another person took the alarm before.
type AcknowledgedError struct {
	User string
	Time plant.Instant
}

// Error returns "already acknowledged by … at …".
func (e *AcknowledgedError) Error() string {
	return fmt.Sprintf("already acknowledged by %s at %s", e.User, e.Time)
}

// NewBook returns an empty book. cfg must have passed Validate.
func NewBook(cfg Config, area *plant.Area) *Book {
	return &Book{cfg: cfg, area: area, zone: cmp.Or(area.Zone, time.UTC), byKey: map[key]*entry{}, byID: map[string]*entry{}}
}

// Apply takes conditions at stream time now and then does the steps of
// policies that are due. A condition at exactly the time of a step comes
// before it: an alarm cleared then is not escalated.
func (b *Book) Apply(now plant.Instant, conditions []plant.Condition) {
	for _, c := range conditions {
		b.apply(now, c)
	}
	b.escalate(now)
}

// Hold lets escalations wait: steps after the first are not done before
// stream time until, 0 for no wait. First steps never wait. It is no part of
// a snapshot; who holds says so before each Apply and Tick.
func (b *Book) Hold(until plant.Instant) { b.held = until }

// Tick does the steps of policies that are due at stream time now.
func (b *Book) Tick(now plant.Instant) { b.escalate(now) }

func (b *Book) apply(now plant.Instant, c plant.Condition) {
	b.applyKnown(now, c, Announcement{})
}

// applyKnown applies a condition of which people may have been told already.
func (b *Book) applyKnown(now plant.Instant, c plant.Condition, before Announcement) {
	e := b.byKey[key{c.Rule, c.Equipment.Path}]
	event, ok := eventOf(e, c)
	if !ok {
		return
	}
	from, ack := StateNormal, Ack("")
	if e != nil {
		from, ack = e.Alarm.State, e.Alarm.ack()
	}
	row := next(from, event, ack)
	if row.Effect == EffectIgnore || row.Effect == EffectRefuse {
		return
	}
	if e == nil {
		e = b.openEntry(now, c, before.Alarm)
	}
	at := Moment{Event: c.Time, Stream: now}
	e.Alarm.take(event, c, at)
	text := c.Message
	if text == "" { // a condition that ceased says nothing new
		text = e.Alarm.Message
	}
	b.move(e, row, Transition{Time: at, Message: text})
	if row.Effect == EffectAnnounce && before.Time != 0 {
		b.catchUp(e, now, before)
	}
}

// eventOf names what a condition means to the alarm it is about; e is nil
// when there is none. It is false when the condition says nothing new.
func eventOf(e *entry, c plant.Condition) (Event, bool) {
	switch {
	case !c.Active:
		return EventCleared, true
	case e == nil || !e.Alarm.Active:
		return EventRaised, true
	}
	was, is := rank(e.Alarm.Priority), rank(c.Priority)
	switch {
	case is < was:
		return EventPriorityRaised, true
	case is > was:
		return EventPriorityLowered, true
	}
	return "", false
}

// rank orders priorities, highest first.
func rank(p plant.Priority) int { return slices.Index(plant.Priorities(), p) }

// openEntry opens an alarm of that id, of one that the book makes when it is
// "" or taken.
func (b *Book) openEntry(now plant.Instant, c plant.Condition, id string) *entry {
	k := key{c.Rule, c.Equipment.Path}
	if id == "" || b.byID[id] != nil {
		id = b.mint.alarm(k, c.Time, now)
	}
	e := &entry{Alarm: Alarm{ID: id, Rule: c.Rule, Equipment: c.Equipment.Path, Class: c.Class,
		State: StateNormal, FirstRaised: Moment{Event: c.Time, Stream: now}, Told: []string{}}}
	if c.Tag != nil {
		e.Alarm.Tag = c.Tag.Path
	}
	b.open = append(b.open, e)
	b.byKey[k] = e
	b.byID[e.Alarm.ID] = e
	return e
}

// take copies into a what the condition says. A clear leaves the text of the
// raise, for it is what people were told.
func (a *Alarm) take(event Event, c plant.Condition, at Moment) {
	a.Active, a.Value = c.Active, c.Value
	if event == EventCleared {
		a.Cleared = at
		return
	}
	a.Class, a.Priority, a.Message, a.Response = c.Class, c.Priority, c.Message, c.Response
	if event == EventRaised {
		a.Raised, a.Cleared = at, Moment{}
		a.Told = []string{}
		if a.Round > 0 {
			a.Recurrences++
		}
	}
}

func (a *Alarm) ack() Ack {
	if a.AckRequired {
		return AckRequired
	}
	return AckNone
}

// move does what the row says and records t, whose other fields it fills.
func (b *Book) move(e *entry, row Row, t Transition) {
	a := &e.Alarm
	a.State = row.To
	a.Seq++
	a.Updated = t.Time.Stream
	t.ID, t.Alarm, t.Seq = hash("transition", a.ID, a.Seq), a.ID, a.Seq
	t.Rule, t.Equipment, t.Class, t.Priority, t.Value = a.Rule, a.Equipment, a.Class, a.Priority, a.Value
	t.Event, t.From, t.To = row.Event, row.From, row.To
	b.out.Transitions = append(b.out.Transitions, t)
	b.touch(e)
	switch row.Effect {
	case EffectAnnounce:
		b.announce(e, t.Time.Stream)
	case EffectTakeOver:
		b.plan(e)
		b.tellAll(e, KindAcknowledged, t.Time.Stream)
	case EffectResolve:
		b.plan(e)
		b.tellAll(e, KindResolved, t.Time.Stream)
	}
	if row.To == StateNormal {
		b.close(e)
	}
}

func (b *Book) touch(e *entry) {
	if !e.changed {
		e.changed = true
		b.changed = append(b.changed, e)
	}
}

func (b *Book) close(e *entry) {
	delete(b.byKey, key{e.Alarm.Rule, e.Alarm.Equipment})
	delete(b.byID, e.Alarm.ID)
	b.open = slices.DeleteFunc(b.open, func(o *entry) bool { return o == e })
}

// Command does what a person wants at stream time now: the verb alarm.ack
// takes the alarm whose ID, or rule@equipment, is the command's target. It
// returns an error that wraps ErrUnknownAlarm or ErrUnknownVerb, or an
// *AcknowledgedError; then nothing changed. A repeat of the command that took
// an alarm which is still open is no error and does nothing.
func (b *Book) Command(now plant.Instant, c plant.Command) error {
	defer b.escalate(now)
	if c.Verb != plant.VerbAlarmAck {
		return fmt.Errorf("verb %.40q: %w", c.Verb, ErrUnknownVerb)
	}
	if c.User == "" {
		return errors.New("acknowledge: want the name of the person")
	}
	e := b.find(c.Target)
	if e == nil {
		return fmt.Errorf("acknowledge %.200q: %w", c.Target, ErrUnknownAlarm)
	}
	if c.ID != "" && c.ID == e.Command {
		return nil
	}
	a := &e.Alarm
	row := next(a.State, EventAcknowledged, a.ack())
	if row.Effect == EffectRefuse {
		return &AcknowledgedError{User: a.AckUser, Time: a.Acknowledged.Event}
	}
	at := Moment{Event: c.Time, Stream: now}
	a.Acknowledged, a.AckUser, a.AckComment, e.Command = at, c.User, c.Comment, c.ID
	b.move(e, row, Transition{Time: at, Message: a.Message, User: c.User, Comment: c.Comment, Command: c.ID})
	return nil
}

// find returns the open alarm with that id or rule@equipment, nil for none.
func (b *Book) find(target string) *entry {
	if e := b.byID[target]; e != nil {
		return e
	}
	rule, equipment, _ := strings.Cut(target, "@")
	return b.byKey[key{rule, equipment}]
}

// Drain returns what changed since the last Drain. The caller owns it.
func (b *Book) Drain() Changes {
	out := b.out
	for _, e := range b.changed {
		out.Alarms = append(out.Alarms, e.Alarm.clone())
		e.changed = false
	}
	b.changed, b.out = b.changed[:0], Changes{}
	return out
}

// Changed reports whether Drain would return anything.
func (b *Book) Changed() bool { return len(b.changed) > 0 || !b.out.Empty() }

// Alarms returns the open alarms in the order of their raise. The caller owns
// them.
func (b *Book) Alarms() []Alarm {
	out := make([]Alarm, len(b.open))
	for i, e := range b.open {
		out[i] = e.Alarm.clone()
	}
	return out
}

// clone returns a copy that shares no memory with a.
func (a Alarm) clone() Alarm {
	a.Told, a.NextTo = slices.Clone(a.Told), slices.Clone(a.NextTo)
	return a
}
