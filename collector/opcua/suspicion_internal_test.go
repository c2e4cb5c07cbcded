package opcua

import "testing"

func TestOnlyASizeOnWhichAServerHangsUpTwiceIsTooLarge(t *testing.T) {
	type call struct {
		n    int
		cut  bool
		want int // calls may have afterwards
	}
	for name, calls := range map[string][]call{
		"twice":                       {{400, true, 1000}, {400, true, 200}, {200, true, 200}, {200, true, 100}},
		"a link that fails":           {{400, true, 1000}, {400, false, 1000}, {400, true, 1000}},
		"a smaller call proves none":  {{400, true, 1000}, {300, false, 1000}, {400, true, 200}},
		"two calls end with the link": {{400, true, 1000}, {300, true, 1000}, {400, true, 200}},
		"few are never too many":      {{25, true, 1000}, {25, true, 1000}},
	} {
		var s suspicion
		most := 1000
		for i, c := range calls {
			if c.cut {
				most = s.hungUp(c.n, most)
			} else {
				s.bore(c.n)
			}
			if most != c.want {
				t.Errorf("%s, call %d: got %d at most, want %d", name, i+1, most, c.want)
			}
		}
	}
}
