package opcua

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"

	"github.com/gopcua/opcua/ua"
)

// A dataChange is a DataChangeNotification (OPC 10000-4, 7.25.2) that stays as
// it came: its values are checked when it is decoded, and made out when they
// become samples. gopcua's own type costs nine allocations and 390 bytes a
// value, this one the bytes of the message, whatever they claim.
type dataChange struct {
	n      int    // values
	values []byte // n MonitoredItemNotifications
}

var _ ua.BinaryDecoder = (*dataChange)(nil)

// Decode takes over the body of an extension object. It fails where gopcua's
// own decoding does, and where that would panic or take more than there is; but
// not for the content of what never becomes a value, arrays and structures.
func (c *dataChange) Decode(b []byte) (int, error) {
	buf := ua.NewBuffer(b)
	n := buf.ReadUint32()
	if n == math.MaxUint32 {
		n = 0 // a null array
	}
	pos := buf.Pos()
	for range n { // an n that makes no sense ends with the bytes
		_, size, err := readEntry(b[pos:])
		if err != nil {
			return pos, err
		}
		pos += size
	}
	c.n = int(n)
	// b is part of a buffer that is as large as a message may be.
	c.values = bytes.Clone(b[buf.Pos():pos])
	rest := skimmer{b: b, pos: pos} // diagnostics, which nobody reads
	for range rest.length() {
		if rest.err != nil {
			break
		}
		rest.diagnosticInfo(0)
	}
	return rest.pos, rest.err
}

// An entry is one value of a notification as it came.
type entry struct {
	handle uint32
	dataValue
}

// readEntry reads the MonitoredItemNotification that b begins with and returns
// how long it is. The entry refers to b.
func readEntry(b []byte) (e entry, size int, err error) {
	if len(b) < 4 {
		return e, 0, io.ErrUnexpectedEOF
	}
	e.handle = binary.LittleEndian.Uint32(b)
	n, err := e.read(b[4:])
	return e, 4 + n, err
}
