package opcua

import (
	"strings"
	"testing"

	"andon/collector/opcua/skim"
)

func TestAPartIsReadAndWrittenAlike(t *testing.T) {
	for text, steps := range map[string]int{
		"[3]": 1, "speed": 1, "[3].speed": 2, "axes[1,2].temp[0]": 4, "[1][2]": 2, "motor.drive.speed": 3, "Ist Wert": 1, "[2147483647]": 1, "[0,0,0,0,0,0,0,0]": 1,
	} {
		p, err := parsePart(text)
		if err != nil || len(p) != steps || p.String() != text {
			t.Errorf("%s: got %d steps, %q, error %v; want %d steps", text, len(p), p, err, steps)
		}
	}
	if p, err := parsePart("[007]"); err != nil || p.String() != "[7]" {
		t.Errorf("[007]: got %q, error %v, want [7]", p, err)
	}
}

func TestWhatIsNoPartIsRefused(t *testing.T) {
	for _, text := range []string{
		"", ".speed", "speed.", "a..b", "[", "[]", "[a]", "[-1]", "[1", "1]", "[1,]", "[,1]", "[1 ]", "[2147483648]", "[3]speed", "a.[1]",
		"[0,0,0,0,0,0,0,0,0]", "[3]..speed", strings.Repeat("[0]", skim.MaxDepth+1),
	} {
		if p, err := parsePart(text); err == nil {
			t.Errorf("%.50q: got %q, want an error", text, p)
		}
	}
}

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
