package bus

import (
	"google.golang.org/protobuf/encoding/protowire"

	"andon/plant"
)

// The field numbers of batch.proto.
const (
	fieldEquipment protowire.Number = iota + 1
	fieldOwners
	fieldNames
	fieldTags
	fieldTimes
	fieldKinds
	fieldFloats
	fieldInts
	fieldUints
	fieldBools
	fieldTexts
	fieldStatuses
	fieldContacts
)

const (
	fieldContactSource protowire.Number = 1
	fieldContactTime   protowire.Number = 2
)

const (
	// maxSamples bounds a message, so that one commit stays short and a
	// reader's step small.
	maxSamples = 1000
	// maxMessage is the number of encoded bytes at which a message is closed.
	// With the longest text on top it stays below the 1 MiB that NATS
	// servers take unless told otherwise.
	maxMessage = 256 << 10
	// maxText is the longest text value kept, see badEncodingLimits.
	maxText = 128 << 10
	// maxContacts bounds the contacts of a message for the same reason.
	maxContacts = 1000
)

// badEncodingLimits is Bad_EncodingLimitsExceeded (OPC 10000-6, annex A): the
// sample stays, its value was too long for a message.
const badEncodingLimits plant.Status = 0x80080000

// A slot remembers where a tag, or an equipment, stands in the dictionary of
// the batch that is being built. It counts only when it is of this batch and
// of this very path: after a reload the tags of two trees share their IDs.
type slot struct {
	batch uint32
	index uint32
	path  string
}

// A dictionary numbers what it has not seen in this batch.
type dictionary struct {
	low   int               // the ID of the first slot
	slots []slot            // by ID
	other map[string]uint32 // what has no slot of its own
	count uint32
}

// add makes a slot for an ID that is no less than those before.
func (d *dictionary) add(id int) {
	if len(d.slots) == 0 {
		d.low = id
	}
	d.slots = append(d.slots, make([]slot, id-d.low+1-len(d.slots))...)
}

// index returns the number of what has that ID and path, and whether it is
// new and so the caller's to write.
func (d *dictionary) index(batch uint32, id int, path string) (uint32, bool) {
	if i := id - d.low; i >= 0 && i < len(d.slots) {
		s := &d.slots[i]
		if s.batch != batch {
			*s = slot{batch, d.count, path}
			d.count++
			return s.index, true
		}
		if s.path == path {
			return s.index, false
		}
	}
	i, ok := d.other[path]
	if !ok {
		i = d.count
		d.count++
		d.other[path] = i
	}
	return i, !ok
}

func (d *dictionary) reset() {
	clear(d.other)
	d.count = 0
}

// An encoder builds one batch after the other in buffers that it keeps. Each
// column grows in its own buffer, so that every sample is looked at once. It
// is not safe for concurrent use.
type encoder struct {
	batch     uint32
	equipment dictionary
	tag       dictionary

	owned, owners, names, tags, times, kinds    []byte
	floats, ints, uints, bools, texts, statuses []byte
	contacts                                    []byte

	samples    int
	nContacts  int
	last       plant.Instant
	kind       plant.Kind // of all samples so far, unless mixed
	mixed, bad bool       // kinds and statuses have an entry per sample
	oversized  int        // texts dropped since reset
}

// newEncoder returns an encoder for the tags of area, whose IDs follow one
// another; it takes others as well.
func newEncoder(area *plant.Area) *encoder {
	e := &encoder{batch: 1, equipment: dictionary{other: map[string]uint32{}}, tag: dictionary{other: map[string]uint32{}}}
	for _, line := range area.Lines {
		for _, eq := range line.Equipment {
			e.equipment.add(eq.ID)
			for _, t := range eq.Tags {
				e.tag.add(t.ID)
			}
		}
	}
	return e
}

// reset forgets the batch and keeps the buffers.
func (e *encoder) reset() {
	if e.batch++; e.batch == 0 { // wrapped round: old slots would seem new
		clear(e.equipment.slots)
		clear(e.tag.slots)
		e.batch = 1
	}
	e.equipment.reset()
	e.tag.reset()
	for _, c := range []*[]byte{&e.owned, &e.owners, &e.names, &e.tags, &e.times, &e.kinds, &e.floats, &e.ints, &e.uints, &e.bools,
		&e.texts, &e.statuses, &e.contacts} {
		*c = (*c)[:0]
	}
	e.samples, e.nContacts, e.last, e.oversized = 0, 0, 0, 0
	e.kind, e.mixed, e.bad = plant.KindNone, false, false
}

// full reports whether the batch should take no more samples.
func (e *encoder) full() bool {
	return e.samples >= maxSamples || e.nContacts >= maxContacts || e.size() >= maxMessage
}

// empty reports whether the batch holds nothing.
func (e *encoder) empty() bool { return e.samples == 0 && e.nContacts == 0 }

// size is the number of bytes that appendTo appends, but for column heads.
func (e *encoder) size() int {
	return len(e.owned) + len(e.owners) + len(e.names) + len(e.tags) + len(e.times) + len(e.kinds) + len(e.floats) + len(e.ints) +
		len(e.uints) + len(e.bools) + len(e.texts) + len(e.statuses) + len(e.contacts)
}

