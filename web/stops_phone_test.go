package web_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
)

// TestOnAPhoneTheListComesFirst holds what was measured at 390 x 844 pixels:
// above the list lie only the choice of line and time and a strip.
func TestOnAPhoneTheListComesFirst(t *testing.T) {
	css, err := os.ReadFile("static/stops.css")
	if err != nil {
		t.Fatal(err)
	}
	_, phone, ok := strings.Cut(string(css), "@media (max-width: 700px) {")
	for _, rule := range []string{
		".review main > .sums, .review main > .sums ~ * { order: 1; }",
		".review main > .list { order: 0; }",
		".review .lanes { max-height: 64px;",
		".lanes .legend, .lanes .axis { display: none; }",
	} {
		if !ok || !strings.Contains(phone, rule) {
			t.Errorf("style of a phone: got no %q", rule)
		}
	}
	m := newMeeting(t, "packing")
	var order []string
	parsed(t, m.expect(m.asked(view(lineA)), http.StatusOK)).each(func(n node, above []node) {
		if len(above) > 0 && above[len(above)-1].XMLName.Local == "main" {
			order = append(order, strings.TrimSpace(n.XMLName.Local+" "+n.attr("class")))
		}
	})
	expectRows(t, "parts of the page", order[:5], "nav bar", "section lanes", "p sums whole", "section list", "section")
}
