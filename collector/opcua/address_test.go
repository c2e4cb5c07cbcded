package opcua

import "testing"

func TestAnAddressMayMeanAPartOfANode(t *testing.T) {
	for text, want := range map[string]struct{ part, node string }{
		"part=[3].speed;ns=2;s=Motors":             {"[3].speed", "ns=2;s=Motors"},
		"part=[1,2];nsu=urn:plant;i=1001":          {"[1,2]", "nsu=urn:plant;i=1001"},
		"part=speed;i=2258":                        {"speed", "i=2258"},
		"ns=2;s=part=[3];x":                        {"", "ns=2;s=part=[3];x"},
		"part=[0];ns=2;s=\"DB\".\"Feld\";[1];more": {"[0]", "ns=2;s=\"DB\".\"Feld\";[1];more"},
	} {
		a, err := parseAddress(text)
		if err != nil || a.part.String() != want.part || a.nodeName() != want.node {
			t.Errorf("%s: got part %q of %q, error %v, want %q of %q", text, a.part, a.nodeName(), err, want.part, want.node)
		}
	}
	for _, text := range []string{"part=;ns=2;s=Motors", "part=[3]", "part=[3].speed;Motors", "part=[x];ns=2;s=Motors", "part=[3];"} {
		if err := CheckAddress(text); err == nil {
			t.Errorf("%s: got no error", text)
		}
	}
}
