package address

import "testing"

func TestAnAddressMayMeanAPartOfANode(t *testing.T) {
	for text, want := range map[string]struct{ part, node string }{
		"part=[3].speed;ns=2;s=Motors":             {"[3].speed", "ns=2;s=Motors"},
		"part=[1,2];nsu=urn:plant;i=1001":          {"[1,2]", "nsu=urn:plant;i=1001"},
		"part=speed;i=2258":                        {"speed", "i=2258"},
		"ns=2;s=part=[3];x":                        {"", "ns=2;s=part=[3];x"},
		"part=[0];ns=2;s=\"DB\".\"Feld\";[1];more": {"[0]", "ns=2;s=\"DB\".\"Feld\";[1];more"},
	} {
		a, err := Parse(text)
		if err != nil || a.Part.String() != want.part || a.NodeName() != want.node {
			t.Errorf("%s: got part %q of %q, error %v, want %q of %q", text, a.Part, a.NodeName(), err, want.part, want.node)
		}
	}
	for _, text := range []string{"part=;ns=2;s=Motors", "part=[3]", "part=[3].speed;Motors", "part=[x];ns=2;s=Motors", "part=[3];"} {
		if err := Check(text); err == nil {
			t.Errorf("%s: got no error", text)
		}
	}
}

func TestAddressesAreNodeIDs(t *testing.T) {
	for text, ok := range map[string]bool{
		"ns=2;s=LineA.A1.Status.StateCurrent": true,
		"ns=3;i=1001":                         true,
		"i=2258":                              true,
		"ns=2;g=AAAABBBB-CCDD-EEFF-0101-0123456789AB": true,
		"ns=2;b=cHJlc3M=":                          true,
		"nsu=urn:northfield:plant;s=LineA.A1":      true,
		"nsu=http://northfield.example/press/;i=7": true,
		"ns=2;s=a;b=c":                             true,
		"":                                         false,
		"LineA.A1.State":                           false,
		"ns=2;LineA.A1":                            false,
		"ns=99999;s=x":                             false,
		"ns=2;i=x":                                 false,
		"timestamp=server;ns=2;s=LineA.A1.State":   true,
		"timestamp=source;nsu=urn:plant;i=7":       true,
		"timestamp=;ns=2;s=LineA.A1.State":         false,
		"timestamp=both;ns=2;s=LineA.A1.State":     false,
		"timestamp=server;part=[0];ns=2;s=LineA":   false,
		"timestamp=server":                         false,
		"ns=2;b=%%":                                false,
		"nsu=;s=x":                                 false,
		"northfield/packing/lineA/A3/state":        false,
	} {
		if err := Check(text); (err == nil) != ok {
			t.Errorf("%q: got error %v, want valid %v", text, err, ok)
		}
	}
}
