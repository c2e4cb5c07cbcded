package browse

import (
	"slices"
	"strings"

	"github.com/gopcua/opcua/ua"

	"andon/plant"
)

// unitsURI is the namespace of units whose id is the code of UN/CEFACT
// recommendation 20, its letters as the bytes of a number (OPC 10000-8, 5.6.3).
const unitsURI = "http://www.opcfoundation.org/UA/units/un/cefact"

// Unit returns the unit of plant.Units() that eu means, "" when none is
// exactly that.
func Unit(eu *ua.EUInformation) string {
	if eu == nil {
		return ""
	}
	if eu.NamespaceURI == unitsURI {
		if u := unitOfCode(commonCode(eu.UnitID)); u != "" {
			return u
		}
	}
	return unitOfText(unitText(eu))
}

// unitText returns what the server calls a unit.
func unitText(eu *ua.EUInformation) string {
	if eu.DisplayName != nil && eu.DisplayName.Text != "" {
		return eu.DisplayName.Text
	}
	if eu.Description != nil {
		return eu.Description.Text
	}
	return ""
}

// commonCode returns the letters that an id is made of.
func commonCode(unitID int32) string {
	b := []byte{byte(unitID >> 24), byte(unitID >> 16), byte(unitID >> 8), byte(unitID)}
	return strings.TrimLeft(string(b), "\x00")
}

// unitOfCode returns the unit of a common code of UN/CEFACT.
func unitOfCode(code string) string {
	for _, u := range [...][2]string{
		{"P1", "%"}, {"H10", "1/h"}, {"C94", "1/min"}, {"AMP", "A"}, {"HTZ", "Hz"}, {"LTR", "L"}, {"L2", "L/min"}, {"MWH", "MWh"},
		{"NEW", "N"}, {"NU", "Nm"}, {"PAL", "Pa"}, {"VLT", "V"}, {"WTT", "W"}, {"WHR", "Wh"}, {"BAR", "bar"}, {"CMT", "cm"},
		{"C62", "count"}, {"CEL", "degC"}, {"FAH", "degF"}, {"GRM", "g"}, {"HUR", "h"}, {"B47", "kN"}, {"KPA", "kPa"}, {"KVT", "kV"},
		{"KWT", "kW"}, {"KWH", "kWh"}, {"KGM", "kg"}, {"E93", "kg/h"}, {"MTR", "m"}, {"MTS", "m/s"}, {"MTQ", "m3"}, {"MQH", "m3/h"},
		{"4K", "mA"}, {"MBR", "mbar"}, {"MIN", "min"}, {"MMT", "mm"}, {"C16", "mm/s"}, {"C26", "ms"}, {"Q30", "pH"}, {"H87", "pieces"},
		{"59", "ppm"}, {"RPM", "rpm"}, {"SEC", "s"}, {"TNE", "t"}, {"4H", "um"},
	} {
		if u[0] == code {
			return u[1]
		}
	}
	return ""
}

// unitOfText returns the unit that a name stands for: its own, or another way
// to write it.
func unitOfText(text string) string {
	text = strings.TrimSpace(text)
	if slices.Contains(plant.Units(), text) {
		return text
	}
	for _, u := range [...][2]string{
		{"°C", "degC"}, {"℃", "degC"}, {"°F", "degF"}, {"℉", "degF"}, {"m³", "m3"}, {"m³/h", "m3/h"}, {"l/min", "L/min"}, {"µm", "um"}, {"μm", "um"},
		{"N·m", "Nm"}, {"N.m", "Nm"}, {"r/min", "rpm"}, {"1/hr", "1/h"}, {"pcs", "pieces"}, {"pcs.", "pieces"}, {"piece", "pieces"}, {"sec", "s"}, {"hr", "h"},
	} {
		if u[0] == text {
			return u[1]
		}
	}
	return ""
}
