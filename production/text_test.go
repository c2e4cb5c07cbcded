package production_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"andon/plant"
)

func TestTextsOfTagsAreCutToAValidLength(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("0:00", "M1/product", "x"+strings.Repeat("é", 5000))
	s.say("1:00", "M1/reason", "bad\xff\x00"+strings.Repeat("z", 5000))
	s.say("1:00", "M1/state", 2)
	s.till("5:00")
	for _, seg := range s.area.Facts(s.eq("M1"), plant.Interval{From: s.start, To: s.now}).Segments {
		for _, text := range []string{seg.Product, seg.Order, seg.Reason} {
			if len(text) > 256 || !utf8.ValidString(text) || strings.Contains(text, "\x00") {
				t.Errorf("got a text of %d bytes, %.20q, want at most 256 of UTF-8", len(text), text)
			}
		}
	}
}
