package mqtt

import (
	"errors"
	"strconv"
	"strings"
)

// errPath is what parsePath answers to everything else.
var errPath = errors.New(`want a path such as total, counts.reject or lines[0].total, with \ before a dot or bracket that belongs to a name`)

// parsePath splits a path into the steps of a JSON lookup: names of fields and
// decimal indexes of arrays. "" has no steps.
func parsePath(s string) ([]string, error) {
	if s == "" {
		return nil, nil
	}
	var steps []string
	for s != "" {
		step, rest, err := nextStep(s, len(steps) == 0)
		if err != nil {
			return nil, err
		}
		steps, s = append(steps, step), rest
	}
	return steps, nil
}

// nextStep takes [index] or a name off s; a name that is not the first has a
// dot before it.
func nextStep(s string, first bool) (step, rest string, err error) {
	if s[0] == '[' {
		index, rest, ok := strings.Cut(s[1:], "]")
		n, err := strconv.ParseUint(index, 10, 31)
		if !ok || err != nil {
			return "", "", errPath
		}
		return strconv.FormatUint(n, 10), rest, nil
	}
	if !first {
		if s[0] != '.' {
			return "", "", errPath
		}
		s = s[1:]
	}
	var name strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			name.WriteByte(s[i])
		case c == '.' || c == '[':
			return name.String(), s[i:], emptyStep(name.Len())
		case c == ']' || c == '\\':
			return "", "", errPath
		default:
			name.WriteByte(c)
		}
	}
	return name.String(), "", emptyStep(name.Len())
}

func emptyStep(n int) error {
	if n == 0 {
		return errPath
	}
	return nil
}
