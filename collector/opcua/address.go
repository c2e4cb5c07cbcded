package opcua

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/structure"
)

// addressPattern is the text form of a node id (OPC 10000-6, 5.3.1.10), with
// the namespace given by index or by URI.
var addressPattern = regexp.MustCompile(`^(?:ns=(\d{1,5});|nsu=(.+?);)?([sigb]=.+)$`)

// An address is a node id whose namespace may still have to be found by its
// URI: a server may number its namespaces anew at every start. A part of its
// value may be meant, or a time stamp of it.
type address struct {
	part  structure.Path // nil for the whole value
	stamp stamp          // which time stamp is meant instead of the value
	uri   string         // namespace URI, "" when node is complete
	id    string         // such as s=LineA.A1, the part after the namespace
	node  *ua.NodeID
}

// partPrefix begins an address of a part of a node's value.
const partPrefix = "part="

// CheckAddress reports whether text is a node id that a tag's address may
// have, such as ns=2;s=LineA.A1.State or nsu=urn:northfield:plant;i=1001, or one
// of them after the part of the node's value that is meant, such as
// part=[3].speed;ns=2;s=LineA.Motors, or after the time stamp that is meant
// instead, such as timestamp=server;ns=2;s=LineA.A1.State.
func CheckAddress(text string) error {
	_, err := parseAddress(text)
	return err
}

func parseAddress(text string) (address, error) {
	wish := fmt.Errorf("address %.200q: want a node id such as ns=2;s=Press.State or nsu=urn:plant;i=1001", text)
	var a address
	node, err := a.takeAspect(text)
	if err != nil {
		return address{}, fmt.Errorf("address %.200q: %w", text, err)
	}
	m := addressPattern.FindStringSubmatch(node)
	if m == nil {
		return address{}, wish
	}
	a.uri, a.id = m[2], m[3]
	index := m[1]
	if index == "" {
		index = "0"
	}
	n, err := ua.ParseNodeID("ns=" + index + ";" + a.id)
	if err != nil {
		return address{}, wish
	}
	if a.uri == "" {
		a.node = n
	}
	return a, nil
}

// takeAspect takes what of the node's value is meant from the front of text and
// returns the node id behind it.
func (a *address) takeAspect(text string) (node string, err error) {
	if rest, ok := strings.CutPrefix(text, partPrefix); ok {
		path, node, _ := strings.Cut(rest, ";")
		a.part, err = structure.ParsePath(path)
		return node, err
	}
	if rest, ok := strings.CutPrefix(text, stampPrefix); ok {
		word, node, _ := strings.Cut(rest, ";")
		a.stamp, err = parseStamp(word)
		return node, err
	}
	return text, nil
}

// aspect names what of the node's value is meant, "" for all of it.
func (a address) aspect() string {
	if a.stamp != noStamp {
		return stampPrefix + a.stamp.String()
	}
	return a.part.String()
}

// nodeName names the node, the same for all addresses of one node that give its
// namespace in the same way.
func (a address) nodeName() string {
	if a.node != nil {
		return a.node.String()
	}
	return "nsu=" + a.uri + ";" + a.id
}

// resolve returns the node id in a session whose namespace array is given.
func (a address) resolve(namespaces []string) (*ua.NodeID, error) {
	if a.node != nil {
		return a.node, nil
	}
	index := slices.Index(namespaces, a.uri)
	if index < 0 {
		return nil, fmt.Errorf("namespace %q: the server does not know it", a.uri)
	}
	return ua.ParseNodeID(fmt.Sprintf("ns=%d;%s", index, a.id))
}
