package browse_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/browse"
)

const plantURI = "urn:northfield:plant"

// A space is an address space in memory that answers as strictly as a small
// controller does: few nodes in a call, few references in an answer, few
// continuation points, all of them counted.
type space struct {
	t          *testing.T
	namespaces []string
	nodes      map[string]*entry

	reported  uint32                // MaxNodesPerBrowse, 0 for none
	enforced  int                   // nodes in one Browse, 0 for any number
	perAnswer int                   // references of one node in one answer, 0 for any number
	bears     int                   // references in one answer, beyond which it refuses the call, 0 for any number
	requested int                   // references of one node, by the last Browse
	points    int                   // continuation points at a time, 0 for any number
	endless   string                // node that goes on without an end
	onBrowse  func(context.Context) // called at each Browse
	lost      error                 // what every Browse ends with

	open    map[string]rest
	most    int // continuation points that were open at a time
	calls   int // Browse and BrowseNext
	largest int // nodes in one Browse
	longest int // bytes of a request
	next    int
	padding string // of continuation points
}

var _ browse.Server = (*space)(nil)

type rest struct {
	node *entry
	from int
}

type entry struct {
	id    *ua.NodeID
	refs  []*ua.ReferenceDescription
	attrs map[ua.AttributeID]any
	bad   ua.StatusCode // what browsing it answers
}

func newSpace(t *testing.T) *space {
	s := &space{t: t, namespaces: []string{"http://opcfoundation.org/UA/", "urn:server", plantURI}, nodes: map[string]*entry{}, open: map[string]rest{}}
	s.entry(ua.NewNumericNodeID(0, id.ObjectsFolder))
	return s
}

func (s *space) entry(n *ua.NodeID) *entry {
	e := s.nodes[n.String()]
	if e == nil {
		e = &entry{id: n, attrs: map[ua.AttributeID]any{}}
		s.nodes[n.String()] = e
	}
	return e
}

// objects is the Objects folder.
func (s *space) objects() *entry { return s.nodes["i=85"] }