// add appends one sample.
func (e *encoder) add(s *plant.Sample) {
	v, status := s.Value, s.Status
	switch k := v.Kind(); {
	case k == plant.KindText:
		if text, _ := v.Text(); len(text) > maxText {
			v, status = plant.Value{}, badEncodingLimits
			e.oversized++
		}
	case k > plant.KindText:
		v = plant.Value{}
	}
	e.tags = protowire.AppendVarint(e.tags, uint64(e.index(s.Tag)))
	e.times = protowire.AppendVarint(e.times, protowire.EncodeZigZag(int64(s.Time-e.last)))
	e.last = s.Time
	e.addKind(v.Kind())
	e.addValue(v)
	if status != 0 && !e.bad {
		e.bad = true
		e.statuses = appendRepeated(e.statuses, 0, e.samples)
	}
	if e.bad {
		e.statuses = protowire.AppendVarint(e.statuses, uint64(status))
	}
	e.samples++
}

func (e *encoder) addKind(k plant.Kind) {
	switch {
	case e.samples == 0:
		e.kind = k
	case k != e.kind && !e.mixed:
		e.mixed = true
		e.kinds = appendRepeated(e.kinds, byte(e.kind), e.samples)
	}
	if e.mixed {
		e.kinds = append(e.kinds, byte(k))
	}
}

func (e *encoder) addValue(v plant.Value) {
	switch v.Kind() {
	case plant.KindFloat:
		e.floats = protowire.AppendFixed64(e.floats, v.Bits())
	case plant.KindInt:
		e.ints = protowire.AppendVarint(e.ints, protowire.EncodeZigZag(int64(v.Bits())))
	case plant.KindUint:
		e.uints = protowire.AppendVarint(e.uints, v.Bits())
	case plant.KindBool:
		b, _ := v.Bool()
		e.bools = protowire.AppendVarint(e.bools, protowire.EncodeBool(b))
	case plant.KindText:
		text, _ := v.Text()
		e.texts = protowire.AppendTag(e.texts, fieldTexts, protowire.BytesType)
		e.texts = protowire.AppendString(e.texts, text)
	}
}

// index returns the tag's place in the dictionary, which it enlarges when the
// tag is new in this batch.
func (e *encoder) index(t *plant.Tag) uint32 {
	i, fresh := e.tag.index(e.batch, t.ID, t.Path)
	if !fresh {
		return i
	}
	owner, fresh := e.equipment.index(e.batch, t.Equipment.ID, t.Equipment.Path)
	if fresh {
		e.owned = protowire.AppendTag(e.owned, fieldEquipment, protowire.BytesType)
		e.owned = protowire.AppendString(e.owned, t.Equipment.Path)
	}
	e.owners = protowire.AppendVarint(e.owners, uint64(owner))
	e.names = protowire.AppendTag(e.names, fieldNames, protowire.BytesType)
	e.names = protowire.AppendString(e.names, t.Name)
	return i
}

// addContact appends one contact.
func (e *encoder) addContact(c plant.Contact) {
	zz := protowire.EncodeZigZag(int64(c.Time))
	n := protowire.SizeTag(fieldContactSource) + protowire.SizeBytes(len(c.Source)) +
		protowire.SizeTag(fieldContactTime) + protowire.SizeVarint(zz)
	b := protowire.AppendTag(e.contacts, fieldContacts, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(n))
	b = protowire.AppendTag(b, fieldContactSource, protowire.BytesType)
	b = protowire.AppendString(b, c.Source)
	b = protowire.AppendTag(b, fieldContactTime, protowire.VarintType)
	e.contacts = protowire.AppendVarint(b, zz)
	e.nContacts++
}

// appendTo appends the encoded batch to dst.
func (e *encoder) appendTo(dst []byte) []byte {
	dst = append(dst, e.owned...)
	dst = appendColumn(dst, fieldOwners, e.owners)
	dst = append(dst, e.names...)
	dst = appendColumn(dst, fieldTags, e.tags)
	dst = appendColumn(dst, fieldTimes, e.times)
	if e.samples > 0 && !e.mixed {
		dst = appendColumn(dst, fieldKinds, []byte{byte(e.kind)})
	}
	dst = appendColumn(dst, fieldKinds, e.kinds)
	dst = appendColumn(dst, fieldFloats, e.floats)
	dst = appendColumn(dst, fieldInts, e.ints)
	dst = appendColumn(dst, fieldUints, e.uints)
	dst = appendColumn(dst, fieldBools, e.bools)
	dst = append(dst, e.texts...)
	dst = appendColumn(dst, fieldStatuses, e.statuses)
	return append(dst, e.contacts...)
}

func appendColumn(dst []byte, field protowire.Number, column []byte) []byte {
	if len(column) == 0 {
		return dst
	}
	dst = protowire.AppendTag(dst, field, protowire.BytesType)
	return protowire.AppendBytes(dst, column)
}

func appendRepeated(dst []byte, b byte, n int) []byte {
	for range n {
		dst = append(dst, b)
	}
	return dst
}
