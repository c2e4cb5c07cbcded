package bus

import (
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"andon/plant"
)

// The field numbers of an Event in batch.proto.
const (
	fieldEventKind protowire.Number = iota + 1
	fieldEventSource
	fieldEventCondition
	fieldEventName
	fieldEventNode
	fieldEventNodeName
	fieldEventType
	fieldEventID
	fieldEventMessage
	fieldEventSeverity
	fieldEventState
	fieldEventTime
	fieldEventReceived
)

// The bits of an event's state.
const (
	eventActive = 1 << iota
	eventAcked
	eventRetain
	eventSuppressed
)

const (
	// maxEvents bounds the events of a message, as maxSamples does samples.
	maxEvents = 1000
	// maxEventText is the longest text of an event that is kept; the rest is
	// cut off.
	maxEventText = 4 << 10
)

// addEvents appends events until the batch is full and returns how many.
func (e *encoder) addEvents(events []plant.Event) int {
	for i := range events {
		if e.full() {
			return i
		}
		e.addEvent(&events[i])
	}
	return len(events)
}

// addEvent appends one event. Events are few, so that a buffer of their own
// costs nothing that counts.
func (e *encoder) addEvent(x *plant.Event) {
	var b []byte
	number := func(field protowire.Number, v uint64) {
		if v != 0 {
			b = protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
		}
	}
	number(fieldEventKind, uint64(x.Kind))
	for i, text := range eventTexts(x) {
		if len(*text) > maxEventText {
			e.altered = true
		}
		if *text != "" {
			b = appendText(b, fieldEventSource+protowire.Number(i), cutText(*text))
		}
	}
	number(fieldEventSeverity, uint64(x.Severity))
	number(fieldEventState, eventState(x))
	number(fieldEventTime, protowire.EncodeZigZag(int64(x.Time)))
	number(fieldEventReceived, protowire.EncodeZigZag(int64(x.Received)))
	e.events = protowire.AppendBytes(protowire.AppendTag(e.events, fieldEvents, protowire.BytesType), b)
	e.nEvents++
}

// eventTexts returns the texts of x in the order of their fields, from
// fieldEventSource on.
func eventTexts(x *plant.Event) []*string {
	return []*string{&x.Source, &x.Condition, &x.Name, &x.Node, &x.NodeName, &x.Type, &x.ID, &x.Message}
}

func cutText(text string) string {
	if len(text) <= maxEventText {
		return text
	}
	return strings.ToValidUTF8(text[:maxEventText], "")
}

func eventState(x *plant.Event) (bits uint64) {
	for i, set := range []bool{x.Active, x.Acked, x.Retain, x.Suppressed} {
		if set {
			bits |= 1 << i
		}
	}
	return bits
}

// addEvent reads one event of a batch.
func (d *decoder) addEvent(c *columns, b []byte) error {
	var x plant.Event
	texts := eventTexts(&x)
	err := eachField(b, func(field protowire.Number, text []byte, number uint64) {
		if i := int(field - fieldEventSource); i >= 0 && i < len(texts) {
			*texts[i] = d.text(text)
			return
		}
		setEventNumber(&x, field, number)
	})
	c.events = append(c.events, x)
	return err
}

func setEventNumber(x *plant.Event, field protowire.Number, v uint64) {
	switch field {
	case fieldEventKind:
		x.Kind = plant.EventKind(v)
	case fieldEventSeverity:
		x.Severity = uint16(min(v, 1000))
	case fieldEventState:
		x.Active, x.Acked = v&eventActive != 0, v&eventAcked != 0
		x.Retain, x.Suppressed = v&eventRetain != 0, v&eventSuppressed != 0
	case fieldEventTime:
		x.Time = plant.Instant(protowire.DecodeZigZag(v))
	case fieldEventReceived:
		x.Received = plant.Instant(protowire.DecodeZigZag(v))
	}
}
