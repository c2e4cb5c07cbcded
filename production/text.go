package production

import (
	"strings"
	"unicode/utf8"
)

// maxText bounds in bytes what is kept of a text that a tag gives: a product,
// an order or a code. It goes into every segment and count.
const maxText = 256

// shortText returns s as valid UTF-8 without NUL, cut to maxText bytes.
func shortText(s string) string {
	if len(s) <= maxText && utf8.ValidString(s) && !strings.Contains(s, "\x00") {
		return s
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
