package alerts

// An Effect is what an event does besides moving the alarm to a state.
type Effect string

// The effects of events.
const (
	EffectRecord   Effect = "record"    // nothing but the transition is recorded; nobody is told
	EffectAnnounce Effect = "announce"  // the policy starts at its first step
	EffectTakeOver Effect = "take_over" // escalation stops; everyone told so far learns who took it
	EffectResolve  Effect = "resolve"   // escalation stops; everyone told so far learns that it is over
	EffectIgnore   Effect = "ignore"    // the event means nothing in this state; nothing is recorded
	EffectRefuse   Effect = "refuse"    // the command fails; nothing is recorded
)

// A Row says what one event does to an alarm in one state. Ack is set where
// that depends on the route's ack. Why is a sentence for people.
type Row struct {
	From   State
	Event  Event
	Ack    Ack
	To     State
	Effect Effect
	Why    string
}

// table is the only place that says how alarms change. Normal is also the
// state of an alarm that does not exist.
var table = [...]Row{
	{StateNormal, EventRaised, "", StateUnacknowledged, EffectAnnounce, "a new alarm is opened"},
	{StateNormal, EventPriorityRaised, "", StateNormal, EffectIgnore, "cannot be: the condition does not hold"},
	{StateNormal, EventPriorityLowered, "", StateNormal, EffectIgnore, "cannot be: the condition does not hold"},
	{StateNormal, EventCleared, "", StateNormal, EffectIgnore, "no clear without a raise"},
	{StateNormal, EventAcknowledged, "", StateNormal, EffectRefuse, "no such alarm, or it is over"},

	{StateUnacknowledged, EventRaised, "", StateUnacknowledged, EffectIgnore, "it is known already"},
	{StateUnacknowledged, EventPriorityRaised, "", StateUnacknowledged, EffectAnnounce, "announced again, by the route of the new priority"},
	{StateUnacknowledged, EventPriorityLowered, "", StateUnacknowledged, EffectRecord, "escalation goes on"},
	{StateUnacknowledged, EventCleared, AckRequired, StateReturnedUnacknowledged, EffectResolve, "everyone told learns that it is over; escalation stops"},
	{StateUnacknowledged, EventCleared, AckNone, StateNormal, EffectResolve, "everyone told learns that it is over; escalation stops"},
	{StateUnacknowledged, EventAcknowledged, "", StateAcknowledged, EffectTakeOver, "everyone told learns who took it; escalation stops"},

	{StateAcknowledged, EventRaised, "", StateAcknowledged, EffectIgnore, "it is known already"},
	{StateAcknowledged, EventPriorityRaised, "", StateUnacknowledged, EffectAnnounce, "it got worse, so a person must look again"},
	{StateAcknowledged, EventPriorityLowered, "", StateAcknowledged, EffectRecord, "a person is at it"},
	{StateAcknowledged, EventCleared, "", StateNormal, EffectResolve, "everyone told learns that it is over"},
	{StateAcknowledged, EventAcknowledged, "", StateAcknowledged, EffectRefuse, "another person took it already"},

	{StateReturnedUnacknowledged, EventRaised, "", StateUnacknowledged, EffectAnnounce, "the same alarm again, one more recurrence"},
	{StateReturnedUnacknowledged, EventPriorityRaised, "", StateReturnedUnacknowledged, EffectIgnore, "cannot be: the condition does not hold"},
	{StateReturnedUnacknowledged, EventPriorityLowered, "", StateReturnedUnacknowledged, EffectIgnore, "cannot be: the condition does not hold"},
	{StateReturnedUnacknowledged, EventCleared, "", StateReturnedUnacknowledged, EffectIgnore, "it is over already"},
	{StateReturnedUnacknowledged, EventAcknowledged, "", StateNormal, EffectRecord, "a person has seen it; everyone knows already that it is over"},
}

// Table returns the transition table of alarms (ISA-18.2): one row for every
// state and event, two where the route's ack decides.
func Table() []Row { return append([]Row(nil), table[:]...) }

// next returns the row for an event; ack is that of the alarm.
func next(from State, event Event, ack Ack) Row {
	for _, r := range table {
		if r.From == from && r.Event == event && (r.Ack == "" || r.Ack == ack) {
			return r
		}
	}
	return Row{From: from, Event: event, To: from, Effect: EffectRefuse, Why: "the table has no such row"}
}
