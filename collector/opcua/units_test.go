package opcua

import (
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
	"andon/collector/opcua/wire"
	"andon/plant"
)

// unit is what a server says of a node by a code of UNECE Recommendation 20.
func unit(code, name string) *ua.EUInformation {
	n := int32(0)
	for _, c := range []byte(code) {
		n = n<<8 | int32(c)
	}
	return &ua.EUInformation{NamespaceURI: unitCodes, UnitID: n, DisplayName: ua.NewLocalizedText(name), Description: ua.NewLocalizedText("")}
}

func TestEveryUnitOfATagHasACode(t *testing.T) {
	for _, u := range plant.Units() {
		codes := codesOf(u)
		if len(codes) == 0 {
			t.Errorf("unit %q has no code", u)
		}
		for _, code := range codes {
			if unitDiffers(u, unit(code, u)) {
				t.Errorf("unit %q: its own code %s differs", u, code)
			}
		}
	}
	if got := unit("CEL", "°C").UnitID; got != 4408652 {
		t.Errorf("CEL: got %d, want 4408652, as the standard has it", got)
	}
	if got := unitCode(4405556); got != "C94" {
		t.Errorf("4405556: got %q, want C94", got)
	}
}

func TestOnlyAUnitThatIsKnownToBeAnotherOneDiffers(t *testing.T) {
	other := unit("BAR", "bar")
	other.NamespaceURI = "urn:vendor:units"
	negative := unit("BAR", "bar")
	negative.UnitID = -1
	for name, c := range map[string]struct {
		unit string
		eu   *ua.EUInformation
		want bool
	}{
		"the same":                   {"bar", unit("BAR", "bar"), false},
		"another one":                {"degC", unit("FAH", "°F"), true},
		"a thousandth":               {"bar", unit("MBR", "mbar"), true},
		"one that tags cannot have":  {"degC", unit("KEL", "K"), true},
		"turns a minute":             {"1/min", unit("RPM", "U/min"), false},
		"another vendor's numbering": {"degC", other, false},
		"no code":                    {"degC", negative, false},
		"a tag without unit":         {"", unit("BAR", "bar"), false},
	} {
		if got := unitDiffers(c.unit, c.eu); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// FuzzUnit feeds units as a server could send them.
func FuzzUnit(f *testing.F) {
	f.Add(opcuatest.Encode(f, ua.MustVariant(ua.NewExtensionObject(unit("CEL", "°C")))))
	f.Fuzz(func(t *testing.T, b []byte) {
		var v wire.DataValue
		value := append([]byte{ua.DataValueValue}, b...)
		if _, err := v.Read(value); err != nil {
			return
		}
		if eu := unitOf(&v); eu != nil {
			unitDiffers("degC", eu)
			unitText(eu)
		}
	})
}
