package bus

import (
	"encoding/binary"
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"andon/plant"
)

const (
	// maxDecoded bounds each list of a message that is read. It is above what is written, for what later versions may
	// write, and keeps a corrupt message from taking the memory.
	maxDecoded = 16_000
	// maxPath is the longest tag path taken.
	maxPath = 1024
	// maxCache bounds what a decoder remembers of tags outside its tree and
	// of texts; it forgets all when full.
	maxCache = 8192
	// maxCachedText is the longest text worth remembering, such as the words
	// of a state.
	maxCachedText = 32
)

var (
	errTruncated = errors.New("message is cut off")
	errTooMany   = fmt.Errorf("more than %d entries", maxDecoded)
)

// A decoder reads batches. It remembers tags and short texts, so that they are
// not looked up or built again for each message. It is not safe for concurrent
// use.
type decoder struct {
	tree     *plant.Tree
	known    map[string]*plant.Tag // tags of tree, at most as many
	detached map[string]*plant.Tag
	texts    map[string]string
	dict     []*plant.Tag // the dictionary of the present batch, before that of the last
	path     []byte       // scratch

	equipment, names, values [][]byte // of the present batch, pointing into it
	resolved                 []place  // by number in equipment
}

func newDecoder(tree *plant.Tree) *decoder {
	return &decoder{tree: tree, known: map[string]*plant.Tag{}, detached: map[string]*plant.Tag{}, texts: map[string]string{}}
}

// A content is what a message of telemetry says.
type content struct {
	samples    []plant.Sample
	contacts   []plant.Contact
	events     []plant.Event
	gaps       []plant.Gap
	known      []plant.Known
	backfilled bool // the samples are
}

// decode reads the batch in b. The result shares no memory with b or the
// decoder.
func (d *decoder) decode(b []byte) (content, error) {
	var c columns
	d.equipment, d.names, d.values = d.equipment[:0], d.names[:0], d.values[:0]
	for len(b) > 0 {
		field, part, rest := cut(b)
		if rest == nil {
			return content{}, errTruncated
		}
		b = rest
		if err := d.take(&c, field, part); err != nil {
			return content{}, err
		}
	}
	if err := d.resolve(&c); err != nil {
		return content{}, err
	}
	samples, err := d.samples(&c)
	if err != nil {
		return content{}, err
	}
	return content{samples, c.contacts, c.events, c.gaps, c.known, c.backfilled}, nil
}

// take stores one field of a batch.
func (d *decoder) take(c *columns, field protowire.Number, part []byte) error {
	switch field {
	case fieldEquipment:
		return keep(&d.equipment, part)
	case fieldNames:
		return keep(&d.names, part)
	case fieldTexts:
		return keep(&d.values, part)
	case fieldContacts:
		if len(c.contacts) >= maxDecoded {
			return errTooMany
		}
		return d.addContact(c, part)
	case fieldEvents:
		if len(c.events) >= maxDecoded {
			return errTooMany
		}
		return d.addEvent(c, part)
	case fieldGaps:
		return d.addGap(c, part)
	case fieldKnown:
		return d.addKnown(c, part)
	case fieldBackfilled:
		v, _ := protowire.ConsumeVarint(part)
		c.backfilled = v != 0
		return nil
	}
	column := c.packed(field)
	if column == nil {
		return nil
	}
	if *column != nil {
		return fmt.Errorf("column %d occurs twice", field)
	}
	*column = part
	return nil
}

func keep(list *[][]byte, part []byte) error {
	if len(*list) >= maxDecoded {
		return errTooMany
	}
	*list = append(*list, part)
	return nil
}

func (d *decoder) addContact(c *columns, b []byte) error {
	var contact plant.Contact
	for len(b) > 0 {
		field, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errTruncated
		}
		b = b[n:]
		if n = protowire.ConsumeFieldValue(field, typ, b); n < 0 {
			return errTruncated
		}
		switch {
		case field == fieldContactSource && typ == protowire.BytesType:
			source, _ := protowire.ConsumeBytes(b)
			contact.Source = d.text(source)
		case field == fieldContactTime && typ == protowire.VarintType:
			v, _ := protowire.ConsumeVarint(b)
			contact.Time = plant.Instant(protowire.DecodeZigZag(v))
		}
		b = b[n:]
	}
	c.contacts = append(c.contacts, contact)
	return nil
}

// text returns b as a string, the same one for the same short text.
func (d *decoder) text(b []byte) string {
	if len(b) > maxCachedText {
		return string(b)
	}
	if t, ok := d.texts[string(b)]; ok {
		return t
	}
	if len(d.texts) >= maxCache {
		clear(d.texts)
	}
	t := string(b)
	d.texts[t] = t
	return t
}

// samples puts the columns together.
func (d *decoder) samples(c *columns) ([]plant.Sample, error) {
	n := 0
	for _, b := range c.tags {
		if b < 0x80 { // the last byte of a number
			n++
		}
	}
	if n > maxDecoded {
		return nil, fmt.Errorf("%d samples, more than %d", n, maxDecoded)
	}
	if n == 0 {
		return nil, c.check()
	}
	if k := len(c.kinds); k != 1 && k != n {
		return nil, fmt.Errorf("%d kinds for %d samples", k, n)
	}
	samples := make([]plant.Sample, n)
	if err := d.fill(c, samples); err != nil {
		return nil, err
	}
	return samples, c.check()
}

func (d *decoder) fill(c *columns, samples []plant.Sample) error {
	kind, mixed := plant.Kind(c.kinds[0]), len(c.kinds) > 1
	statuses := c.statuses != nil
	last := plant.Instant(0)
	for i := range samples {
		s := &samples[i]
		index := c.next(&c.tags)
		if index >= uint64(len(c.dict)) {
			return fmt.Errorf("tag %d of %d", index, len(c.dict))
		}
		s.Tag = c.dict[index]
		last += plant.Instant(protowire.DecodeZigZag(c.next(&c.times)))
		s.Time = last
		if mixed {
			kind = plant.Kind(c.kinds[i])
		}
		if kind == plant.KindFloat && len(c.floats) >= 8 { // most of them, without the call
			s.Value = plant.FromBits(kind, binary.LittleEndian.Uint64(c.floats))
			c.floats = c.floats[8:]
		} else if err := d.value(c, kind, &s.Value); err != nil {
			return err
		}
		if statuses {
			s.Status = plant.Status(c.next(&c.statuses))
		}
	}
	return nil
}

// value takes the next value of kind k off its column.
func (d *decoder) value(c *columns, k plant.Kind, v *plant.Value) error {
	switch k {
	case plant.KindNone:
	case plant.KindFloat:
		return errTruncated // fill takes them as long as there are any
	case plant.KindInt:
		*v = plant.Int(protowire.DecodeZigZag(c.next(&c.ints)))
	case plant.KindUint:
		*v = plant.Uint(c.next(&c.uints))
	case plant.KindBool:
		*v = plant.Bool(c.next(&c.bools) != 0)
	case plant.KindText:
		if len(c.texts) == 0 {
			return errTruncated
		}
		*v = plant.Text(d.text(c.texts[0]))
		c.texts = c.texts[1:]
	default:
		return fmt.Errorf("kind %d is not known", k)
	}
	return nil
}
