package mqtt

import (
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	// readSize is how many bytes are read at once. Longer packets get a
	// buffer of their own for as long as they need it.
	readSize = 64 << 10
	// maxOther bounds packets that are no messages. The longest that a
	// broker has for us answers a SUBSCRIBE: a byte for each topic filter.
	maxOther = 4 << 10
)

// The types of packets (MQTT 3.1.1, 2.2.1).
const (
	typePublish = 3
	typePuback  = 4
	typePubrec  = 5
)

// A message is one PUBLISH packet (MQTT 3.1.1, 3.3). Whether it is retained
// or sent again makes no difference here.
type message struct {
	topic   []byte
	payload []byte // cut short when it is longer than the splitter keeps
	size    int    // of the whole payload
	qos     byte
	id      uint16 // to be acknowledged; 0 with QoS 0
}

// A packet is a message, or the bytes of one that is none.
type packet struct {
	message message
	other   []byte // nil for a message
}

// A splitter cuts the bytes that a broker sends into packets: room tells
// where the next bytes belong, add how many came, next what they are. What
// next returns is good until room is called. Memory is bounded by the longest
// packet that is kept whole; of payloads that are longer than most only the
// beginning is kept, and they are announced once all of them has come.
type splitter struct {
	most     int // the longest payload that is kept
	buf      []byte
	from, to int // buf[from:to] is still to be cut

	skip int     // bytes of a payload that is too long, still to come
	long message // whose payload that is
}

func newSplitter(most int) *splitter {
	return &splitter{most: most, buf: make([]byte, readSize)}
}

// room returns where the next bytes belong; it is never empty.
func (s *splitter) room() []byte {
	left := s.buf[s.from:s.to]
	switch {
	case len(left) == 0 && len(s.buf) > readSize:
		s.buf = make([]byte, readSize)
	case len(left) == len(s.buf):
		// It grows with what came, never with what a header promises.
		s.buf = make([]byte, min(2*len(s.buf), s.longest()))
	}
	s.from, s.to = 0, copy(s.buf, left)
	return s.buf[s.to:]
}

// longest is the size of the longest packet that is kept whole.
func (s *splitter) longest() int { return 5 + 2 + maxTopic + 2 + s.most + maxOther }

// add says that n bytes came where room told.
func (s *splitter) add(n int) { s.to += n }

// next returns the next packet; ok is false when more bytes must come first.
// After an error the rest cannot be cut.
func (s *splitter) next() (p packet, ok bool, err error) {
	if s.skip > 0 {
		return s.skipped()
	}
	b := s.buf[s.from:s.to]
	head, length, err := fixedHeader(b)
	if err != nil || head == 0 {
		return packet{}, false, err
	}
	if b[0]>>4 == typePublish {
		return s.publish(b, head, length)
	}
	if length > maxOther {
		return packet{}, false, fmt.Errorf("packet of type %d with %d bytes: %w", b[0]>>4, length, errMalformed)
	}
	if len(b) < head+length {
		return packet{}, false, nil
	}
	s.from += head + length
	return packet{other: b[:head+length]}, true, nil
}

var errMalformed = errors.New("the broker does not keep to MQTT 3.1.1")

// fixedHeader returns the lengths of the header and of what follows it (MQTT
// 3.1.1, 2.2); head is 0 when it is not complete.
func fixedHeader(b []byte) (head, length int, err error) {
	for i := 1; i < min(len(b), 5); i++ {
		length |= int(b[i]&0x7f) << (7 * (i - 1))
		if b[i] < 0x80 {
			return i + 1, length, nil
		}
	}
	if len(b) >= 5 {
		return 0, 0, fmt.Errorf("remaining length of more than four bytes: %w", errMalformed)
	}
	return 0, 0, nil
}

// publish takes a PUBLISH packet, which begins b.
func (s *splitter) publish(b []byte, head, length int) (packet, bool, error) {
	m := message{qos: b[0] >> 1 & 3}
	idSize := 0
	if m.qos > 0 {
		idSize = 2
	}
	body := b[head:min(len(b), head+length)]
	if m.qos == 3 || length < 2+idSize {
		return packet{}, false, fmt.Errorf("PUBLISH with QoS %d and %d bytes: %w", m.qos, length, errMalformed)
	}
	if len(body) < 2 {
		return packet{}, false, nil
	}
	topicEnd := 2 + int(binary.BigEndian.Uint16(body))
	if m.size = length - topicEnd - idSize; m.size < 0 {
		return packet{}, false, fmt.Errorf("PUBLISH of %d bytes with a topic of %d: %w", length, topicEnd-2, errMalformed)
	}
	kept := m.size
	if m.size > s.most {
		kept = min(s.most, maxShown)
	}
	end := topicEnd + idSize + kept
	if len(body) < end {
		return packet{}, false, nil
	}
	m.topic, m.payload = body[2:topicEnd], body[topicEnd+idSize:end]
	if idSize > 0 {
		m.id = binary.BigEndian.Uint16(body[topicEnd:])
	}
	s.from += head + end
	if kept < m.size {
		m.topic, m.payload = append([]byte(nil), m.topic...), append([]byte(nil), m.payload...)
		s.long, s.skip = m, m.size-kept
		return s.skipped()
	}
	return packet{message: m}, true, nil
}

// skipped passes over the rest of a payload that is too long.
func (s *splitter) skipped() (packet, bool, error) {
	n := min(s.skip, s.to-s.from)
	s.from, s.skip = s.from+n, s.skip-n
	if s.skip > 0 {
		return packet{}, false, nil
	}
	m := s.long
	s.long = message{}
	return packet{message: m}, true, nil
}

// appendAck appends the acknowledgement of m. QoS 2 is never asked for; a
// session that another program left behind may still bring it, and the
// library answers the rest of that exchange (MQTT 3.1.1, 4.3.3).
func appendAck(b []byte, m message) []byte {
	switch m.qos {
	case 0:
		return b
	case 1:
		b = append(b, typePuback<<4, 2)
	default:
		b = append(b, typePubrec<<4, 2)
	}
	return binary.BigEndian.AppendUint16(b, m.id)
}