func (s *space) node(text string) *ua.NodeID {
	n, err := ua.ParseNodeID(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// link makes a reference.
func link(from, to *entry, kind uint32, name string, class ua.NodeClass, typeID *ua.NodeID) {
	if typeID == nil {
		typeID = ua.NewNumericNodeID(0, id.BaseObjectType)
	}
	from.refs = append(from.refs, &ua.ReferenceDescription{
		ReferenceTypeID: ua.NewNumericNodeID(0, kind), IsForward: true, NodeID: ua.NewExpandedNodeID(to.id, "", 0),
		BrowseName: &ua.QualifiedName{NamespaceIndex: 2, Name: name}, DisplayName: ua.NewLocalizedText(name), NodeClass: class,
		TypeDefinition: ua.NewExpandedNodeID(typeID, "", 0),
	})
}

// folder makes an object below parent.
func (s *space) folder(parent *entry, name string) *entry {
	e := s.entry(ua.NewStringNodeID(2, s.path(parent, name)))
	link(parent, e, id.Organizes, name, ua.NodeClassObject, ua.NewNumericNodeID(0, id.FolderType))
	return e
}

// variable makes a variable of a standard data type below parent.
func (s *space) variable(parent *entry, name string, dataType uint32) *entry {
	e := s.entry(ua.NewStringNodeID(2, s.path(parent, name)))
	link(parent, e, id.HasComponent, name, ua.NodeClassVariable, ua.NewNumericNodeID(0, id.BaseDataVariableType))
	e.attrs[ua.AttributeIDDataType] = ua.NewNumericNodeID(0, dataType)
	e.attrs[ua.AttributeIDValueRank] = int32(-1)
	e.attrs[ua.AttributeIDUserAccessLevel] = byte(ua.AccessLevelTypeCurrentRead)
	e.attrs[ua.AttributeIDNodeClass] = int32(ua.NodeClassVariable)
	return e
}

// units gives a variable engineering units.
func (s *space) units(v *entry, eu *ua.EUInformation) {
	e := s.entry(ua.NewStringNodeID(2, v.id.StringID()+".EngineeringUnits"))
	link(v, e, id.HasProperty, "EngineeringUnits", ua.NodeClassVariable, ua.NewNumericNodeID(0, id.PropertyType))
	e.attrs[ua.AttributeIDValue] = ua.NewExtensionObject(eu)
}

func (s *space) path(parent *entry, name string) string {
	if parent == s.objects() {
		return name
	}
	return parent.id.StringID() + "." + name
}

// Namespaces implements browse.Server.
func (s *space) Namespaces() []string { return s.namespaces }

// Call implements browse.Server.
func (s *space) Call(ctx context.Context, req ua.Request) (ua.Response, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	body, err := ua.Encode(req)
	if err != nil {
		s.t.Fatal(err)
	}
	s.longest = max(s.longest, len(body))
	switch r := req.(type) {
	case *ua.BrowseRequest:
		return s.browse(ctx, r)
	case *ua.BrowseNextRequest:
		return s.browseNext(r)
	}
	return nil, ua.StatusBadServiceUnsupported
}

func (s *space) browse(ctx context.Context, r *ua.BrowseRequest) (ua.Response, error) {
	if s.calls++; s.onBrowse != nil {
		s.onBrowse(ctx)
	}
	s.largest = max(s.largest, len(r.NodesToBrowse))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case s.lost != nil:
		return nil, s.lost
	case s.enforced > 0 && len(r.NodesToBrowse) > s.enforced:
		return nil, ua.StatusBadTooManyOperations
	}
	s.requested = int(r.RequestedMaxReferencesPerNode)
	resp := &ua.BrowseResponse{}
	for _, d := range r.NodesToBrowse {
		e := s.nodes[d.NodeID.String()]
		switch {
		case e == nil:
			resp.Results = append(resp.Results, &ua.BrowseResult{StatusCode: ua.StatusBadNodeIDUnknown})
		case e.bad != ua.StatusOK:
			resp.Results = append(resp.Results, &ua.BrowseResult{StatusCode: e.bad})
		default:
			resp.Results = append(resp.Results, s.answer(rest{e, 0}, d.BrowseDirection))
		}
	}
	if s.tooMany(resp.Results) {
		return nil, ua.StatusBadResponseTooLarge
	}
	return resp, nil
}

// tooMany reports whether an answer has more references than the server bears,
// which then keeps nothing of it.
func (s *space) tooMany(results []*ua.BrowseResult) bool {
	n := 0
	for _, r := range results {
		n += len(r.References)
	}
	if s.bears == 0 || n <= s.bears {
		return false
	}
	for _, r := range results {
		delete(s.open, string(r.ContinuationPoint))
	}
	return true
}

// answer gives out references of one node, with a continuation point for
// those that do not fit.
func (s *space) answer(x rest, direction ua.BrowseDirection) *ua.BrowseResult {
	var refs []*ua.ReferenceDescription
	for _, r := range x.node.refs {
		if r.IsForward == (direction == ua.BrowseDirectionForward) {
			refs = append(refs, r)
		}
	}
	refs = refs[min(x.from, len(refs)):]
	endless := x.node.id.String() == s.endless
	most := s.requested
	if s.perAnswer > 0 {
		most = min(most, s.perAnswer)
	}
	if len(refs) <= most && !endless {
		return &ua.BrowseResult{References: refs}
	}
	if s.points > 0 && len(s.open) >= s.points {
		return &ua.BrowseResult{StatusCode: ua.StatusBadNoContinuationPoints}
	}
	n := min(len(refs), most)
	s.next++
	key := strconv.Itoa(s.next) + s.padding
	s.open[key] = rest{x.node, x.from + n}
	s.most = max(s.most, len(s.open))
	return &ua.BrowseResult{References: refs[:n], ContinuationPoint: []byte(key)}
}

func (s *space) browseNext(r *ua.BrowseNextRequest) (ua.Response, error) {
	s.calls++
	resp := &ua.BrowseNextResponse{}
	for _, p := range r.ContinuationPoints {
		x, ok := s.open[string(p)]
		delete(s.open, string(p))
		switch {
		case r.ReleaseContinuationPoints:
		case !ok:
			resp.Results = append(resp.Results, &ua.BrowseResult{StatusCode: ua.StatusBadContinuationPointInvalid})
		default:
			resp.Results = append(resp.Results, s.answer(x, ua.BrowseDirectionForward))
		}
	}
	if s.tooMany(resp.Results) {
		return nil, ua.StatusBadResponseTooLarge
	}
	return resp, nil
}

// Read implements browse.Server.
func (s *space) Read(ctx context.Context, nodes []*ua.ReadValueID) ([]*ua.DataValue, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	values := make([]*ua.DataValue, len(nodes))
	for i, n := range nodes {
		values[i] = s.read(n)
	}
	return values, nil
}

func (s *space) read(n *ua.ReadValueID) *ua.DataValue {
	if n.NodeID.String() == fmt.Sprintf("i=%d", id.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse) {
		return &ua.DataValue{Value: ua.MustVariant(s.reported)}
	}
	e := s.nodes[n.NodeID.String()]
	if e == nil {
		return &ua.DataValue{Status: ua.StatusBadNodeIDUnknown}
	}
	v, ok := e.attrs[n.AttributeID]
	if !ok {
		return &ua.DataValue{Status: ua.StatusBadAttributeIDInvalid}
	}
	return &ua.DataValue{Value: ua.MustVariant(v)}
}

// walk walks through the space and finds what f selects.
func (s *space) walk(o browse.Options, f browse.Filter) (*browse.Tree, []*browse.Node) {
	s.t.Helper()
	if o.Bounds == (browse.Bounds{}) {
		o.Bounds = browse.DefaultBounds()
	}
	tree, err := browse.Walk(s.t.Context(), s, o)
	if err != nil {
		s.t.Fatalf("walk: %v", err)
	}
	found, err := browse.Find(s.t.Context(), s, tree, f)
	if err != nil {
		s.t.Fatalf("find: %v", err)
	}
	return tree, found
}

// paths returns the paths of nodes.
func paths(nodes []*browse.Node) []string {
	list := make([]string, len(nodes))
	for i, n := range nodes {
		list[i] = n.Path()
	}
	return list
}
