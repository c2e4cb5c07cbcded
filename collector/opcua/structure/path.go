package structure

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"andon/collector/opcua/skim"
)

// A Path says where in the value of a node that of a tag lies: steps into
// arrays and structures, from the outside. An empty path is the whole value.
type Path []Step

// A Step is a field of a structure or an element of an array.
type Step struct {
	Field string   // its name, "" of an element
	Index []uint32 // one number for each dimension, from 0
}

// maxDimensions bounds the dimensions of an array.
const maxDimensions = 8

var (
	pathPattern = regexp.MustCompile(`^(?:[^.,;[\]]+|\[[0-9,]+\])(?:\.[^.,;[\]]+|\[[0-9,]+\])*$`)
	stepPattern = regexp.MustCompile(`[^.,;[\]]+|\[[0-9,]+\]`)
)

// ParsePath reads the text form, such as [3].speed. An error says what it must
// look like.
func ParsePath(text string) (Path, error) {
	wish := fmt.Errorf("part %.200q: want fields and indexes from 0, such as [3].speed or axes[1,2]", text)
	if !pathPattern.MatchString(text) {
		return nil, wish
	}
	var p Path
	for _, s := range stepPattern.FindAllString(text, -1) {
		inner, isIndex := strings.CutPrefix(s, "[")
		if !isIndex {
			p = append(p, Step{Field: s})
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
		p = append(p, Step{Index: index})
	}
	if len(p) > skim.MaxDepth {
		return nil, wish
	}
	return p, nil
}

// String returns the text form that ParsePath reads.
func (p Path) String() string {
	var b strings.Builder
	for i, s := range p {
		if s.Field != "" && i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s.String())
	}
	return b.String()
}

// String returns the step as it stands in a path.
func (s Step) String() string {
	if s.Field != "" {
		return s.Field
	}
	numbers := make([]string, len(s.Index))
	for i, n := range s.Index {
		numbers[i] = strconv.FormatUint(uint64(n), 10)
	}
	return "[" + strings.Join(numbers, ",") + "]"
}

// HasField reports whether p goes into a structure.
func (p Path) HasField() bool {
	for _, s := range p {
		if s.Field != "" {
			return true
		}
	}
	return false
}
