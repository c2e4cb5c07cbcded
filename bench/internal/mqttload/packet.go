package mqttload

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
)

// Types of MQTT 3.1.1 control packets, in the upper half of the first byte.
const (
	typeConnect    = 1 << 4
	typeConnack    = 2 << 4
	typePublish    = 3 << 4
	typePuback     = 4 << 4
	typeDisconnect = 14 << 4
)

// appendConnect appends a CONNECT that asks for a clean session without
// keep-alive.
func appendConnect(b []byte, clientID string) []byte {
	const cleanSession = 0x02
	body := []byte{0, 4, 'M', 'Q', 'T', 'T', 4, cleanSession, 0, 0}
	body = binary.BigEndian.AppendUint16(body, uint16(len(clientID)))
	body = append(body, clientID...)
	b = append(b, typeConnect)
	b = appendLength(b, len(body))
	return append(b, body...)
}

// appendLength appends a remaining length: seven bits a byte, low ones first.
func appendLength(b []byte, n int) []byte {
	for n >= 128 {
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(b, byte(n))
}

// appendPublish appends a PUBLISH. A packet id of 0 makes it QoS 0, any other
// QoS 1.
func appendPublish(b []byte, topic string, id uint16, payload []byte) []byte {
	const qos1 = 0x02
	n := 2 + len(topic) + len(payload)
	if id == 0 {
		b = append(b, typePublish)
	} else {
		b = append(b, typePublish|qos1)
		n += 2
	}
	b = appendLength(b, n)
	b = binary.BigEndian.AppendUint16(b, uint16(len(topic)))
	b = append(b, topic...)
	if id != 0 {
		b = binary.BigEndian.AppendUint16(b, id)
	}
	return append(b, payload...)
}

// appendPayload appends {"ts":1772438400123,"value":12.5} for a tag at a time,
// in ms since 1970, of a load that started at another.
func appendPayload(b []byte, t *tag, ts, start int64) []byte {
	b = append(b, `{"ts":`...)
	b = strconv.AppendInt(b, ts, 10)
	b = append(b, `,"value":`...)
	b = appendValue(b, t, ts-start)
	return append(b, '}')
}

// readPacket reads one packet and returns its type. The body is read into
// buffer and valid until the next call; a packet that is longer is refused.
func readPacket(r *bufio.Reader, buffer []byte) (kind byte, body []byte, err error) {
	kind, err = r.ReadByte()
	if err != nil {
		return 0, nil, err
	}
	length, shift := 0, 0
	for {
		c, err := r.ReadByte()
		if err != nil {
			return 0, nil, err
		}
		length |= int(c&0x7f) << shift
		if shift += 7; c < 128 {
			break
		}
		if shift > 21 {
			return 0, nil, fmt.Errorf("the broker sent a length of more than four bytes")
		}
	}
	if length > len(buffer) {
		return 0, nil, fmt.Errorf("the broker sent a packet of %d bytes, want at most %d", length, len(buffer))
	}
	body = buffer[:length]
	_, err = io.ReadFull(r, body)
	return kind & 0xf0, body, err
}
