package influx

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"andon/plant"
)

// A Label is one tag of a point in InfluxDB's sense: part of its identity.
// Its values must be bounded in number, such as names of equipment.
type Label struct {
	Key, Value string
}

// A Field is one value of a point.
type Field struct {
	Key   string
	Value plant.Value
}

// A Point is one row of a measurement. Measurement, Tags and Time are its
// identity: a second one replaces the fields it has.
type Point struct {
	Measurement string
	Tags        []Label // in any order
	Fields      []Field
	Time        plant.Instant // nanoseconds UTC
}

// AppendPoint appends p to dst as one line of line protocol with its line
// end. Tags are sorted; empty ones are left out, as InfluxDB has none. Values
// that line protocol cannot hold (none, NaN, infinite, unsigned above int64)
// are left out; without any field left, nothing is appended. Control
// characters and backslashes in names become underscores.
func AppendPoint(dst []byte, p Point) []byte {
	start := len(dst)
	dst = appendSeries(dst, p.Measurement, p.Tags)
	separator := byte(' ')
	for _, f := range p.Fields {
		if !writable(f.Value) {
			continue
		}
		dst = append(dst, separator)
		dst = appendKey(dst, cleanName(f.Key))
		dst = appendValue(append(dst, '='), f.Value)
		separator = ','
	}
	if separator == ' ' {
		return dst[:start]
	}
	return appendTime(dst, p.Time)
}

// appendSeries appends measurement and tags: everything up to the space
// before the fields.
func appendSeries(dst []byte, measurement string, tags []Label) []byte {
	labels := make([]Label, 0, len(tags))
	for _, l := range tags {
		if l.Value != "" {
			labels = append(labels, Label{cleanName(l.Key), cleanName(l.Value)})
		}
	}
	slices.SortStableFunc(labels, func(a, b Label) int { return strings.Compare(a.Key, b.Key) })
	labels = slices.CompactFunc(labels, func(a, b Label) bool { return a.Key == b.Key })
	var enc lineprotocol.Encoder
	enc.SetBuffer(dst)
	enc.StartLine(cleanName(measurement))
	for _, l := range labels {
		enc.AddTag(l.Key, l.Value)
	}
	return enc.Bytes()
}

// appendTime ends a line.
func appendTime(dst []byte, at plant.Instant) []byte {
	dst = append(dst, ' ')
	dst = strconv.AppendInt(dst, int64(at), 10)
	return append(dst, '\n')
}

// appendKey appends a field's key with its metacharacters escaped.
func appendKey(dst []byte, key string) []byte {
	for i := range len(key) {
		switch key[i] {
		case ',', '=', ' ':
			dst = append(dst, '\\')
		}
		dst = append(dst, key[i])
	}
	return dst
}

// writable reports whether line protocol can hold v.
func writable(v plant.Value) bool {
	switch v.Kind() {
	case plant.KindNone:
		return false
	case plant.KindUint:
		return v.Bits() <= math.MaxInt64
	case plant.KindFloat:
		return finite(v.Bits())
	}
	return true
}

// finite reports whether the float64 with those bits is a number.
func finite(bits uint64) bool { return bits>>52&0x7ff != 0x7ff }

// maxShortFloat bounds the whole floats that are written as integers are:
// each has one exact spelling of at most 15 digits.
const maxShortFloat = 1e15

// appendValue appends a writable v. Unsigned integers are written as signed
// ones, which every InfluxDB has.
func appendValue(dst []byte, v plant.Value) []byte {
	switch v.Kind() {
	case plant.KindBool:
		return strconv.AppendBool(dst, v.Bits() != 0)
	case plant.KindInt, plant.KindUint:
		dst = strconv.AppendInt(dst, int64(v.Bits()), 10)
		return append(dst, 'i')
	case plant.KindFloat:
		return appendFloat(dst, math.Float64frombits(v.Bits()))
	case plant.KindText:
		text, _ := v.Text()
		return appendText(dst, text)
	}
	return dst
}

// appendFloat writes the shortest text that reads back as f. Whole numbers
// take a way five times as fast.
func appendFloat(dst []byte, f float64) []byte {
	if whole := int64(f); float64(whole) == f && math.Abs(f) < maxShortFloat {
		return strconv.AppendInt(dst, whole, 10)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64)
}

// appendText writes a quoted string. Only the quote and the backslash are
// escaped: servers take line ends as they are and know no other escape.
func appendText(dst []byte, text string) []byte {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, string(utf8.RuneError))
	}
	dst = append(dst, '"')
	for {
		i := strings.IndexAny(text, `"\`)
		if i < 0 {
			break
		}
		dst = append(dst, text[:i]...)
		dst = append(dst, '\\', text[i])
		text = text[i+1:]
	}
	dst = append(dst, text...)
	return append(dst, '"')
}

// cleanName makes s fit for a measurement, a tag or a field's key. Control
// characters and bytes that are not UTF-8 cannot be written; servers differ
// in how they read a backslash; a leading # would make the line a comment.
func cleanName(s string) string {
	clean := func(r rune) rune {
		if r == '\\' || r == utf8.RuneError || unicode.IsControl(r) {
			return '_'
		}
		return r
	}
	s = strings.Map(clean, s)
	switch {
	case s == "":
		return "_"
	case s[0] == '#':
		return "_" + s[1:]
	}
	return s
}
