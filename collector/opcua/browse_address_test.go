package opcua

import (
	"strings"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/address"
	"andon/collector/opcua/browse"
)

// TestEveryAddressThatIsFoundReadsTheNodeThatItWasFoundFor takes what servers
// call their nodes and namespaces, whether by mistake or with intent: an
// address that is none would keep all of what is new from being taken.
func TestEveryAddressThatIsFoundReadsTheNodeThatItWasFoundFor(t *testing.T) {
	template := browse.Template{Area: "a", Line: "l", Equipment: "e"}
	for _, uri := range []string{"urn:plant", "", "urn:a;b", "urn:x;s=1", "urn:x;i=1;", "a\nb", "a\xffb", " ", "ns=2", "part=[0]"} {
		for _, name := range []string{"A", "", "a\nb", "a\r\nb", "a\xffb", "a;b", "a;s=b", "s=1", "part=[0];s=1", " ", "nsu=x;i=1", "\x00", strings.Repeat("x", 5000)} {
			tree := &browse.Tree{Root: &browse.Node{}, Namespaces: []string{"http://opcfoundation.org/UA/", "urn:server", uri}}
			for _, id := range []*ua.NodeID{ua.NewStringNodeID(2, name), ua.NewStringNodeID(0, name), ua.NewStringNodeID(9, name), ua.NewByteStringNodeID(2, []byte(name)), ua.NewNumericNodeID(2, 7)} {
				n := &browse.Node{ID: id, Names: []string{"Speed"}, Class: ua.NodeClassVariable, Scalar: true, Readable: true}
				places, left := template.Put(tree, []*browse.Node{n}, nil)
				if len(places) == 0 && len(left) == 1 && left[0].Why != "" {
					if name == "A" && uri != "a\xffb" {
						t.Errorf("%q in %q: got %s, want a place", id, uri, left[0].Why)
					}
					continue
				}
				a, err := address.Parse(places[0].Tag.Address)
				if err != nil || a.Part != nil {
					t.Errorf("%q in %q: address %.100q is none: %v", id, uri, places[0].Tag.Address, err)
					continue
				}
				if got, err := a.Resolve(tree.Namespaces); err != nil || got.String() != id.String() {
					t.Errorf("%q in %q: address %.100q reads %.100q, %v", id, uri, places[0].Tag.Address, got, err)
				}
				if strings.ToValidUTF8(places[0].Tag.Address, "") != places[0].Tag.Address {
					t.Errorf("%q in %q: address %.100q is no text", id, uri, places[0].Tag.Address)
				}
			}
		}
	}
}
