package skim

import (
	"errors"
	"fmt"

	"github.com/gopcua/opcua/ua"
)

// ErrAbsent is of what may be left out and is, such as the body of an extension
// object.
var ErrAbsent = errors.New("not there now")

// A NodeKey is a node id that can be compared.
type NodeKey struct {
	Namespace uint16 // index
	Number    uint32 // of a numeric id
	Text      string // of any other kind of id
}

// String returns the key as text, for people.
func (k NodeKey) String() string {
	if k.Text != "" {
		return fmt.Sprintf("ns=%d;s=%s", k.Namespace, k.Text)
	}
	return fmt.Sprintf("ns=%d;i=%d", k.Namespace, k.Number)
}

// KeyOf returns the key of a node id, the zero one of none.
func KeyOf(n *ua.NodeID) NodeKey {
	if n == nil {
		return NodeKey{}
	}
	return NodeKey{n.Namespace(), n.IntID(), n.StringID()}
}

// IsNullID reports whether a node id is the null one, which no node has.
func IsNullID(n *ua.NodeID) bool {
	return n == nil || n.Namespace() == 0 && n.IntID() == 0 && n.StringID() == ""
}

// ExtensionObject returns the encoding and the body of the extension object that
// b begins with. The body refers to b; without one the error is ErrAbsent.
func ExtensionObject(b []byte) (NodeKey, []byte, error) {
	s := Skimmer{Bytes: b}
	id, err := s.NodeKey()
	if err != nil {
		return id, nil, err
	}
	switch encoding := s.Byte(); {
	case s.Err != nil:
		return id, nil, s.Err
	case encoding == ua.ExtensionObjectEmpty:
		return id, nil, ErrAbsent
	case encoding != ua.ExtensionObjectBinary:
		return id, nil, fmt.Errorf("structure of encoding %d: want the binary one", encoding)
	}
	start := s.Pos + 4
	if s.Text(); s.Err != nil {
		return id, nil, s.Err
	}
	return id, b[start:s.Pos], nil
}

// NodeKey passes an ExpandedNodeId and returns its key. It is an error when the
// node is not one of this server; Err is then as it was.
func (s *Skimmer) NodeKey() (NodeKey, error) {
	start := s.Pos
	s.expandedNodeID()
	if s.Err != nil {
		return NodeKey{}, s.Err
	}
	b := s.Bytes[start:s.Pos]
	switch b[0] {
	case byte(ua.NodeIDTypeTwoByte):
		return NodeKey{Number: uint32(b[1])}, nil
	case byte(ua.NodeIDTypeFourByte):
		return NodeKey{Namespace: uint16(b[1]), Number: uint32(b[2]) | uint32(b[3])<<8}, nil
	}
	id := new(ua.ExpandedNodeID)
	if _, err := id.Decode(b); err != nil {
		return NodeKey{}, err
	}
	if id.HasNamespaceURI() || id.HasServerIndex() {
		return NodeKey{}, fmt.Errorf("type %s: want one of this server", id)
	}
	return KeyOf(id.NodeID), nil
}
