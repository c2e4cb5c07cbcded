package opcua

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/gopcua/opcua/ua"
)

// addressPattern is the text form of a node id (OPC 10000-6, 5.3.1.10), with
// the namespace given by index or by URI.
var addressPattern = regexp.MustCompile(`^(?:ns=(\d{1,5});|nsu=(.+?);)?([sigb]=.+)$`)

// An address is a node id whose namespace may still have to be found by its
// URI: a server may number its namespaces anew at every start.
type address struct {
	uri  string // namespace URI, "" when node is complete
	id   string // such as s=LineA.A1, the part after the namespace
	node *ua.NodeID
}

// CheckAddress reports whether text is a node id that a tag's address may
// have, such as ns=2;s=LineA.A1.State or nsu=urn:northfield:plant;i=1001.
func CheckAddress(text string) error {
	_, err := parseAddress(text)
	return err
}

func parseAddress(text string) (address, error) {
	wish := fmt.Errorf("address %.200q: want a node id such as ns=2;s=Press.State or nsu=urn:plant;i=1001", text)
	m := addressPattern.FindStringSubmatch(text)
	if m == nil {
		return address{}, wish
	}
	a := address{uri: m[2], id: m[3]}
	index := m[1]
	if index == "" {
		index = "0"
	}
	node, err := ua.ParseNodeID("ns=" + index + ";" + a.id)
	if err != nil {
		return address{}, wish
	}
	if a.uri == "" {
		a.node = node
	}
	return a, nil
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
