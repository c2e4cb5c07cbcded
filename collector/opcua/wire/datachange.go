package wire

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/skim"
)

// A DataChange is a DataChangeNotification (OPC 10000-4, 7.25.2) that stays as
// it came: its values are checked when it is decoded, and made out when they
// become samples. gopcua's own type costs nine allocations and 390 bytes a
// value, this one the bytes of the message, whatever they claim.
type DataChange struct {
	N      int    // how many values
	Values []byte // N MonitoredItemNotifications, for ReadEntry
}

var _ ua.BinaryDecoder = (*DataChange)(nil)

// Decode takes over the body of an extension object. It fails where gopcua's
// own decoding does, and where that would panic or take more than there is; but
// not for the content of what never becomes a value, arrays and structures.
func (c *DataChange) Decode(b []byte) (int, error) {
	buf := ua.NewBuffer(b)
	n := buf.ReadUint32()
	if n == math.MaxUint32 {
		n = 0 // a null array
	}
	pos := buf.Pos()
	for range n { // an n that makes no sense ends with the bytes
		_, size, err := ReadEntry(b[pos:])
		if err != nil {
			return pos, err
		}
		pos += size
	}
	c.N = int(n)
	// b is part of a buffer that is as large as a message may be.
	c.Values = bytes.Clone(b[buf.Pos():pos])
	rest := skim.Skimmer{Bytes: b, Pos: pos} // diagnostics, which nobody reads
	for range rest.Length() {
		if rest.Err != nil {
			break
		}
		rest.DiagnosticInfo(0)
	}
	return rest.Pos, rest.Err
}

// An Entry is one value of a notification as it came.
type Entry struct {
	Handle uint32 // of the client, for the monitored item
	DataValue
}

// ReadEntry reads the MonitoredItemNotification that b begins with and returns
// how many bytes it has. The entry refers to b.
func ReadEntry(b []byte) (e Entry, size int, err error) {
	if len(b) < 4 {
		return e, 0, io.ErrUnexpectedEOF
	}
	e.Handle = binary.LittleEndian.Uint32(b)
	n, err := e.Read(b[4:])
	return e, 4 + n, err
}

// Add appends a value, as a server would send it.
func (c *DataChange) Add(handle uint32, v *DataValue) {
	mask := byte(ua.DataValueStatusCode)
	if len(v.Variant) > 0 {
		mask |= ua.DataValueValue
	}
	if !v.Source.IsZero() {
		mask |= ua.DataValueSourceTimestamp
	}
	if !v.Server.IsZero() {
		mask |= ua.DataValueServerTimestamp
	}
	b := append(binary.LittleEndian.AppendUint32(c.Values, handle), mask)
	b = append(b, v.Variant...)
	b = binary.LittleEndian.AppendUint32(b, uint32(v.Status))
	for _, at := range []time.Time{v.Source, v.Server} {
		if !at.IsZero() {
			b = binary.LittleEndian.AppendUint64(b, ticksOf(at))
		}
	}
	c.N, c.Values = c.N+1, b
}

// Wrapped returns c as it lies in a notification message.
func (c *DataChange) Wrapped() []*ua.ExtensionObject {
	return []*ua.ExtensionObject{{Value: c}}
}
