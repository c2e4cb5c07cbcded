package setting_test

import (
	"strings"
	"testing"

	"andon/plant/setting"
)

func TestNamesThatMayBeMeantAreNear(t *testing.T) {
	for _, x := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"oee", "oee", 0}, {"listen", "lisen", 1}, {"oee_indx", "oee_index", 1}, {"abc", "", 3}, {"kitten", "sitting", 3}, {strings.Repeat("x", 5000), "", 100}} {
		if got := setting.Distance(x.a, x.b); got != x.want || setting.Distance(x.b, x.a) != got {
			t.Errorf("%.10q and %q: got %d, want %d both ways", x.a, x.b, got, x.want)
		}
	}
}
