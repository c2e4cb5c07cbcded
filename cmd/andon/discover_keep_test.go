package main

import (
	"bytes"
	"log/slog"
	"os"
	"testing"

	"github.com/gopcua/opcua/ua"
	"github.com/prometheus/client_golang/prometheus"

	"andon/collector/opcua"
	"andon/collector/opcua/browse"
	"andon/configs"
	"andon/plant"
)

// look has a discovery take what a server has: variables of one machine.
func (p *grownPlant) look(names ...string) (*discovery, []string) {
	p.t.Helper()
	cfg, err := configs.Load(p.config)
	if err != nil {
		p.t.Fatal(err)
	}
	tree, err := plant.NewTree(cfg.Plant)
	if err != nil {
		p.t.Fatal(err)
	}
	d := newDiscovery(cfg, tree, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	d.found(p.foundNow(tree, names))
	return d, d.told()
}

// foundNow is what a look comes to, by the identifiers of nodes that all have
// the path LineA/A1/Speed.
func (p *grownPlant) foundNow(tree *plant.Tree, ids []string) opcua.Found {
	f := opcua.Found{Source: "packing", Tree: &browse.Tree{Namespaces: []string{"", "", "urn:plant"}}}
	for _, id := range ids {
		n := &browse.Node{ID: ua.NewStringNodeID(2, id), Names: []string{"LineA", "A1", "Speed"}, Class: ua.NodeClassVariable, Kind: plant.KindFloat, Scalar: true, Readable: true}
		f.Nodes = append(f.Nodes, n)
		read := false
		for _, t := range tree.Tags() {
			read = read || t.Address == f.Tree.Address(n)
		}
		if !read {
			f.New = append(f.New, n)
		}
	}
	return f
}

// names are those of the tags, by address.
func (p *grownPlant) names() map[string]string {
	p.t.Helper()
	cfg, err := configs.Load(p.config)
	if err != nil {
		p.t.Fatal(err)
	}
	list := map[string]string{}
	for _, x := range browse.Places(cfg.Plant.Areas) {
		list[x.Tag.Address] = x.Tag.Name
	}
	return list
}

func TestWhatWaitsForTheNextStartKeepsItsNameWhenMoreComes(t *testing.T) {
	p := newGrownPlant(t, false)
	cfg, err := configs.Load(p.config)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := plant.NewTree(cfg.Plant)
	if err != nil {
		t.Fatal(err)
	}
	d := newDiscovery(cfg, tree, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	d.found(p.foundNow(tree, []string{"first"}))
	d.found(p.foundNow(tree, []string{"second", "first"})) // now another comes before it
	got := p.names()
	if got["nsu=urn:plant;s=first"] != "Speed" || got["nsu=urn:plant;s=second"] != "Speed_2" || len(got) != 2 {
		t.Errorf("got %v, want the first to stay Speed", got)
	}
}

func TestAndonIsBuiltAnewOnlyForWhatItCanCollect(t *testing.T) {
	p := newGrownPlant(t, true)
	d, _ := p.look("a")
	if len(d.changed) != 1 {
		t.Fatal("a new variable: got no configuration to go on with")
	}
	// Somebody gives its name to another node.
	text, err := os.ReadFile(p.config)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte("{name: packing}"), []byte(`{name: packing, lines: [{name: LineA, equipment: [{name: A1, source: packing, tags: [{name: Speed, address: "nsu=urn:plant;s=other"}]}]}]}`), 1)
	if err := os.WriteFile(p.config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	d, told := p.look("a")
	if len(d.changed) != 0 || len(told) == 0 {
		t.Errorf("a name that is taken: got %d configurations to go on with, told %q; want none, and it told", len(d.changed), told)
	}
}
