package opcua

import (
	"bytes"
	"fmt"
	"math"

	"github.com/gopcua/opcua/ua"
)

// An eventList is an EventNotificationList (OPC 10000-4, 7.25.3) that stays as
// it came, like a dataChange: what a server claims costs no more than its
// bytes. It never fails: an event whose length makes no sense ends the list,
// and those before it count.
type eventList struct {
	events []rawEvent
	broken error // why not all of them are there
}

// A rawEvent is one event as it came.
type rawEvent struct {
	handle uint32
	fields [][]byte // each a whole variant; at most eventFields
}

var _ ua.BinaryDecoder = (*eventList)(nil)

// Decode takes over the body of an extension object.
func (l *eventList) Decode(b []byte) (int, error) {
	whole := bytes.Clone(b) // b is part of a buffer that is as large as a message may be
	s := skimmer{b: whole}
	n := s.length()
	for range n {
		e := readEvent(&s)
		if s.err != nil {
			break
		}
		l.events = append(l.events, e)
	}
	if s.err != nil {
		l.broken = fmt.Errorf("event %d of %d: %w", len(l.events)+1, n, s.err)
	}
	return len(b), nil
}

// listOfDecoded returns what gopcua decoded by itself.
func listOfDecoded(n *ua.EventNotificationList) *eventList {
	l := new(eventList)
	for _, e := range n.Events {
		x := rawEvent{handle: e.ClientHandle}
		for _, v := range e.EventFields[:min(len(e.EventFields), eventFields)] {
			b, err := v.Encode()
			if err != nil {
				b = nil
			}
			x.fields = append(x.fields, b)
		}
		l.events = append(l.events, x)
	}
	return l
}

// readEvent passes an EventFieldList.
func readEvent(s *skimmer) rawEvent {
	e := rawEvent{handle: s.uint32()}
	for range s.length() {
		from := s.pos
		if s.variant(0); s.err != nil {
			return e
		}
		if len(e.fields) < eventFields {
			e.fields = append(e.fields, s.b[from:s.pos])
		}
	}
	return e
}

// field returns a field of the event, nil when there is none.
func (e *rawEvent) field(n int) *ua.Variant {
	if n >= len(e.fields) || len(e.fields[n]) == 0 {
		return nil
	}
	kind := ua.TypeID(e.fields[n][0] & typeBits)
	if e.fields[n][0]&ua.VariantArrayValues != 0 || kind == ua.TypeIDNull || kind >= ua.TypeIDExtensionObject {
		return nil
	}
	v, err := decodeVariant(e.fields[n])
	if err != nil {
		return nil
	}
	return v
}

// severityOf returns a severity of 1 to 1000, 0 for none that makes sense.
func severityOf(v *ua.Variant) uint16 {
	x, err := scalar(v)
	n, ok := x.Int()
	if v == nil || err != nil || !ok || n < 0 || n > math.MaxUint16 {
		return 0
	}
	return uint16(min(n, mostSevere))
}
