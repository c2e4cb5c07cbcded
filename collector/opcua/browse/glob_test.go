package browse_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/browse"
	"andon/plant"
)

func TestPatternsOfPaths(t *testing.T) {
	for _, x := range []struct {
		pattern, path string
		want          bool
	}{
		{"LineA", "LineA", true},
		{"LineA", "LineA/A1/State", true},
		{"LineA", "LineAB/A1", false},
		{"LineA/*/Status", "LineA/A1/Status/StateCurrent", true},
		{"LineA/*/Status", "LineA/A1/Motor/Status", false},
		{"**/Status", "LineA/A1/Motor/Status/X", true},
		{"**/Diag*/**", "A/B/Diagnostics", true},
		{"**", "A", true},
		{"A/**/Z", "A/Z", true},
		{"A/**/Z", "A/B/C/Z", true},
		{"A/**/Z", "B/A/Z", false},
		{"A?/[BC]", "A1/C", true},
		{strings.Repeat("**/a/", 30) + "z", strings.Repeat("a/", 200) + "b", false}, // no pattern takes long
	} {
		if got := browse.Match(x.pattern, x.path); got != x.want {
			t.Errorf("%.40s matches %.40s: got %v, want %v", x.pattern, x.path, got, x.want)
		}
	}
	for _, bad := range []string{"", "a//b", "/a", "[a"} {
		if browse.IsPattern(bad) {
			t.Errorf("%q: got a pattern, want none", bad)
		}
	}
}

func TestUnitsOfServersBecomeThoseOfTags(t *testing.T) {
	code := func(letters string) (id int32) {
		for _, c := range []byte(letters) {
			id = id<<8 | int32(c)
		}
		return id
	}
	for _, x := range []struct{ code, text, want string }{
		{"CEL", "°C", "degC"}, {"C26", "ms", "ms"}, {"C16", "mm/s", "mm/s"}, {"B47", "kN", "kN"}, {"H10", "1/h", "1/h"}, {"MWH", "MW·h", "MWh"},
		{"XXX", "kg", "kg"}, {"XXX", " µm ", "um"}, {"INH", "in", ""}, {"", "", ""},
	} {
		eu := &ua.EUInformation{NamespaceURI: "http://www.opcfoundation.org/UA/units/un/cefact", UnitID: code(x.code), DisplayName: ua.NewLocalizedText(x.text)}
		got := browse.Unit(eu)
		if got != x.want || got != "" && !slices.Contains(plant.Units(), got) {
			t.Errorf("%s %q: got %q, want %q", x.code, x.text, got, x.want)
		}
	}
	if got := browse.Unit(&ua.EUInformation{NamespaceURI: "urn:own", UnitID: code("CEL"), DisplayName: ua.NewLocalizedText("cell")}); got != "" {
		t.Errorf("a code of another list: got %q, want none", got)
	}
}
