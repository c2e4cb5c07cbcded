// Package address reads the addresses of tags: which node of an OPC UA server is
// meant, and what of its value.
package address

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/structure"
)

// nodePattern is the text form of a node id (OPC 10000-6, 5.3.1.10), with
// the namespace given by index or by URI.
var nodePattern = regexp.MustCompile(`^(?:ns=(\d{1,5});|nsu=(.+?);)?([sigb]=.+)$`)

// An Address is a node id whose namespace may still have to be found by its
// URI: a server may number its namespaces anew at every start. A part of its
// value may be meant, or a time stamp of it.
type Address struct {
	Part  structure.Path // nil for the whole value
	Stamp Stamp          // which time stamp is meant instead of the value
	uri   string         // namespace URI, "" when node is complete
	id    string         // such as s=LineA.A1, the part after the namespace
	node  *ua.NodeID     // nil when its namespace is to be found
}

// PartPrefix begins an address of a part of a node's value.
const PartPrefix = "part="

// Check returns why a tag's address must not be text, nil when it may. It may be a
// node id, such as ns=2;s=LineA.A1.State or nsu=urn:northfield:plant;i=1001, or one
// after the part of the node's value that is meant, such as
// part=[3].speed;ns=2;s=LineA.Motors, or after the time stamp that is meant
// instead, such as timestamp=server;ns=2;s=LineA.A1.State.
func Check(text string) error {
	_, err := Parse(text)
	return err
}

// IsNode reports whether text is a node id alone.
func IsNode(text string) bool {
	a, err := Parse(text)
	return err == nil && a.Aspect() == ""
}

// Parse reads the text form, see Check. The error says what it must look like.
func Parse(text string) (Address, error) {
	wish := fmt.Errorf("address %.200q: want a node id such as ns=2;s=Press.State or nsu=urn:plant;i=1001", text)
	var a Address
	node, err := a.takeAspect(text)
	if err != nil {
		return Address{}, fmt.Errorf("address %.200q: %w", text, err)
	}
	m := nodePattern.FindStringSubmatch(node)
	if m == nil {
		return Address{}, wish
	}
	a.uri, a.id = m[2], m[3]
	index := m[1]
	if index == "" {
		index = "0"
	}
	n, err := ua.ParseNodeID("ns=" + index + ";" + a.id)
	if err != nil {
		return Address{}, wish
	}
	if a.uri == "" {
		a.node = n
	}
	return a, nil
}

// takeAspect takes what of the node's value is meant from the front of text and
// returns the node id behind it.
func (a *Address) takeAspect(text string) (node string, err error) {
	if rest, ok := strings.CutPrefix(text, PartPrefix); ok {
		path, node, _ := strings.Cut(rest, ";")
		a.Part, err = structure.ParsePath(path)
		return node, err
	}
	if rest, ok := strings.CutPrefix(text, StampPrefix); ok {
		word, node, _ := strings.Cut(rest, ";")
		a.Stamp, err = parseStamp(word)
		return node, err
	}
	return text, nil
}

// Aspect names what of the node's value is meant, "" for all of it.
func (a Address) Aspect() string {
	if a.Stamp != NoStamp {
		return StampPrefix + a.Stamp.String()
	}
	return a.Part.String()
}

// NodeName names the node, the same for all addresses of one node that give its
// namespace in the same way.
func (a Address) NodeName() string {
	if a.node != nil {
		return a.node.String()
	}
	return "nsu=" + a.uri + ";" + a.id
}

// Resolve returns the node id in a session whose namespace array is given. It is an
// error when that has not the namespace.
func (a Address) Resolve(namespaces []string) (*ua.NodeID, error) {
	if a.node != nil {
		return a.node, nil
	}
	index := slices.Index(namespaces, a.uri)
	if index < 0 {
		return nil, fmt.Errorf("namespace %q: the server does not know it", a.uri)
	}
	return ua.ParseNodeID(fmt.Sprintf("ns=%d;%s", index, a.id))
}
