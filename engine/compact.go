package engine

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"

	"andon/production"
)

// A compact is a line as screens show it, without what is zero in it. The
// figures of one equipment have more than three kilobytes, most of it of
// orders, people, money and meters that it has not, and a plant has ten
// thousand of them: this takes a third. It is not changed once it is made.
type compact struct {
	n      int      // how many the line is: itself and its equipment
	fields []byte   // of each struct the numbers of its fields that are not zero, from 1, and their values; 0 ends it
	texts  []string // each once
	rest   []any    // pointers, lists and maps
}

// A compactor makes lines compact. Its buffers are used again for each.
type compactor struct {
	compact
	known map[string]int // indexes of texts
}

// make returns line without what is zero.
func (c *compactor) make(line []production.Live) *compact {
	if c.known == nil {
		c.known = map[string]int{}
	}
	clear(c.known)
	c.n, c.fields, c.texts, c.rest = len(line), c.fields[:0], c.texts[:0], c.rest[:0]
	for i := range line {
		c.add(reflect.ValueOf(&line[i]).Elem())
	}
	made := &compact{c.n, slices.Clone(c.fields), slices.Clone(c.texts), slices.Clone(c.rest)}
	clear(c.rest) // what they point to may go
	return made
}

// add adds a value that is not zero; a struct may be.
func (c *compactor) add(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); !f.IsZero() {
				c.fields = append(c.fields, byte(i+1))
				c.add(f)
			}
		}
		c.fields = append(c.fields, 0)
	case reflect.Bool:
	case reflect.Int, reflect.Int64:
		c.fields = binary.AppendVarint(c.fields, v.Int())
	case reflect.Uint8, reflect.Uint32, reflect.Uint64:
		c.fields = binary.AppendUvarint(c.fields, v.Uint())
	case reflect.Float64:
		c.fields = binary.LittleEndian.AppendUint64(c.fields, math.Float64bits(v.Float()))
	case reflect.String:
		text := v.String()
		at, ok := c.known[text]
		if !ok {
			at = len(c.texts)
			c.known[text], c.texts = at, append(c.texts, text)
		}
		c.fields = binary.AppendUvarint(c.fields, uint64(at))
	case reflect.Pointer, reflect.Map, reflect.Slice:
		c.rest = append(c.rest, v.Interface())
	default:
		panic(fmt.Sprintf("engine: a screen has a %s, which nobody thought of", v.Type()))
	}
}

// all yields what the line was made of until yield returns false, which all
// reports.
func (c *compact) all(yield func(production.Live) bool) bool {
	r := opening{fields: c.fields, texts: c.texts, rest: c.rest}
	for range c.n {
		var l production.Live
		r.fill(reflect.ValueOf(&l).Elem())
		if !yield(l) {
			return false
		}
	}
	return true
}

// An opening is how far a compact was read.
type opening struct {
	fields []byte
	texts  []string
	rest   []any
}

// fill reads the next value into v, which is zero.
func (o *opening) fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for {
			i := o.fields[0]
			o.fields = o.fields[1:]
			if i == 0 {
				return
			}
			o.fill(v.Field(int(i - 1)))
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		x, n := binary.Varint(o.fields)
		v.SetInt(x)
		o.fields = o.fields[n:]
	case reflect.Uint8, reflect.Uint32, reflect.Uint64:
		v.SetUint(o.uint())
	case reflect.Float64:
		v.SetFloat(math.Float64frombits(binary.LittleEndian.Uint64(o.fields)))
		o.fields = o.fields[8:]
	case reflect.String:
		v.SetString(o.texts[o.uint()])
	default:
		v.Set(reflect.ValueOf(o.rest[0]))
		o.rest = o.rest[1:]
	}
}

func (o *opening) uint() uint64 {
	x, n := binary.Uvarint(o.fields)
	o.fields = o.fields[n:]
	return x
}
