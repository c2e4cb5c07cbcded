package opcua_test

import (
	"testing"
	"time"

	"andon/cmd/plantsim/internal/northfield"

	gopcua "github.com/gopcua/opcua"
	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
)

func TestPlantCanBeBrowsedFromTheObjectsFolder(t *testing.T) {
	s := running(t)
	c := connect(t, s)
	found := map[string]ua.NodeClass{}
	var walk func(n *gopcua.Node)
	walk = func(n *gopcua.Node) {
		refs, err := n.References(t.Context(), id.HierarchicalReferences, ua.BrowseDirectionForward, ua.NodeClassAll, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range refs {
			if nid := r.NodeID.NodeID; nid.Namespace() == 2 {
				found[nid.StringID()] = r.NodeClass
				walk(c.Node(nid))
			}
		}
	}
	walk(c.Node(ua.NewNumericNodeID(0, id.ObjectsFolder)))
	for _, eq := range northfield.Plant() {
		for _, sig := range eq.Signals {
			if sig.Node != "" && found[sig.Node] != ua.NodeClassVariable {
				t.Errorf("%s: got class %v, want a variable", sig.Node, found[sig.Node])
			}
		}
	}
	typ, err := c.Node(ua.NewStringNodeID(2, "LineA.A1.Admin.ProdDefectiveCount")).Attribute(t.Context(), ua.AttributeIDDataType)
	if err != nil || typ.Value().(*ua.NodeID).IntID() != id.UInt16 {
		t.Errorf("data type: got %v %v, want UInt16", typ, err)
	}
	if v, err := c.Node(ua.NewStringNodeID(2, "LineB.B1.Cavities")).Value(t.Context()); err != nil || v.Value() != int32(4) {
		t.Errorf("cavities: got %v %v, want 4", v, err)
	}
	ns, err := c.NamespaceArray(t.Context())
	if err != nil || len(ns) != 3 || ns[2] != "urn:northfield:plant" {
		t.Errorf("namespaces: got %v %v, want urn:northfield:plant at 2", ns, err)
	}
}

func TestNothingCanBeWritten(t *testing.T) {
	s := running(t)
	c := connect(t, s)
	res, err := c.Write(t.Context(), &ua.WriteRequest{NodesToWrite: []*ua.WriteValue{{
		NodeID: ua.NewStringNodeID(2, "LineA.A1.Status.StateCurrent"), AttributeID: ua.AttributeIDValue,
		Value: &ua.DataValue{EncodingMask: ua.DataValueValue, Value: ua.MustVariant(int32(6))},
	}}})
	if err != nil || res.Results[0] != ua.StatusBadNotWritable {
		t.Errorf("got %v %v, want Bad_NotWritable", res, err)
	}
}

func TestUnknownNodeIsRefusedAloneWhenMonitored(t *testing.T) {
	s := running(t)
	c := connect(t, s)
	sub, err := c.Subscribe(t.Context(), &gopcua.SubscriptionParameters{Interval: 100 * time.Millisecond}, make(chan *gopcua.PublishNotificationData, 100))
	if err != nil {
		t.Fatal(err)
	}
	var reqs []*ua.MonitoredItemCreateRequest
	for i, node := range []string{"LineB.B1.Shots", "LineB.B9.Shots", "LineB.B1"} {
		reqs = append(reqs, gopcua.NewMonitoredItemCreateRequestWithDefaults(ua.NewStringNodeID(2, node), ua.AttributeIDValue, uint32(i)))
	}
	res, err := sub.Monitor(t.Context(), ua.TimestampsToReturnBoth, reqs...)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []ua.StatusCode{ua.StatusOK, ua.StatusBadNodeIDUnknown, ua.StatusBadAttributeIDInvalid} {
		if got := res.Results[i].StatusCode; got != want {
			t.Errorf("item %d: got %v, want %v", i, got, want)
		}
	}
}
