package bus

import "google.golang.org/protobuf/encoding/protowire"

// A slot is where a tag, or an equipment, of the area stands in the dictionary
// of the batch that is being built. It counts only when it is of this batch.
type slot[T any] struct {
	of           *T
	path         string
	batch, index uint32
	start, end   uint32 // of its field in dictionary.fields
}

// A dictionary numbers what it has not seen in this batch.
type dictionary[T any] struct {
	low    int               // the ID of the first slot
	slots  []slot[T]         // by ID
	fields []byte            // what names them in a message, encoded once
	other  map[string]uint32 // what has no slot of its own, by path
	count  uint32
}

// add makes a slot for an ID that is no less than those before. A message
// names what it stands for in a field.
func (d *dictionary[T]) add(id int, s slot[T], field protowire.Number, name string) {
	if len(d.slots) == 0 {
		d.low = id
	}
	s.start = uint32(len(d.fields))
	d.fields = appendText(d.fields, field, name)
	s.end = uint32(len(d.fields))
	d.slots = append(d.slots, make([]slot[T], id-d.low+1-len(d.slots))...)
	d.slots[id-d.low] = s
}

// slot returns the slot of what has that ID and path, nil when it has none:
// after a change of the configuration the tags of two trees share their IDs.
func (d *dictionary[T]) slot(id int, of *T, path string) *slot[T] {
	i := id - d.low
	if i < 0 || i >= len(d.slots) {
		return nil
	}
	if s := &d.slots[i]; s.of == of || s.path == path {
		return s
	}
	return nil
}

// index returns the number of what has slot s, nil for none, and that path,
// and whether it is new in this batch and so the caller's to write.
func (d *dictionary[T]) index(batch uint32, s *slot[T], path string) (number uint32, fresh bool) {
	if s != nil {
		if s.batch == batch {
			return s.index, false
		}
		s.batch, s.index = batch, d.count
		d.count++
		return s.index, true
	}
	i, ok := d.other[path]
	if !ok {
		i = d.count
		d.count++
		d.other[path] = i
	}
	return i, !ok
}

// appendField appends what names the slot's own to dst.
func (d *dictionary[T]) appendField(dst []byte, s *slot[T]) []byte {
	return append(dst, d.fields[s.start:s.end]...)
}

func (d *dictionary[T]) reset() {
	clear(d.other)
	d.count = 0
}

// forget makes all slots look unused, for when the numbers of batches begin
// anew.
func (d *dictionary[T]) forget() {
	for i := range d.slots {
		d.slots[i].batch = 0
	}
}

func appendText(dst []byte, field protowire.Number, text string) []byte {
	return protowire.AppendString(protowire.AppendTag(dst, field, protowire.BytesType), text)
}
