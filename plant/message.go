package plant

import "encoding/json"

// A Sample is one value of one tag at one time.
type Sample struct {
	Tag    *Tag
	Value  Value
	Status Status
	Time   Instant // the source's time stamp: event time
}

// A Contact says that a source was in touch with its equipment at Time, so
// that values which did not change are still known. A source whose protocol
// reports changes only sends one every few seconds.
type Contact struct {
	Source string
	Time   Instant
}

// A Batch is what a source hands over at once.
type Batch struct {
	Samples  []Sample
	Contacts []Contact
	Events   []Event
	Gaps     []Gap
	Known    []Known
	// Backfilled says that the samples were read from a server's history: they
	// say nothing of the present, and later ones of their tags may be on the
	// stream already.
	Backfilled bool
	// Prompt says that the source gets nothing more before this batch is
	// stored, so that it should not wait for others to share a write.
	Prompt bool
}

// A Message is one entry of an area's stream. Exactly one of its parts is
// set, by the subject it came on: telemetry (Samples and all that a Batch has), a
// command, a tick (none) or derived points.
type Message struct {
	Pos      uint64  // place in the area's stream, from 1, without order gaps to the reader
	Time     Instant // stream time: when the bus took it
	Kind     MessageKind
	Samples  []Sample
	Contacts []Contact
	Events   []Event
	Gaps     []Gap
	Known    []Known
	Command  *Command
	Points   []byte // derived points in line protocol, one a line
	// Backfilled is Batch.Backfilled of all Samples.
	Backfilled bool
}

// A MessageKind tells the parts of a Message apart.
type MessageKind uint8

// The kinds of messages.
const (
	KindTelemetry MessageKind = iota + 1
	KindTick
	KindCommand
	KindDerived
)

// A Command is what a person wants done. It goes through the stream, so that
// a replay does it again at the same place.
type Command struct {
	ID      string          `json:"id"`   // unique; the same id is done once
	Verb    string          `json:"verb"` // such as alarm.ack
	Target  string          `json:"target"`
	User    string          `json:"user"`
	Comment string          `json:"comment,omitempty"`
	Time    Instant         `json:"time"`           // when the person gave it
	Args    json.RawMessage `json:"args,omitempty"` // of the verb's own form
}

// The verbs of commands.
const (
	VerbAlarmAck    = "alarm.ack"
	VerbOrderStart  = "order.start"
	VerbOrderEnd    = "order.end"
	VerbOrderChange = "order.change"
	// VerbSystemCondition is given by andon itself: something is wrong with
	// it, or is so no longer.
	VerbSystemCondition = "system.condition"
)
