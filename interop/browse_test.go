package interop_test

import (
	"log/slog"
	"slices"
	"testing"

	"andon/collector/opcua"
	"andon/collector/opcua/browse"
	"andon/collector/opcua/probe"
	"andon/plant"
)

// tool returns what a tool needs to ask the server as the source does.
func (r *rig) tool() opcua.Options {
	return opcua.Options{Config: r.config, Name: "tool", StateDir: r.state, Log: slog.New(slog.NewTextHandler(r.t.Output(), nil))}
}

// variables finds what the server has, in calls of perCall nodes.
func (r *rig) variables(perCall int, withServer bool) (*browse.Tree, map[string]*browse.Node) {
	r.t.Helper()
	client, err := opcua.Open(r.t.Context(), r.tool())
	if err != nil {
		r.t.Fatal(err)
	}
	defer client.Close()
	bounds := browse.DefaultBounds()
	bounds.PerCall = perCall
	tree, err := browse.Walk(r.t.Context(), client, browse.Options{Bounds: bounds, Server: withServer})
	if err != nil {
		r.t.Fatal(err)
	}
	found, err := browse.Find(r.t.Context(), client, tree, browse.Filter{})
	if err != nil {
		r.t.Fatal(err)
	}
	list := map[string]*browse.Node{}
	for _, n := range found {
		list[n.Path()] = n
	}
	return tree, list
}

func browsing(t *testing.T, s *server) {
	r := newRig(t, s)
	tree, found := r.variables(100, false)
	for _, x := range []struct {
		name, dataType string
		kind           plant.Kind
		scalar         bool
		unit           string
	}{
		{"Boolean", "Boolean", plant.KindBool, true, ""},
		{"Int64", "Int64", plant.KindInt, true, ""},
		{"Float", "Float", plant.KindFloat, true, ""},
		{"DateTime", "DateTime", plant.KindText, true, ""},
		{"Zones", "Double", plant.KindFloat, false, ""},
		{"Matrix", "Double", plant.KindFloat, false, ""},
		{"DriveState", "DriveState", plant.KindInt, true, ""},
		{"Temperature", "Double", plant.KindFloat, true, "degC"},
	} {
		n := found["Packing/"+x.name]
		if n == nil {
			t.Errorf("%s: not found among %d variables", x.name, len(found))
			continue
		}
		if n.DataType != x.dataType || n.Kind != x.kind || n.Scalar != x.scalar || n.Unit != x.unit || !n.Readable || tree.Address(n) != "nsu=urn:northfield:interop;s="+x.name {
			t.Errorf("%s: got %s %s, scalar %v, unit %q, readable %v, address %s; want %+v", x.name, n.DataType, n.Kind, n.Scalar, n.Unit, n.Readable, tree.Address(n), x)
		}
	}
	if !tree.Whole() {
		t.Errorf("got cut %q, troubles %v; want all of it", tree.Cut, tree.Troubles)
	}
	_, again := r.variables(3, false)
	if len(again) != len(found) {
		t.Errorf("in calls of three nodes: got %d variables, want %d", len(again), len(found))
	}
	if whole, _ := r.variables(100, true); whole.Nodes < 2*tree.Nodes {
		t.Errorf("with the Server object: got %d nodes, want many more than %d", whole.Nodes, tree.Nodes)
	}
}

func probing(t *testing.T, s *server) {
	r := newRig(t, s)
	report, err := probe.Ask(t.Context(), probe.Options{Server: r.tool(), Session: true})
	if err != nil {
		t.Fatal(err)
	}
	x := report.Session
	if x == nil || x.RoundTrip <= 0 || x.ClockSkew.Abs() > r.config.RequestTimeout || !slices.Contains(x.Namespaces, "urn:northfield:interop") || len(x.Limits) == 0 || x.Started.IsZero() {
		t.Errorf("session: got %+v, %s", x, report.SessionError)
	}
	if len(report.Certificates) != 1 || !report.Certificates[0].Trusted || report.Certificates[0].Days <= 0 {
		t.Errorf("certificates: got %+v, want one that is trusted", report.Certificates)
	}
	if c := report.Suggested; c.Security.Policy != opcua.PolicyAes256Sha256RsaPss || len(c.Validate()) != 0 {
		t.Errorf("suggested: got %+v, %v; want the strongest policy", c.Security, c.Validate())
	}
}
