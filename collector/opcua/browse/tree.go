package browse

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gopcua/opcua/ua"

	"andon/plant"
	"andon/plant/setting"
)

// A Server answers requests in a session, such as an opcua.Client.
type Server interface {
	// Call sends one request; a fault is an error that wraps its ua.StatusCode.
	Call(ctx context.Context, req ua.Request) (ua.Response, error)
	// Read reads attributes, one result each, in as many calls as needed.
	Read(ctx context.Context, nodes []*ua.ReadValueID) ([]*ua.DataValue, error)
	// Namespaces returns the namespace URIs by their index.
	Namespaces() []string
}

// A Filter selects variables. The zero Filter selects all that are no
// properties.
type Filter struct {
	Include []string `yaml:"include"` // patterns of browse paths; none for all
	Exclude []string `yaml:"exclude"` // patterns of browse paths
	// Types are patterns of names of type definitions, that of the variable or
	// of a node above it; none for all.
	Types []string `yaml:"types"`
	// Namespaces are URIs of the namespaces that nodes must be in; none for all.
	Namespaces []string `yaml:"namespaces"`
	// Properties takes in properties, which describe what they belong to.
	Properties bool `yaml:"properties"`
}

// Validate reports every problem of f.
func (f Filter) Validate() setting.Problems {
	var p setting.Problems
	patterns := func(key string, list []string) {
		for i, text := range list {
			if !IsPattern(text) {
				p.Add(fmt.Sprintf("%s[%d]", key, i), "a pattern of browse paths such as LineA/*/Status or **/Diagnostics, not %q", text)
			}
		}
	}
	patterns("include", f.Include)
	patterns("exclude", f.Exclude)
	for i, text := range f.Types {
		if !IsPattern(text) || strings.Contains(text, "/") {
			p.Add(fmt.Sprintf("types[%d]", i), "a pattern of names of types such as PackML*Type, not %q", text)
		}
	}
	for i, uri := range f.Namespaces {
		if uri == "" {
			p.Add(fmt.Sprintf("namespaces[%d]", i), "the URI of a namespace")
		}
	}
	return p
}

// Bounds are where a walk ends. A zero bound is none, but for PerCall.
type Bounds struct {
	Depth   int           // levels below the Objects folder
	Nodes   int           // nodes visited
	Time    time.Duration // for all of it
	PerCall int           // nodes in one Browse; what the server bears counts when it is less
}

// DefaultBounds returns bounds that a large server stays in.
func DefaultBounds() Bounds {
	return Bounds{Depth: 32, Nodes: 200_000, Time: 15 * time.Minute, PerCall: 100}
}

// A Node is an object or a variable of the address space.
type Node struct {
	ID       *ua.NodeID
	Names    []string // browse names from below the Objects folder; see Path
	Class    ua.NodeClass
	Parent   *Node
	Children []*Node // in the server's order
	Property bool    // describes its parent
	TypeID   *ua.NodeID
	Type     string // name of the type definition, "" when it is not known

	// What Find adds to variables.
	DataType string     // name, such as Float
	Kind     plant.Kind // KindNone when values may be of any type
	Scalar   bool       // false for arrays and structures
	Readable bool
	Unit     string // one of plant.Units(), "" when there is none
	UnitText string // what the server calls it
}

// Path returns the browse names joined by "/"; one in a name reads %2F.
func (n *Node) Path() string { return strings.Join(n.Names, "/") }

// Name returns the last browse name.
func (n *Node) Name() string {
	if len(n.Names) == 0 {
		return "Objects"
	}
	return n.Names[len(n.Names)-1]
}

// A Trouble is what a node answered instead of what is below it.
type Trouble struct {
	Path string
	Err  string
}

// A Tree is what a walk found.
type Tree struct {
	Root       *Node // the Objects folder
	Namespaces []string
	Nodes      int
	// Cut says why the walk ended before it was through, "" when it was not.
	// What such a Tree does not have may be there all the same.
	Cut      string
	Troubles []Trouble // at most 1000
}

// Whole reports whether the walk saw all that it was asked for.
func (t *Tree) Whole() bool { return t.Cut == "" && len(t.Troubles) == 0 }

// Address returns the address of a tag that reads n, with the namespace by its
// URI wherever the server tells one that an address can have.
func (t *Tree) Address(n *Node) string {
	_, rest, found := strings.Cut(n.ID.String(), ";")
	ns := int(n.ID.Namespace())
	if !found || ns == 0 || ns >= len(t.Namespaces) || !inAddress(t.Namespaces[ns]) || strings.Contains(t.Namespaces[ns], ";") {
		return n.ID.String()
	}
	return "nsu=" + t.Namespaces[ns] + ";" + rest
}

// inAddress reports whether text can be a part of an address, which is one line
// of text.
func inAddress(text string) bool {
	return text != "" && utf8.ValidString(text) && !strings.ContainsAny(text, "\n\r")
}

// addressable reports whether an address can have the identifier of n.
func addressable(n *ua.NodeID) bool {
	_, id, _ := strings.Cut(n.String(), "=")
	if n.Namespace() != 0 {
		_, id, _ = strings.Cut(id, "=") // behind ns=…;s
	}
	return inAddress(id)
}

// Each calls f for every node below n, parents before children.
func (n *Node) Each(f func(*Node)) {
	for _, c := range n.Children {
		f(c)
		c.Each(f)
	}
}

// selected returns the variables that f selects, parents first.
func (t *Tree) selected(f Filter) []*Node {
	var uris []int
	for i, uri := range t.Namespaces {
		if slices.Contains(f.Namespaces, uri) {
			uris = append(uris, i)
		}
	}
	include, exclude := parseGlobs(f.Include), parseGlobs(f.Exclude)
	var list []*Node
	t.Root.Each(func(n *Node) {
		switch {
		case n.Class != ua.NodeClassVariable, n.Property && !f.Properties:
		case len(include) > 0 && !anyInside(include, n.Names), anyInside(exclude, n.Names):
		case len(f.Namespaces) > 0 && !slices.Contains(uris, int(n.ID.Namespace())):
		case len(f.Types) > 0 && !n.isOf(f.Types):
		default:
			list = append(list, n)
		}
	})
	return list
}

// isOf reports whether n or a node above it has one of the types.
func (n *Node) isOf(types []string) bool {
	for ; n != nil; n = n.Parent {
		if slices.ContainsFunc(types, func(pattern string) bool { return Match(pattern, n.Type) }) {
			return true
		}
	}
	return false
}
