package bus

import (
	"google.golang.org/protobuf/encoding/protowire"

	"andon/plant"
)

// The field numbers of a Gap in batch.proto.
const (
	fieldGapArea protowire.Number = iota + 1
	fieldGapSource
	fieldGapFrom
	fieldGapTo
	fieldGapCause
	fieldGapTags
)

// The field numbers of a Known in batch.proto.
const (
	fieldKnownEquipment protowire.Number = iota + 1
	fieldKnownFrom
	fieldKnownTo
)

// maxGaps bounds the gaps and the known times of a message together, as
// maxSamples does samples.
const maxGaps = 1000

// begin says whether the samples that come next are backfilled; it is false
// when the batch has others already.
func (e *encoder) begin(backfilled bool) bool {
	if e.samples == 0 {
		e.backfilled = backfilled
	}
	return e.backfilled == backfilled
}

// addGaps appends gaps until the batch is full and returns how many.
func (e *encoder) addGaps(gaps []plant.Gap) int {
	for i := range gaps {
		if e.full() {
			return i
		}
		g := &gaps[i]
		b := appendText(nil, fieldGapArea, g.Area)
		b = appendText(b, fieldGapSource, g.Source)
		b = appendInterval(b, fieldGapFrom, g.Interval)
		b = appendText(b, fieldGapCause, string(g.Cause))
		b = protowire.AppendTag(b, fieldGapTags, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(g.Tags))
		e.addGap(fieldGaps, b)
	}
	return len(gaps)
}

// addKnown appends known times until the batch is full and returns how many.
func (e *encoder) addKnown(known []plant.Known) int {
	for i := range known {
		if e.full() {
			return i
		}
		b := appendText(nil, fieldKnownEquipment, known[i].Equipment)
		e.addGap(fieldKnown, appendInterval(b, fieldKnownFrom, known[i].Interval))
	}
	return len(known)
}

func (e *encoder) addGap(field protowire.Number, b []byte) {
	e.gaps = protowire.AppendBytes(protowire.AppendTag(e.gaps, field, protowire.BytesType), b)
	e.nGaps++
}

// appendInterval appends the ends of v as the fields from and from+1.
func appendInterval(b []byte, from protowire.Number, v plant.Interval) []byte {
	b = protowire.AppendTag(b, from, protowire.VarintType)
	b = protowire.AppendVarint(b, protowire.EncodeZigZag(int64(v.From)))
	b = protowire.AppendTag(b, from+1, protowire.VarintType)
	return protowire.AppendVarint(b, protowire.EncodeZigZag(int64(v.To)))
}

// appendBackfilled appends the mark of samples of the past.
func (e *encoder) appendBackfilled(dst []byte) []byte {
	if !e.backfilled {
		return dst
	}
	dst = protowire.AppendTag(dst, fieldBackfilled, protowire.VarintType)
	return protowire.AppendVarint(dst, 1)
}

// addGap reads one gap of a batch.
func (d *decoder) addGap(c *columns, b []byte) error {
	if len(c.gaps) >= maxDecoded {
		return errTooMany
	}
	var g plant.Gap
	err := eachField(b, func(field protowire.Number, text []byte, number uint64) {
		switch field {
		case fieldGapArea:
			g.Area = d.text(text)
		case fieldGapSource:
			g.Source = d.text(text)
		case fieldGapFrom:
			g.From = plant.Instant(protowire.DecodeZigZag(number))
		case fieldGapTo:
			g.To = plant.Instant(protowire.DecodeZigZag(number))
		case fieldGapCause:
			g.Cause = plant.GapCause(d.text(text))
		case fieldGapTags:
			g.Tags = int(uint32(number))
		}
	})
	c.gaps = append(c.gaps, g)
	return err
}

// addKnown reads one known time of a batch.
func (d *decoder) addKnown(c *columns, b []byte) error {
	if len(c.known) >= maxDecoded {
		return errTooMany
	}
	var k plant.Known
	err := eachField(b, func(field protowire.Number, text []byte, number uint64) {
		switch field {
		case fieldKnownEquipment:
			k.Equipment = d.text(text)
		case fieldKnownFrom:
			k.From = plant.Instant(protowire.DecodeZigZag(number))
		case fieldKnownTo:
			k.To = plant.Instant(protowire.DecodeZigZag(number))
		}
	})
	c.known = append(c.known, k)
	return err
}

// eachField calls f for the fields of an embedded message: a text or a number,
// nothing of those of other types.
func eachField(b []byte, f func(field protowire.Number, text []byte, number uint64)) error {
	for len(b) > 0 {
		field, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errTruncated
		}
		b = b[n:]
		if n = protowire.ConsumeFieldValue(field, typ, b); n < 0 {
			return errTruncated
		}
		switch typ {
		case protowire.BytesType:
			text, _ := protowire.ConsumeBytes(b)
			f(field, text, 0)
		case protowire.VarintType:
			number, _ := protowire.ConsumeVarint(b)
			f(field, nil, number)
		}
		b = b[n:]
	}
	return nil
}
