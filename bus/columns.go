package bus

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"

	"andon/plant"
)

// columns are the parts of an encoded batch; all point into the message.
type columns struct {
	owners, tags, times, kinds, floats, ints, uints, bools, statuses []byte

	texts      [][]byte
	contacts   []plant.Contact
	events     []plant.Event
	gaps       []plant.Gap
	known      []plant.Known
	backfilled bool
	dict       []*plant.Tag
	cut        bool // a column ended too early
}

// next takes the next number off a column; 0 when there is none.
func (c *columns) next(column *[]byte) uint64 {
	b := *column
	if len(b) > 0 && b[0] < 0x80 {
		*column = b[1:]
		return uint64(b[0])
	}
	v, n := protowire.ConsumeVarint(b)
	if n < 0 {
		c.cut, *column = true, nil
		return 0
	}
	*column = b[n:]
	return v
}

// check reports what does not add up after all samples were taken.
func (c *columns) check() error {
	left := len(c.owners) + len(c.times) + len(c.floats) + len(c.ints) + len(c.uints) + len(c.bools) + len(c.statuses) + len(c.texts)
	switch {
	case c.cut:
		return errTruncated
	case left > 0:
		return errors.New("more values than samples")
	}
	return nil
}

// packed returns where the column of that field goes, nil when it is not a
// packed one.
func (c *columns) packed(field protowire.Number) *[]byte {
	switch field {
	case fieldOwners:
		return &c.owners
	case fieldTags:
		return &c.tags
	case fieldTimes:
		return &c.times
	case fieldKinds:
		return &c.kinds
	case fieldFloats:
		return &c.floats
	case fieldInts:
		return &c.ints
	case fieldUints:
		return &c.uints
	case fieldBools:
		return &c.bools
	case fieldStatuses:
		return &c.statuses
	}
	return nil
}

// cut splits the first field off b. The part of a number is its encoding. A
// field of another type than these two, which no batch has, has number 0 and
// no part; so has a number that no batch has. rest is nil when the field is
// cut off.
func cut(b []byte) (field protowire.Number, part, rest []byte) {
	if len(b) > 1 && b[0] < 0x80 && b[0]&7 == byte(protowire.BytesType) && b[1] < 0x80 && int(b[1])+2 <= len(b) {
		end := int(b[1]) + 2
		return protowire.Number(b[0] >> 3), b[2:end:end], b[end:]
	}
	field, typ, n := protowire.ConsumeTag(b)
	if n < 0 {
		return 0, nil, nil
	}
	b = b[n:]
	switch {
	case typ == protowire.BytesType:
		part, n = protowire.ConsumeBytes(b)
	case typ == protowire.VarintType && field == fieldBackfilled:
		_, n = protowire.ConsumeVarint(b)
		part = b[:max(n, 0)]
	default:
		n = protowire.ConsumeFieldValue(field, typ, b)
		field = 0
	}
	if n < 0 {
		return 0, nil, nil
	}
	return field, part, b[n:]
}
