package browse_test

import (
	"strings"
	"testing"
	"unicode"

	"andon/collector/opcua/browse"
	"andon/plant"
)

func TestConfigurationThatIsPrintedMovesNoTerminal(t *testing.T) {
	const sly = "a\u009b2Jb\x7f\x1b[2J\u202e\u2028c"
	place := browse.Place{Area: "a", Line: "l", Equipment: "e", Tag: plant.TagConfig{Name: "t", Address: "ns=2;s=" + sly}, Node: &browse.Node{DataType: sly, UnitText: sly}}
	var b strings.Builder
	if err := browse.Write(&b, []browse.Place{place}, "plc", ""); err != nil {
		t.Fatal(err)
	}
	for _, r := range b.String() {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("got %q in %q", r, b.String())
		}
	}
}
