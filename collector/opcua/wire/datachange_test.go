package wire

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
)

func TestValuesNestedWithoutEndAreRefused(t *testing.T) {
	variant, array := byte(ua.TypeIDVariant), append([]byte{0x80 | byte(ua.TypeIDVariant)}, opcuatest.Words(1)...)
	data, diagnostic := []byte{byte(ua.TypeIDDataValue), ua.DataValueValue}, byte(ua.DiagnosticInfoInnerDiagnosticInfo)
	for _, depth := range []int{1000, 1 << 20} {
		for name, b := range map[string][]byte{
			"variants":       opcuatest.Carrying(append(bytes.Repeat([]byte{variant}, depth), 0)...),
			"arrays":         opcuatest.Carrying(append(bytes.Repeat(array, depth), 0)...),
			"data values":    opcuatest.Carrying(append(bytes.Repeat(data, depth), 0)...),
			"diagnostics":    opcuatest.Carrying(append(append([]byte{byte(ua.TypeIDDiagnosticInfo)}, bytes.Repeat([]byte{diagnostic}, depth)...), 0)...),
			"of the service": append(append(opcuatest.Words(0, 1), bytes.Repeat([]byte{diagnostic}, depth)...), 0),
		} {
			var c DataChange
			if _, err := c.Decode(b); err == nil || !strings.Contains(err.Error(), "nested") {
				t.Errorf("%s, %d deep: got error %v, want one of the nesting", name, depth, err)
			}
		}
	}
}

func TestALengthThatMakesNoSenseDoesNotEndAndon(t *testing.T) {
	b := opcuatest.Encode(t, opcuatest.Notification([]int32{1, 2}))
	length := 4 + 4 + 1 + 1 // values, handle, mask, type
	binary.LittleEndian.PutUint32(b[length:], 0x80000000)
	var c DataChange
	if _, err := c.Decode(b); err == nil {
		t.Error("an array of -2147483648 values: got no error")
	}
}
