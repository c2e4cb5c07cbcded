package unit

import (
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
	"andon/collector/opcua/wire"
	"andon/plant"
)

// said is what a server says of a node by a code of UNECE Recommendation 20.
func said(code, name string) *ua.EUInformation {
	n := int32(0)
	for _, c := range []byte(code) {
		n = n<<8 | int32(c)
	}
	return &ua.EUInformation{NamespaceURI: namespace, UnitID: n, DisplayName: ua.NewLocalizedText(name), Description: ua.NewLocalizedText("")}
}

func TestEveryUnitOfATagHasACode(t *testing.T) {
	for _, u := range plant.Units() {
		codes := codesOf(u)
		if len(codes) == 0 {
			t.Errorf("unit %q has no code", u)
		}
		for _, code := range codes {
			if Differs(u, said(code, u)) {
				t.Errorf("unit %q: its own code %s differs", u, code)
			}
		}
	}
	if got := said("CEL", "°C").UnitID; got != 4408652 {
		t.Errorf("CEL: got %d, want 4408652, as the standard has it", got)
	}
	if got := codeText(4405556); got != "C94" {
		t.Errorf("4405556: got %q, want C94", got)
	}
}

func TestOnlyAUnitThatIsKnownToBeAnotherOneDiffers(t *testing.T) {
	other := said("BAR", "bar")
	other.NamespaceURI = "urn:vendor:units"
	negative := said("BAR", "bar")
	negative.UnitID = -1
	for name, c := range map[string]struct {
		unit string
		eu   *ua.EUInformation
		want bool
	}{
		"the same":                   {"bar", said("BAR", "bar"), false},
		"another one":                {"degC", said("FAH", "°F"), true},
		"a thousandth":               {"bar", said("MBR", "mbar"), true},
		"one that tags cannot have":  {"degC", said("KEL", "K"), true},
		"turns a minute":             {"1/min", said("RPM", "U/min"), false},
		"another vendor's numbering": {"degC", other, false},
		"no code":                    {"degC", negative, false},
		"a tag without unit":         {"", said("BAR", "bar"), false},
	} {
		if got := Differs(c.unit, c.eu); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// FuzzUnit feeds units as a server could send them.
func FuzzUnit(f *testing.F) {
	f.Add(opcuatest.Encode(f, ua.MustVariant(ua.NewExtensionObject(said("CEL", "°C")))))
	f.Fuzz(func(t *testing.T, b []byte) {
		var v wire.DataValue
		value := append([]byte{ua.DataValueValue}, b...)
		if _, err := v.Read(value); err != nil {
			return
		}
		if eu := Of(&v); eu != nil {
			Differs("degC", eu)
			Text(eu)
		}
	})
}
