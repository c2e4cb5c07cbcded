package structure

import (
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/skim"
	"andon/collector/opcua/wire"
)

// maxEncodings bounds how many structures of an array are looked at.
const maxEncodings = 1000

// EncodingsIn returns the node ids of the encodings of the structures in a value,
// one or an array; none when it holds others.
func EncodingsIn(v *wire.DataValue) []*ua.NodeID {
	s, err := variantSpot(v.Variant, nil)
	if err == nil {
		s, err = picker{}.opened(s, 0)
	}
	if err != nil || s.kind != ua.TypeIDExtensionObject {
		return nil
	}
	if s.rank == 0 {
		s.n = 1
	}
	var list []*ua.NodeID
	m := skim.Skimmer{Bytes: s.body}
	for n := s.n; n > 0 && m.Err == nil && len(list) < maxEncodings; n-- {
		node := new(ua.ExpandedNodeID)
		if _, err := node.Decode(s.body[m.Pos:]); err == nil && !skim.IsNullID(node.NodeID) {
			list = append(list, ua.NewNodeIDFromExpandedNodeID(node))
		}
		m.Value(ua.TypeIDExtensionObject, 0)
	}
	return list
}
