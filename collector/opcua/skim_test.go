package opcua

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/plant"
)

// carrying is a notification with one value, whose variant is b.
func carrying(b ...byte) []byte {
	n := binary.LittleEndian.AppendUint32(nil, 1)
	n = append(n, 0, 0, 0, 0, ua.DataValueValue)
	n = append(n, b...)
	return append(n, 0xff, 0xff, 0xff, 0xff) // no diagnostics
}

// words are numbers of 32 bits as they are sent.
func words(list ...int32) []byte {
	var b []byte
	for _, n := range list {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return b
}

func TestAnArrayTakesNoMemoryForWhatItsDimensionsClaim(t *testing.T) {
	array := append([]byte{0xc0 | byte(ua.TypeIDInt32)}, words(0, 2, 1<<16, 1<<16)...)
	b := carrying(array...)
	var c dataChange
	allocations := testing.AllocsPerRun(1, func() {
		if _, err := c.Decode(b); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 100 {
		t.Errorf("65536 times 65536 values in %d bytes: got %v allocations, want a few", len(b), allocations)
	}
	_, told, _ := sampled(&c, plant.KindNone)
	if want := []string{"array of TypeIDInt32: want a scalar"}; !slices.Equal(told, want) {
		t.Errorf("told: got %q, want %q", told, want)
	}
}

func TestALongArrayCostsNoOtherValue(t *testing.T) {
	b := words(3)
	for i, variant := range [][]byte{
		encoded(t, ua.MustVariant(1.5)),
		append(append([]byte{0x80 | byte(ua.TypeIDInt32)}, words(70_000)...), make([]byte, 4*70_000)...),
		encoded(t, ua.MustVariant("RUN")),
	} {
		b = append(b, words(int32(i))...)
		b = append(append(b, ua.DataValueValue), variant...)
	}
	var c dataChange
	if _, err := c.Decode(append(b, words(-1)...)); err != nil {
		t.Fatal(err)
	}
	samples, told, _ := sampled(&c, plant.KindNone)
	if len(samples) != 3 || samples[0].Value != plant.Float(1.5) || samples[1].Status != plant.BadTypeMismatch || samples[2].Value != plant.Text("RUN") {
		t.Errorf("samples: got %v, want 1.5, a mismatch and RUN", samples)
	}
	if want := []string{"array of TypeIDInt32: want a scalar"}; !slices.Equal(told, want) {
		t.Errorf("told: got %q, want %q", told, want)
	}
}

func TestValuesNestedWithoutEndAreRefused(t *testing.T) {
	variant, array := byte(ua.TypeIDVariant), append([]byte{0x80 | byte(ua.TypeIDVariant)}, words(1)...)
	data, diagnostic := []byte{byte(ua.TypeIDDataValue), ua.DataValueValue}, byte(ua.DiagnosticInfoInnerDiagnosticInfo)
	for _, depth := range []int{1000, 1 << 20} {
		for name, b := range map[string][]byte{
			"variants":       carrying(append(bytes.Repeat([]byte{variant}, depth), 0)...),
			"arrays":         carrying(append(bytes.Repeat(array, depth), 0)...),
			"data values":    carrying(append(bytes.Repeat(data, depth), 0)...),
			"diagnostics":    carrying(append(append([]byte{byte(ua.TypeIDDiagnosticInfo)}, bytes.Repeat([]byte{diagnostic}, depth)...), 0)...),
			"of the service": append(append(words(0, 1), bytes.Repeat([]byte{diagnostic}, depth)...), 0),
		} {
			var c dataChange
			if _, err := c.Decode(b); err == nil || !strings.Contains(err.Error(), "nested") {
				t.Errorf("%s, %d deep: got error %v, want one of the nesting", name, depth, err)
			}
		}
	}
}

func TestValuesMayBeNestedAsDeepAsTheStandardAsks(t *testing.T) {
	array := append([]byte{0x80 | byte(ua.TypeIDVariant)}, words(1)...)
	sameAsGopcua(t, carrying(append(bytes.Repeat(array, 99), byte(ua.TypeIDBoolean), 1)...))
	sameAsGopcua(t, carrying(append(bytes.Repeat([]byte{byte(ua.TypeIDVariant)}, 99), byte(ua.TypeIDBoolean), 1)...))
}
