package opcua

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/address"
	"andon/collector/opcua/skim"
	"andon/collector/opcua/wire"
)

// unitPause is the wait between two calls that ask for units: they are for
// people, and a server has more to do.
const unitPause = time.Second

// unitCodes is the namespace of the codes of UNECE Recommendation 20, which
// OPC 10000-8, 5.6.3 has servers use.
const unitCodes = "http://www.opcfoundation.org/UA/units/un/cefact"

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

// unitCode returns the text of a code: its characters are the bytes of the
// number.
func unitCode(n int32) string {
	return strings.TrimLeft(string([]byte{byte(n >> 16), byte(n >> 8), byte(n)}), "\x00")
}

// unitDiffers reports whether a server says of a node that it is in another
// unit than a tag's. A unit that andon cannot compare is none.
func unitDiffers(unit string, eu *ua.EUInformation) bool {
	codes := codesOf(unit)
	if len(codes) == 0 || eu.NamespaceURI != unitCodes || eu.UnitID <= 0 || eu.UnitID > 0xffffff {
		return false
	}
	return !slices.Contains(codes, unitCode(eu.UnitID))
}

// unitText names a server's unit for people.
func unitText(eu *ua.EUInformation) string {
	if eu.DisplayName != nil && eu.DisplayName.Text != "" {
		return fmt.Sprintf("%.50q (%s)", eu.DisplayName.Text, unitCode(eu.UnitID))
	}
	return unitCode(eu.UnitID)
}

// unitOf makes out a property EngineeringUnits, nil when it is none.
func unitOf(v *wire.DataValue) *ua.EUInformation {
	key, body := v.Structure()
	if key != (skim.NodeKey{Number: id.EUInformation_Encoding_DefaultBinary}) {
		return nil
	}
	eu, _ := wire.DecodeInto(body, new(ua.EUInformation)).(*ua.EUInformation)
	return eu
}

// hasUnit reports whether the unit of p's node would be that of its values.
func (p *point) hasUnit() bool {
	return p.tag.Unit != "" && !p.address.Part.HasField() && p.address.Stamp == address.NoStamp
}

// compareUnits tells of tags that are declared in another unit than the server
// has them in. Their values flow, in the server's unit: which of the two is
// wrong only people know.
func (s *Source) compareUnits(ctx context.Context, x *session, out *output) error {
	var list []*point
	for _, p := range s.points() {
		if p.hasUnit() {
			list = append(list, p)
		}
	}
	for part := range slices.Chunk(list, browseBatch) {
		if err := s.compareSome(ctx, x, out, part); err != nil {
			return err
		}
		if !sleep(ctx, unitPause) {
			return nil
		}
	}
	return nil
}

func (s *Source) compareSome(ctx context.Context, x *session, out *output, list []*point) error {
	var points []*point
	var nodes []*ua.NodeID
	for _, p := range list {
		if node, err := x.node(p); err == nil {
			points, nodes = append(points, p), append(nodes, node)
		}
	}
	if len(nodes) == 0 {
		return nil
	}
	values, err := x.propertyValues(ctx, nodes, "EngineeringUnits")
	if err != nil {
		return err
	}
	for i, p := range points {
		text := ""
		if values[i] != nil {
			if eu := unitOf(values[i]); eu != nil && unitDiffers(p.tag.Unit, eu) {
				text = fmt.Sprintf("the server has it in %s, the tag's unit is %s", unitText(eu), p.tag.Unit)
			}
		}
		s.noteWarning(out.status, p, cmp.Or(text, p.doubt(x)))
	}
	return nil
}
