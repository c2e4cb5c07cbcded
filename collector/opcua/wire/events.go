package wire

import (
	"bytes"
	"fmt"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/skim"
)

// MaxEventFields is how many fields are kept of an event; those after them are
// passed by.
const MaxEventFields = 15

// An EventList is an EventNotificationList (OPC 10000-4, 7.25.3) that stays as
// it came, like a DataChange: what a server claims costs no more than its
// bytes. It never fails: an event whose length makes no sense ends the list,
// and those before it count.
type EventList struct {
	Events []RawEvent // in their order
	Size   int        // bytes that they keep in memory
	Broken error      // why not all of them are there
}

// A RawEvent is one event as it came.
type RawEvent struct {
	Handle uint32   // of the client, for the monitored item
	fields [][]byte // each a whole variant; at most MaxEventFields
}

var _ ua.BinaryDecoder = (*EventList)(nil)

// Decode takes over the body of an extension object. It returns no error, see
// Broken.
func (l *EventList) Decode(b []byte) (int, error) {
	whole := bytes.Clone(b) // b is part of a buffer that is as large as a message may be
	l.Size = len(whole)
	s := skim.Skimmer{Bytes: whole}
	n := s.Length()
	for range n {
		e := readEvent(&s)
		if s.Err != nil {
			break
		}
		l.Events = append(l.Events, e)
	}
	if s.Err != nil {
		l.Broken = fmt.Errorf("event %d of %d: %w", len(l.Events)+1, n, s.Err)
	}
	return len(b), nil
}

// EncodedEvents is the way back, for what gopcua decoded by itself.
func EncodedEvents(n *ua.EventNotificationList) *EventList {
	l := new(EventList)
	for _, e := range n.Events {
		x := RawEvent{Handle: e.ClientHandle}
		for _, v := range e.EventFields[:min(len(e.EventFields), MaxEventFields)] {
			b, err := v.Encode()
			if err != nil {
				b = nil
			}
			x.fields = append(x.fields, b)
		}
		l.Events = append(l.Events, x)
	}
	return l
}

// readEvent passes an EventFieldList.
func readEvent(s *skim.Skimmer) RawEvent {
	e := RawEvent{Handle: s.Uint32()}
	for range s.Length() {
		from := s.Pos
		if s.Variant(0); s.Err != nil {
			return e
		}
		if len(e.fields) < MaxEventFields {
			e.fields = append(e.fields, s.Bytes[from:s.Pos])
		}
	}
	return e
}

// Field returns the field of the event that was asked for as the nth, from 0; nil
// when there is none that is a scalar without others in it.
func (e *RawEvent) Field(n int) *ua.Variant {
	if n >= len(e.fields) || len(e.fields[n]) == 0 {
		return nil
	}
	kind := ua.TypeID(e.fields[n][0] & skim.TypeBits)
	if e.fields[n][0]&ua.VariantArrayValues != 0 || kind == ua.TypeIDNull || kind >= ua.TypeIDExtensionObject {
		return nil
	}
	v, err := decodeVariant(e.fields[n])
	if err != nil {
		return nil
	}
	return v
}
