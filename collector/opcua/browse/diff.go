package browse

import (
	"context"
	"fmt"
	"strings"

	"github.com/gopcua/opcua/ua"

	"andon/plant"
)

// A Configured is a tag of the present configuration and the node that it
// reads.
type Configured struct {
	Tag  *plant.Tag
	Node *ua.NodeID // nil when it cannot be told
	Err  error      // why
}

// A Change is what a server says other than the configuration.
type Change struct {
	Tag  *plant.Tag
	What string
}

// A Diff is how a server and a configuration differ.
type Diff struct {
	New     []*Node  // variables that no tag reads
	Gone    []Change // tags whose node the server does not have
	Changed []Change // tags whose type or unit is another
}

// None reports whether there is no difference.
func (d Diff) None() bool { return len(d.New)+len(d.Gone)+len(d.Changed) == 0 }

// Compare compares the variables found in a tree with tags. A node that was
// not found counts as gone only when the server, asked for it, knows none:
// filters and bounds leave out what is there. It is an error when the session
// is lost or ctx ends.
func Compare(ctx context.Context, s Server, found []*Node, tags []Configured) (Diff, error) {
	var d Diff
	at := map[string]*Node{}
	for _, n := range found {
		at[n.ID.String()] = n
	}
	read := map[string]bool{}
	var missing []Configured
	for _, c := range tags {
		if c.Node == nil {
			d.Gone = append(d.Gone, Change{c.Tag, c.Err.Error()})
			continue
		}
		key := c.Node.String()
		read[key] = true
		if n := at[key]; n == nil {
			missing = append(missing, c)
		} else if what := difference(c.Tag, n); what != "" {
			d.Changed = append(d.Changed, Change{c.Tag, what})
		}
	}
	for _, n := range found {
		if !read[n.ID.String()] {
			d.New = append(d.New, n)
		}
	}
	gone, err := unknown(ctx, s, missing)
	d.Gone = append(d.Gone, gone...)
	return d, err
}

// unknown returns those of tags whose nodes the server does not know.
func unknown(ctx context.Context, s Server, tags []Configured) ([]Change, error) {
	wanted := make([]*ua.ReadValueID, len(tags))
	for i, c := range tags {
		wanted[i] = attribute(c.Node, ua.AttributeIDNodeClass)
	}
	values, err := read(ctx, s, wanted)
	if err != nil {
		return nil, fmt.Errorf("read nodes that were not found: %w", err)
	}
	var gone []Change
	for i, v := range values {
		if v.Status == ua.StatusBadNodeIDUnknown || v.Status == ua.StatusBadNodeIDInvalid {
			gone = append(gone, Change{tags[i].Tag, "the server has no node " + tags[i].Tag.Address})
		}
	}
	return gone, nil
}

// difference says what a server says other than tag, "" for nothing.
func difference(tag *plant.Tag, n *Node) string {
	var what []string
	if !fits(n.Kind, tag.Type) {
		what = append(what, fmt.Sprintf("type %s: the server's is %s", tag.Type, n.DataType))
	}
	if tag.Unit != "" && n.Unit != "" && !strings.EqualFold(tag.Unit, n.Unit) {
		what = append(what, fmt.Sprintf("unit %s: the server's is %s", tag.Unit, n.Unit))
	}
	return strings.Join(what, "; ")
}

// fits reports whether every value of one kind, but for what is out of range,
// becomes one of another.
func fits(of, to plant.Kind) bool {
	switch {
	case of == plant.KindNone, to == plant.KindNone, to == plant.KindText, of == to:
		return true
	case of == plant.KindText:
		return false
	case of == plant.KindFloat:
		return to == plant.KindBool
	}
	return true // whole numbers and booleans become any number
}
