package opcua

import (
	"strings"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/channel"
	"andon/collector/opcua/opcuatest"
)

func TestARequestToReadFitsIntoAChunk(t *testing.T) {
	var list []*ua.ReadValueID
	for i := range 3000 {
		list = append(list, attributesOf([]*ua.NodeID{
			ua.NewStringNodeID(2, strings.Repeat("x", i%200)), ua.NewNumericNodeID(2, uint32(i)), ua.NewTwoByteNodeID(7),
			ua.NewByteStringNodeID(2, make([]byte, i%100)), ua.NewGUIDNodeID(2, "AAAABBBB-CCDD-EEFF-0101-0123456789AB"),
		}, ua.AttributeIDValue)...)
	}
	for _, r := range list {
		if got, want := readSize(r), len(opcuatest.Encode(t, r)); got < want {
			t.Fatalf("%v: got %d bytes, it has %d", r.NodeID, got, want)
		}
	}
	for rest := list; len(rest) > 0; {
		n := channel.Fitting(rest, 8000, readSize)
		size := 0
		for _, r := range rest[:n] {
			size += len(opcuatest.Encode(t, r))
		}
		if n < 1 || size > 8000 {
			t.Fatalf("got %d nodes in %d bytes", n, size)
		}
		rest = rest[n:]
	}
	if got := channel.Fitting(list[:1], 1, readSize); got != 1 {
		t.Errorf("one that never fits: got %d, want it alone", got)
	}
}
