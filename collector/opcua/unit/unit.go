// Package unit compares the units of measure of tags with those that an OPC UA
// server has (OPC 10000-8, 5.6.3), by the codes of UNECE Recommendation 20.
package unit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/skim"
	"andon/collector/opcua/wire"
)

// namespace is the namespace of the codes of UNECE Recommendation 20, which
// OPC 10000-8, 5.6.3 has servers use.
const namespace = "http://www.opcfoundation.org/UA/units/un/cefact"

// codesOf returns the codes that a tag's unit has there.
func codesOf(unit string) []string {
	return map[string][]string{
		"%": {"P1"}, "1/h": {"H10"}, "1/min": {"C94", "RPM"}, "A": {"AMP"}, "Hz": {"HTZ"}, "L": {"LTR"}, "L/min": {"L2"}, "MWh": {"MWH"}, "N": {"NEW"},
		"Nm": {"NU"}, "Pa": {"PAL"}, "V": {"VLT"}, "W": {"WTT"}, "Wh": {"WHR"}, "bar": {"BAR"}, "cm": {"CMT"}, "count": {"C62", "H87", "EA"},
		"degC": {"CEL"}, "degF": {"FAH"}, "g": {"GRM"}, "h": {"HUR"}, "kN": {"B47"}, "kPa": {"KPA"}, "kV": {"KVT"}, "kW": {"KWT"}, "kWh": {"KWH"},
		"kg": {"KGM"}, "kg/h": {"E93"}, "l": {"LTR"}, "m": {"MTR"}, "m/s": {"MTS"}, "m3": {"MTQ"}, "m3/h": {"MQH"}, "mA": {"4K"}, "mbar": {"MBR"},
		"min": {"MIN"}, "mm": {"MMT"}, "mm/s": {"C16"}, "ms": {"C26"}, "pH": {"Q30"}, "pieces": {"H87", "C62", "EA"}, "ppm": {"59"},
		"rpm": {"RPM", "C94"}, "s": {"SEC"}, "t": {"TNE"}, "um": {"4H"},
	}[unit]
}

// codeText returns the text of a code: its characters are the bytes of the
// number.
func codeText(n int32) string {
	return strings.TrimLeft(string([]byte{byte(n >> 16), byte(n >> 8), byte(n)}), "\x00")
}

// Differs reports whether a server says of a node that it is in another unit than
// a tag's, which is one of plant.Units. One that andon cannot compare does not
// differ.
func Differs(unit string, eu *ua.EUInformation) bool {
	codes := codesOf(unit)
	if len(codes) == 0 || eu.NamespaceURI != namespace || eu.UnitID <= 0 || eu.UnitID > 0xffffff {
		return false
	}
	return !slices.Contains(codes, codeText(eu.UnitID))
}

// Text names a server's unit for people: as the server does, and by its code.
func Text(eu *ua.EUInformation) string {
	if eu.DisplayName != nil && eu.DisplayName.Text != "" {
		return fmt.Sprintf("%.50q (%s)", eu.DisplayName.Text, codeText(eu.UnitID))
	}
	return codeText(eu.UnitID)
}

// Of makes out the value of a property EngineeringUnits, nil when it is none.
func Of(v *wire.DataValue) *ua.EUInformation {
	key, body := v.Structure()
	if key != (skim.NodeKey{Number: id.EUInformation_Encoding_DefaultBinary}) {
		return nil
	}
	eu, _ := wire.DecodeInto(body, new(ua.EUInformation)).(*ua.EUInformation)
	return eu
}
