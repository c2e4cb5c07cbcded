package browse

import (
	"fmt"
	"hash/fnv"
	"strings"
)

// maxName is how long a name of equipment or of a tag may be.
const maxName = 64

// isName reports whether text may be a name in a plant.
func isName(text string) bool { return text != "" && nameOf(text) == text }

// nameOf makes a name for a plant of a browse name: other characters than
// letters, digits, _ and - become _, several in a row one. What is too long
// ends in digits made of the whole, so that two stay different.
func nameOf(text string) string {
	var b strings.Builder
	gap := false
	for _, r := range text {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			if gap && b.Len() > 0 {
				b.WriteByte('_')
			}
			gap = false
			b.WriteRune(r)
			continue
		}
		gap = true
	}
	name := strings.TrimLeft(b.String(), "_-")
	switch {
	case name == "":
		return "x" + digest(text)
	case len(name) > maxName:
		return name[:maxName-9] + "_" + digest(text)
	}
	return name
}

// digest returns eight digits made of text.
func digest(text string) string {
	h := fnv.New32a()
	h.Write([]byte(text))
	return fmt.Sprintf("%08x", h.Sum32())
}
