package opcua

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"andon/collector/opcua/skim"
)

// A part says where in the value of a node that of a tag lies: steps into
// arrays and structures, from the outside. An empty part is the whole value.
type part []step

// A step is a field of a structure or an element of an array.
type step struct {
	field string   // "" of an element
	index []uint32 // one number for each dimension, from 0
}

// maxDimensions bounds the dimensions of an array.
const maxDimensions = 8

var (
	partPattern = regexp.MustCompile(`^(?:[^.,;[\]]+|\[[0-9,]+\])(?:\.[^.,;[\]]+|\[[0-9,]+\])*$`)
	stepPattern = regexp.MustCompile(`[^.,;[\]]+|\[[0-9,]+\]`)
)

// parsePart reads the text form, such as [3].speed.
func parsePart(text string) (part, error) {
	wish := fmt.Errorf("part %.200q: want fields and indexes from 0, such as [3].speed or axes[1,2]", text)
	if !partPattern.MatchString(text) {
		return nil, wish
	}
	var p part
	for _, s := range stepPattern.FindAllString(text, -1) {
		inner, isIndex := strings.CutPrefix(s, "[")
		if !isIndex {
			p = append(p, step{field: s})
			continue
		}
		var index []uint32
		for n := range strings.SplitSeq(strings.TrimSuffix(inner, "]"), ",") {
			i, err := strconv.ParseUint(n, 10, 31)
			if err != nil || len(index) == maxDimensions {
				return nil, wish
			}
			index = append(index, uint32(i))
		}
		p = append(p, step{index: index})
	}
	if len(p) > skim.MaxDepth {
		return nil, wish
	}
	return p, nil
}

// String returns the text form that parsePart reads.
func (p part) String() string {
	var b strings.Builder
	for i, s := range p {
		if s.field != "" && i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s.String())
	}
	return b.String()
}

// String returns the step as it stands in a part.
func (s step) String() string {
	if s.field != "" {
		return s.field
	}
	numbers := make([]string, len(s.index))
	for i, n := range s.index {
		numbers[i] = strconv.FormatUint(uint64(n), 10)
	}
	return "[" + strings.Join(numbers, ",") + "]"
}

// hasField reports whether p goes into a structure.
func (p part) hasField() bool {
	for _, s := range p {
		if s.field != "" {
			return true
		}
	}
	return false
}
