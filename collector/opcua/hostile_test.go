package opcua

import (
	"bytes"
	"slices"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
	"andon/collector/opcua/wire"
	"andon/plant"
)

func TestAnArrayTakesNoMemoryForWhatItsDimensionsClaim(t *testing.T) {
	array := append([]byte{0xc0 | byte(ua.TypeIDInt32)}, opcuatest.Words(0, 2, 1<<16, 1<<16)...)
	b := opcuatest.Carrying(array...)
	var c wire.DataChange
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
	b := opcuatest.Words(3)
	for i, variant := range [][]byte{
		opcuatest.Encode(t, ua.MustVariant(1.5)),
		append(append([]byte{0x80 | byte(ua.TypeIDInt32)}, opcuatest.Words(70_000)...), make([]byte, 4*70_000)...),
		opcuatest.Encode(t, ua.MustVariant("RUN")),
	} {
		b = append(b, opcuatest.Words(int32(i))...)
		b = append(append(b, ua.DataValueValue), variant...)
	}
	var c wire.DataChange
	if _, err := c.Decode(append(b, opcuatest.Words(-1)...)); err != nil {
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

func TestValuesMayBeNestedAsDeepAsTheStandardAsks(t *testing.T) {
	array := append([]byte{0x80 | byte(ua.TypeIDVariant)}, opcuatest.Words(1)...)
	sameAsGopcua(t, opcuatest.Carrying(append(bytes.Repeat(array, 99), byte(ua.TypeIDBoolean), 1)...))
	sameAsGopcua(t, opcuatest.Carrying(append(bytes.Repeat([]byte{byte(ua.TypeIDVariant)}, 99), byte(ua.TypeIDBoolean), 1)...))
}
