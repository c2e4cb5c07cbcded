package skim

import (
	"errors"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
)

func TestWhatIsPassedIsAsLongAsItIs(t *testing.T) {
	for _, v := range opcuatest.EveryType() {
		b := opcuatest.Encode(t, ua.MustVariant(v))
		s := Skimmer{Bytes: append(b[:len(b):len(b)], 1, 2, 3)}
		if s.Variant(0); s.Err != nil || s.Pos != len(b) {
			t.Errorf("%v: passed %d bytes, error %v; want %d", v, s.Pos, s.Err, len(b))
		}
		for n := range b {
			s := Skimmer{Bytes: b[:n]}
			if s.Variant(0); s.Err == nil || s.Pos > n {
				t.Errorf("%d of %d bytes of %v: passed %d, error %v; want an error", n, len(b), v, s.Pos, s.Err)
			}
		}
	}
}

func TestAStructureIsNamedByItsEncoding(t *testing.T) {
	for id, want := range map[*ua.NodeID]NodeKey{
		ua.NewTwoByteNodeID(7): {Number: 7}, ua.NewFourByteNodeID(2, 5001): {Namespace: 2, Number: 5001},
		ua.NewNumericNodeID(3, 1<<20): {Namespace: 3, Number: 1 << 20}, ua.NewStringNodeID(2, "Motor"): {Namespace: 2, Text: "Motor"},
	} {
		head := opcuatest.Encode(t, &ua.ExpandedNodeID{NodeID: id})
		key, body, err := ExtensionObject(append(append(head[:len(head):len(head)], ua.ExtensionObjectBinary), append(opcuatest.Words(3), "RUN!"...)...))
		if err != nil || key != want || key != KeyOf(id) || string(body) != "RUN" {
			t.Errorf("%s: got %v and %q, error %v; want %v and RUN", id, key, body, err, want)
		}
		if _, _, err := ExtensionObject(append(head, ua.ExtensionObjectEmpty)); !errors.Is(err, ErrAbsent) {
			t.Errorf("%s without a body: got error %v, want %v", id, err, ErrAbsent)
		}
	}
}
