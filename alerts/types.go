package alerts

import "andon/plant"

// A State is the operator state of an alarm (ISA-18.2). The zero value "" is
// no state at all.
type State string

// The states of alarms.
const (
	StateNormal                 State = "normal"                  // not active, nothing to do: the alarm is over
	StateUnacknowledged         State = "unacknowledged"          // active, nobody took it yet
	StateAcknowledged           State = "acknowledged"            // active, a person took it
	StateReturnedUnacknowledged State = "returned_unacknowledged" // over before a person took it
)

// States returns every state in the order of the life cycle.
func States() []State {
	return []State{StateNormal, StateUnacknowledged, StateAcknowledged, StateReturnedUnacknowledged}
}

// An Event is what may move an alarm from one state to another.
type Event string

// The events of alarms.
const (
	EventRaised          Event = "raised"           // the condition began to hold
	EventPriorityRaised  Event = "priority_raised"  // it still holds, at a higher priority
	EventPriorityLowered Event = "priority_lowered" // it still holds, at a lower priority
	EventCleared         Event = "cleared"          // it ceased to hold
	EventAcknowledged    Event = "acknowledged"     // a person took the alarm
)

// Events returns every event.
func Events() []Event {
	return []Event{EventRaised, EventPriorityRaised, EventPriorityLowered, EventCleared, EventAcknowledged}
}

// A Moment is one happening in both times: Event is when it happened at the
// equipment, or when the person gave the command; Stream is when the bus took
// it. The zero Moment means that it has not happened.
type Moment struct {
	Event  plant.Instant `json:"event"`
	Stream plant.Instant `json:"stream"`
}

// An Alarm is one occurrence of a condition with its operator state: from the
// raise until it is Normal again. A raise after that is another Alarm with
// another ID.
type Alarm struct {
	ID        string         `json:"id"` // from rule, equipment and time of the raise
	Rule      string         `json:"rule"`
	Equipment string         `json:"equipment"`     // path
	Tag       string         `json:"tag,omitempty"` // path, "" when the rule looks at states
	Class     plant.Class    `json:"class"`
	Priority  plant.Priority `json:"priority"`
	State     State          `json:"state"`
	Active    bool           `json:"active"` // the condition holds now

	Raised       Moment      `json:"raised"`                // the last raise; a change of priority is none
	FirstRaised  Moment      `json:"first_raised,omitzero"` // earlier than Raised after Recurrences; zero in records of before it was kept
	Cleared      Moment      `json:"cleared,omitzero"`      // the last clear, zero while Active
	Acknowledged Moment      `json:"acknowledged,omitzero"` // zero until a person took it
	AckUser      string      `json:"ack_user,omitempty"`
	AckComment   string      `json:"ack_comment,omitempty"`
	Value        plant.Value `json:"value"` // that decided last
	Message      string      `json:"message"`
	Response     string      `json:"response"` // what the operator should do

	AckRequired bool     `json:"ack_required"` // it stays ReturnedUnacknowledged until a person took it
	Recurrences int      `json:"recurrences"`  // raises after the first while unacknowledged
	Policy      string   `json:"policy"`       // of escalation
	Told        []string `json:"told"`         // contacts told since the last raise, in that order

	// Round counts announcements from 1: a raise, a raise again, a higher
	// priority. Step counts the policy's steps done in this round. NextAt
	// and NextTo say who is told next and when (stream time), unless it is
	// acknowledged or cleared before; zero and empty when nobody is.
	Round  int           `json:"round"`
	Step   int           `json:"step"`
	NextAt plant.Instant `json:"next_at,omitzero"`
	NextTo []string      `json:"next_to,omitempty"`

	Seq     int           `json:"seq"`     // transitions so far, so that a store can refuse to go back
	Updated plant.Instant `json:"updated"` // stream time of the last change
}

// A Transition is one line of an alarm's history: what happened, and the
// states before and after. It is written once and never changed.
type Transition struct {
	ID        string         `json:"id"`    // from Alarm and Seq
	Alarm     string         `json:"alarm"` // Alarm.ID
	Seq       int            `json:"seq"`   // from 1 within the alarm
	Rule      string         `json:"rule"`
	Equipment string         `json:"equipment"`
	Class     plant.Class    `json:"class"`
	Priority  plant.Priority `json:"priority"` // after the event
	Event     Event          `json:"event"`
	From      State          `json:"from"`
	To        State          `json:"to"`
	Time      Moment         `json:"time"`
	Value     plant.Value    `json:"value"`
	Message   string         `json:"message"`
	User      string         `json:"user,omitempty"` // who acknowledged
	Comment   string         `json:"comment,omitempty"`
	Command   string         `json:"command,omitempty"` // plant.Command.ID
}

// A Kind says why a message is sent.
type Kind string

// The kinds of messages.
const (
	KindRaised       Kind = "raised"       // first step of an announcement
	KindEscalated    Kind = "escalated"    // later step, nobody took the alarm
	KindAcknowledged Kind = "acknowledged" // a person took it; to everyone told so far
	KindResolved     Kind = "resolved"     // the condition is over; to everyone told so far
)

// A Message is what one contact gets, once. Its ID comes from alarm, kind,
// round, step and contact, so that a replay makes the same Message and a
// receiver can drop a repeat.
type Message struct {
	ID    string        `json:"id"`
	Alarm string        `json:"alarm"` // Alarm.ID
	Kind  Kind          `json:"kind"`
	To    string        `json:"to"`    // name of the contact
	Round int           `json:"round"` // Alarm.Round
	Step  int           `json:"step"`  // of the policy, from 1
	Time  plant.Instant `json:"time"`  // stream time at which it was made
	Title string        `json:"title"` // one line
	Text  string        `json:"text"`  // a few lines, plain text
	About Alarm         `json:"about"` // the alarm as it was then
}

// Changes is everything that a Book changed since the last Drain, each list
// in the order of the changes.
type Changes struct {
	Alarms      []Alarm      `json:"alarms"` // the newest version of each changed alarm, to upsert by ID
	Transitions []Transition `json:"transitions"`
	Messages    []Message    `json:"messages"` // one outbox row each
}

// Empty reports whether nothing changed.
func (c Changes) Empty() bool {
	return len(c.Alarms) == 0 && len(c.Transitions) == 0 && len(c.Messages) == 0
}
