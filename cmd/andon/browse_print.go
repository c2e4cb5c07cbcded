package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"andon/collector/opcua/browse"
	"andon/plant"
)

// printTree prints the variables and the folders above them.
func (b *browseCall) printTree(_ context.Context, w io.Writer, x browsed) error {
	shown := map[*browse.Node]bool{}
	for _, n := range x.found {
		for up := n; up != nil && !shown[up]; up = up.Parent {
			shown[up] = true
		}
	}
	found := map[*browse.Node]bool{}
	for _, n := range x.found {
		found[n] = true
	}
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	x.tree.Root.Each(func(n *browse.Node) {
		if !shown[n] {
			return
		}
		name := strings.Repeat("  ", len(n.Names)-1) + printable(n.Name())
		if !found[n] {
			fmt.Fprintf(out, "%s\t%s\t\t\n", name, printable(n.Type))
			return
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", name, printable(typeText(n)), printable(n.UnitText), printable(x.tree.Address(n)))
	})
	return out.Flush()
}

// typeText names the type of a variable, and what keeps it from being read.
func typeText(n *browse.Node) string {
	text := n.DataType
	if !n.Scalar {
		text += " (no scalar)"
	}
	if !n.Readable {
		text += " (not readable)"
	}
	return text
}

// printable takes from a name what would move a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '?'
		}
		return r
	}, text)
}

// printConfig prints configuration that collects what was found.
func (b *browseCall) printConfig(_ context.Context, w io.Writer, x browsed) error {
	places, left := b.template.Put(x.tree, x.found, nil)
	site, zone := "site1", "UTC"
	if x.cfg != nil {
		site, zone = x.cfg.Plant.Site, x.cfg.Plant.Zone
	} else {
		writeSource(w, x.options.Name, x.options.Config)
	}
	fmt.Fprintf(w, "plant:\n  site: %s\n  zone: %s\n", site, zone)
	if err := browse.Write(w, places, x.options.Name, "  "); err != nil {
		return err
	}
	if len(left) > 0 {
		fmt.Fprintln(w, "# Not taken:")
	}
	for _, l := range left {
		fmt.Fprintf(w, "#   %s %s: %s\n", printable(l.Node.Path()), printable(x.tree.Address(l.Node)), l.Why)
	}
	return nil
}

// printDiff prints what the server and the configuration differ in; when they
// do, the error ends the program with status 1.
func (b *browseCall) printDiff(ctx context.Context, w io.Writer, x browsed) error {
	d, err := browse.Compare(ctx, x.client, x.found, configured(x))
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, n := range d.New {
		fmt.Fprintf(out, "+ %s\t%s\t%s\n", printable(n.Path()), printable(typeText(n)), printable(x.tree.Address(n)))
	}
	for _, c := range d.Gone {
		fmt.Fprintf(out, "- %s\t%s\t\n", c.Tag.Path, printable(c.What))
	}
	for _, c := range d.Changed {
		fmt.Fprintf(out, "~ %s\t%s\t\n", c.Tag.Path, printable(c.What))
	}
	if err := out.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "%d new, %d gone, %d changed\n", len(d.New), len(d.Gone), len(d.Changed))
	if !d.None() {
		return errQuiet
	}
	return nil
}

// configured returns the tags of the source with their nodes in this session.
func configured(x browsed) []browse.Configured {
	list := make([]browse.Configured, len(x.tags))
	for i, t := range x.tags {
		node, err := x.client.Node(t.Address)
		list[i] = browse.Configured{Tag: t, Node: node, Err: err}
	}
	return list
}

// A browsedVariable is a variable in JSON.
type browsedVariable struct {
	Path           string `json:"path"`
	Address        string `json:"address"`
	Node           string `json:"node"`
	DataType       string `json:"data_type"`
	Type           string `json:"type,omitempty"` // of a tag
	Unit           string `json:"unit,omitempty"` // of a tag
	ServerUnit     string `json:"server_unit,omitempty"`
	TypeDefinition string `json:"type_definition,omitempty"`
	Scalar         bool   `json:"scalar"`
	Readable       bool   `json:"readable"`
}

// printJSON prints one variable a line.
func (b *browseCall) printJSON(_ context.Context, w io.Writer, x browsed) error {
	e := json.NewEncoder(w)
	for _, n := range x.found {
		v := browsedVariable{Path: n.Path(), Address: x.tree.Address(n), Node: n.ID.String(), DataType: n.DataType, Unit: n.Unit,
			ServerUnit: n.UnitText, TypeDefinition: n.Type, Scalar: n.Scalar, Readable: n.Readable}
		if n.Kind != plant.KindNone {
			v.Type = n.Kind.String()
		}
		if err := e.Encode(v); err != nil {
			return err
		}
	}
	return nil
}
