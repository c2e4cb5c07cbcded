package influx

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"

	"andon/plant"
)

// countLines returns the number of lines in b.
func countLines(b []byte) int {
	n := 0
	for len(b) > 0 {
		b = b[lineLength(b):]
		n++
	}
	return n
}

// lineLength returns the length of the first line of b with its line end. A
// line end inside a quoted string is part of the string.
func lineLength(b []byte) int {
	i := skipSeries(b)
	for i < len(b) {
		switch b[i] {
		case '\\':
			i += 2
		case '\n':
			return i + 1
		case '=':
			i++
			if i < len(b) && b[i] == '"' {
				i += stringLength(b[i:])
			}
		default:
			i++
		}
	}
	return len(b)
}

// skipSeries returns the index of the space that ends measurement and tags,
// or of the line end when there is none. Quotes mean nothing before it.
func skipSeries(b []byte) int {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case ' ', '\n':
			return i
		}
	}
	return len(b)
}

// stringLength returns the length of the quoted string that b begins with.
func stringLength(b []byte) int {
	for i := 1; i < len(b); i++ {
		next := bytes.IndexAny(b[i:], `"\`)
		if next < 0 {
			return len(b)
		}
		i += next
		if b[i] == '"' {
			return i + 1
		}
		i++ // the escaped character
	}
	return len(b)
}

// middle returns where the second half of the lines of b begins; len(b) when
// b is a single line.
func middle(b []byte) int {
	at := lineLength(b)
	for at < len(b)/2 {
		next := at + lineLength(b[at:])
		if next == len(b) {
			break // the last line is the larger half
		}
		at = next
	}
	return at
}

// moveField returns a line of one field as the type that v says the field has
// or, when that cannot be without loss, under the name that values of another
// type have. It is nil when v is no conflict of that field's type.
func moveField(line []byte, v verdict) []byte {
	field, kind, ok := v.conflict()
	series := skipSeries(line)
	value := bytes.TrimPrefix(line[min(series+1, len(line)):], fieldKey(field))
	if !ok || len(value) == len(line)-series-1 {
		return nil
	}
	if number, rest, ok := convert(value, kind); ok {
		return slices.Concat(line[:series+1], fieldKey(field), number, rest)
	}
	return slices.Concat(line[:series+1], fieldKey(field+"_"+kindOf(value).String()), value)
}

// convert returns the number that b begins with as another kind, and what
// follows it.
func convert(b []byte, kind plant.Kind) (number, rest []byte, ok bool) {
	end := bytes.IndexAny(b, " \n")
	switch from := kindOf(b); {
	case end < 0:
	case from == plant.KindInt && kind == plant.KindFloat:
		n, err := strconv.ParseInt(string(b[:end-1]), 10, 64)
		return b[:end-1], b[end:], err == nil && -maxExactInt <= n && n <= maxExactInt
	case from == plant.KindFloat && kind == plant.KindInt:
		f, err := strconv.ParseFloat(string(b[:end]), 64)
		if err != nil || math.Trunc(f) != f || math.Abs(f) > maxExactInt {
			return nil, nil, false
		}
		return append(strconv.AppendInt(nil, int64(f), 10), 'i'), b[end:], true
	}
	return nil, nil, false
}

// kindOf returns the kind of the field value that b begins with.
func kindOf(b []byte) plant.Kind {
	switch end := bytes.IndexAny(b, " \n"); {
	case len(b) == 0:
		return plant.KindNone
	case b[0] == '"':
		return plant.KindText
	case strings.IndexByte("tfTF", b[0]) >= 0:
		return plant.KindBool
	case end > 0 && b[end-1] == 'i':
		return plant.KindInt
	}
	return plant.KindFloat
}

// splitFields returns a line of its own for each field of line.
func splitFields(line []byte) [][]byte {
	series := skipSeries(line)
	var fields [][]byte
	start, i := series+1, series+1
	for i < len(line) && line[i] != ' ' && line[i] != '\n' {
		switch line[i] {
		case '\\':
			i += 2
		case ',':
			fields = append(fields, line[start:i])
			i++
			start = i
		case '=':
			i++
			if i < len(line) && line[i] == '"' {
				i += stringLength(line[i:])
			}
		default:
			i++
		}
	}
	if i > len(line) || start >= i {
		return nil
	}
	fields = append(fields, line[start:i])
	for n, f := range fields {
		fields[n] = bytes.Join([][]byte{line[:series], {' '}, f, line[i:]}, nil)
	}
	return fields
}
