package mqtt

import (
	"bytes"
	"math"
	"strconv"

	"andon/plant"
)

// parseScalar reads a number, true, false, on or off, without regard to case
// and to space around it. It is false for everything else.
func parseScalar(b []byte) (plant.Value, bool) {
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return plant.Value{}, false
	}
	if c := b[0]; c == '-' || c == '+' || c == '.' || c >= '0' && c <= '9' {
		return parseNumber(b)
	}
	switch {
	case asciiFold(b, "true"), asciiFold(b, "on"):
		return plant.Bool(true), true
	case asciiFold(b, "false"), asciiFold(b, "off"):
		return plant.Bool(false), true
	}
	return plant.Value{}, false
}

// asciiFold reports whether b is word, which is in lower case.
func asciiFold(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i, c := range b {
		if c|0x20 != word[i] {
			return false
		}
	}
	return true
}

// maxNumber is the longest number that is read; the longest float64 written
// out has fewer digits that matter.
const maxNumber = 400

// parseNumber reads a decimal number as plant.ParseNumber does, without
// allocating for the usual ones.
func parseNumber(b []byte) (plant.Value, bool) {
	if i, ok := parseInt(b); ok {
		return plant.Int(i), true
	}
	if len(b) > maxNumber {
		return plant.Value{}, false
	}
	decimal, float := false, false
	for _, c := range b {
		switch {
		case c == '.' || c == 'e' || c == 'E':
			float = true
		case c >= '0' && c <= '9':
			decimal = true
		case c != '-' && c != '+':
			return plant.Value{}, false // hexadecimal, NaN, 1_000
		}
	}
	if !decimal {
		return plant.Value{}, false
	}
	if float {
		f, err := strconv.ParseFloat(string(b), 64)
		return plant.Float(f), err == nil && !math.IsInf(f, 0)
	}
	v, err := plant.ParseNumber(string(b))
	return v, err == nil
}

// parseInt reads integers of up to 18 digits, which cannot overflow.
func parseInt(b []byte) (int64, bool) {
	digits := b
	if len(b) > 0 && b[0] == '-' {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		return 0, false
	}
	var n int64
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if len(digits) < len(b) {
		n = -n
	}
	return n, true
}
