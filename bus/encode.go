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
	fieldEvents
	fieldGaps
	fieldBackfilled
	fieldKnown
)

const (
	fieldContactSource protowire.Number = 1
	fieldContactTime   protowire.Number = 2
)

const (
	// maxSamples bounds a message, so that one commit stays short and a
	// reader's step small. Samples that come together should share a message:
	// to store one costs as much as to take some hundred samples.
	maxSamples = 5000
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

// An encoder builds one batch after the other in buffers that it keeps. Each
// column grows in its own buffer, so that every sample is looked at once. It
// is not safe for concurrent use.
type encoder struct {
	batch     uint32
	equipment dictionary[plant.Equipment]
	tag       dictionary[plant.Tag]

	owned, owners, names, tags, times, kinds    []byte
	floats, ints, uints, bools, texts, statuses []byte
	contacts, events, gaps                      []byte // known times are with the gaps

	samples    int
	nContacts  int
	nEvents    int
	nGaps      int
	backfilled bool
	last       plant.Instant
	kind       plant.Kind // of all samples so far, unless mixed
	mixed, bad bool       // kinds and statuses have an entry per sample
	oversized  int        // texts dropped since reset
	altered    bool       // it reads back otherwise than it was given: with other tags, or without a value

	owner   *plant.Equipment // the last one that was numbered in this batch
	ownerAt uint32           // its number
}

// newEncoder returns an encoder for the tags of area, whose IDs follow one
// another; it takes others as well.
func newEncoder(area *plant.Area) *encoder {
	e := &encoder{batch: 1}
	e.equipment.other, e.tag.other = map[string]uint32{}, map[string]uint32{}
	for _, line := range area.Lines {
		for _, eq := range line.Equipment {
			e.equipment.add(eq.ID, slot[plant.Equipment]{of: eq, path: eq.Path}, fieldEquipment, eq.Path)
			for _, t := range eq.Tags {
				e.tag.add(t.ID, slot[plant.Tag]{of: t, path: t.Path}, fieldNames, t.Name)
			}
		}
	}
	return e
}

// reset forgets the batch and keeps the buffers.
func (e *encoder) reset() {
	if e.batch++; e.batch == 0 { // wrapped round: old slots would seem new
		e.equipment.forget()
		e.tag.forget()
		e.batch = 1
	}
	e.equipment.reset()
	e.tag.reset()
	for _, c := range []*[]byte{&e.owned, &e.owners, &e.names, &e.tags, &e.times, &e.kinds, &e.floats, &e.ints, &e.uints, &e.bools,
		&e.texts, &e.statuses, &e.contacts, &e.events, &e.gaps} {
		*c = (*c)[:0]
	}
	e.samples, e.nContacts, e.nEvents, e.nGaps, e.last, e.oversized = 0, 0, 0, 0, 0, 0
	e.kind, e.mixed, e.bad = plant.KindNone, false, false
	e.altered, e.backfilled, e.owner = false, false, nil
}

// full reports whether the batch should take no more samples.
func (e *encoder) full() bool {
	return e.samples >= maxSamples || e.nContacts >= maxContacts || e.nEvents >= maxEvents || e.nGaps >= maxGaps || e.size() >= maxMessage
}

// empty reports whether the batch holds nothing.
func (e *encoder) empty() bool {
	return e.samples == 0 && e.nContacts == 0 && e.nEvents == 0 && e.nGaps == 0
}

// size is the number of bytes that appendTo appends, but for column heads.
func (e *encoder) size() int {
	return len(e.owned) + len(e.owners) + len(e.names) + len(e.tags) + len(e.times) + len(e.kinds) + len(e.floats) + len(e.ints) +
		len(e.uints) + len(e.bools) + len(e.texts) + len(e.statuses) + len(e.contacts) + len(e.events) + len(e.gaps)
}

// addSamples appends samples until the batch is full and returns how many.
func (e *encoder) addSamples(samples []plant.Sample) int {
	for i := range samples {
		if e.full() {
			return i
		}
		e.add(&samples[i])
	}
	return len(samples)
}

// addContacts appends contacts until the batch is full and returns how many.
func (e *encoder) addContacts(contacts []plant.Contact) int {
	for i, c := range contacts {
		if e.full() {
			return i
		}
		e.addContact(c)
	}
	return len(contacts)
}

// add appends one sample.
func (e *encoder) add(s *plant.Sample) {
	v, status := s.Value, s.Status
	switch k := v.Kind(); {
	case k == plant.KindText:
		if text, _ := v.Text(); len(text) > maxText {
			v, status = plant.Value{}, badEncodingLimits
			e.oversized++
			e.altered = true
		}
	case k > plant.KindText:
		v, e.altered = plant.Value{}, true
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
		e.texts = appendText(e.texts, fieldTexts, text)
	}
}

// index returns the tag's place in the dictionary, which it enlarges when the
// tag is new in this batch.
func (e *encoder) index(t *plant.Tag) uint32 {
	s := e.tag.slot(t.ID, t, t.Path)
	i, fresh := e.tag.index(e.batch, s, t.Path)
	if s == nil || s.of != t {
		e.altered = true
	}
	if !fresh {
		return i
	}
	e.owners = protowire.AppendVarint(e.owners, uint64(e.ownerOf(t)))
	if s == nil {
		e.names = appendText(e.names, fieldNames, t.Name)
	} else {
		e.names = e.tag.appendField(e.names, s)
	}
	return i
}

// ownerOf returns the place of the tag's equipment. The tags of one equipment
// mostly come together.
func (e *encoder) ownerOf(t *plant.Tag) uint32 {
	eq := t.Equipment
	if eq == e.owner {
		return e.ownerAt
	}
	s := e.equipment.slot(eq.ID, eq, eq.Path)
	i, fresh := e.equipment.index(e.batch, s, eq.Path)
	switch {
	case fresh && s == nil:
		e.owned = appendText(e.owned, fieldEquipment, eq.Path)
	case fresh:
		e.owned = e.equipment.appendField(e.owned, s)
	}
	e.owner, e.ownerAt = eq, i
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
	dst = append(dst, e.contacts...)
	dst = append(dst, e.events...)
	return append(e.appendBackfilled(dst), e.gaps...)
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
