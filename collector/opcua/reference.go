package opcua

import (
	"context"
	"fmt"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/channel"
	"andon/collector/opcua/structure"
	"andon/collector/opcua/wire"
)

const (
	// browseBatch is how many nodes one call browses, few enough for any server.
	browseBatch = 100
	// maxReferences bounds what is taken of one node.
	maxReferences = 1000
)

// ReadMany reads an attribute of nodes. Where a server refuses that as a whole
// all are Bad; only the loss of the session is an error.
func (x *session) ReadMany(ctx context.Context, nodes []*ua.NodeID, attribute ua.AttributeID) ([]wire.ReadValue, error) {
	if len(nodes) == 0 {
		return nil, nil
	}
	values, err := x.readAll(ctx, attributesOf(nodes, attribute))
	if err == nil {
		return values, nil
	}
	if err := x.lost(ctx, err); err != nil {
		return nil, err
	}
	values = make([]wire.ReadValue, len(nodes))
	for i := range values {
		values[i] = wire.ReadValue{DataValue: wire.DataValue{Status: ua.StatusBadUnexpectedError}, Err: err}
	}
	return values, nil
}

// lost returns an error when err is the end of the session.
func (x *session) lost(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case fatal(err):
		return fmt.Errorf("session lost: %w", err)
	}
	return nil
}

// References returns the references of a type that each of nodes has, the first
// ones of a node with very many. Those that a server does not tell are missing;
// only the loss of the session is an error.
func (x *session) References(ctx context.Context, nodes []*ua.NodeID, kind uint32, direction ua.BrowseDirection) ([][]*ua.ReferenceDescription, error) {
	refs := make([][]*ua.ReferenceDescription, len(nodes))
	for from, size := 0, browseBatch; from < len(nodes); {
		part := nodes[from:min(from+size, len(nodes))]
		part = part[:channel.Fitting(part, x.channel.Room(), channel.BrowseSize)]
		req := &ua.BrowseRequest{View: &ua.ViewDescription{ViewID: ua.NewTwoByteNodeID(0)}, RequestedMaxReferencesPerNode: maxReferences}
		for _, n := range part {
			req.NodesToBrowse = append(req.NodesToBrowse, &ua.BrowseDescription{
				NodeID: n, BrowseDirection: direction, ReferenceTypeID: ua.NewNumericNodeID(0, kind),
				IncludeSubtypes: true, ResultMask: uint32(ua.BrowseResultMaskAll),
			})
		}
		resp, err := call[*ua.BrowseResponse](ctx, x, req)
		if tooMuch(err) && len(part) > 1 {
			size = len(part) / 2
			continue
		}
		if err := x.lost(ctx, err); err != nil {
			return nil, err
		}
		if err == nil && len(resp.Results) == len(part) {
			x.takeReferences(ctx, refs[from:], resp.Results)
		}
		from += len(part)
	}
	return refs, nil
}

// takeReferences takes over results and lets the server forget what it has more.
func (x *session) takeReferences(ctx context.Context, refs [][]*ua.ReferenceDescription, results []*ua.BrowseResult) {
	var more [][]byte
	for i, r := range results {
		refs[i] = r.References[:min(len(r.References), maxReferences)]
		if len(r.ContinuationPoint) > 0 {
			more = append(more, r.ContinuationPoint)
		}
	}
	for len(more) > 0 {
		n := channel.Fitting(more, x.channel.Room(), channel.PointSize)
		// A server that does not answer that forgets them with the session.
		_, _ = call[*ua.BrowseNextResponse](ctx, x, &ua.BrowseNextRequest{ReleaseContinuationPoints: true, ContinuationPoints: more[:n]})
		more = more[n:]
	}
}

// properties finds a property of each of nodes, by the first of names that it
// has; nil where it has none.
func (x *session) properties(ctx context.Context, nodes []*ua.NodeID, names ...string) ([]*ua.NodeID, error) {
	refs, err := x.References(ctx, nodes, id.HasProperty, ua.BrowseDirectionForward)
	if err != nil {
		return nil, err
	}
	found := make([]*ua.NodeID, len(nodes))
	for i := range refs {
		for _, name := range names {
			for _, r := range refs[i] {
				if found[i] == nil && r.BrowseName != nil && r.BrowseName.Name == name && r.BrowseName.NamespaceIndex == 0 {
					found[i] = ua.NewNodeIDFromExpandedNodeID(r.NodeID)
				}
			}
		}
	}
	return found, nil
}

// PropertyNames reads what numbers are called by the properties of nodes, nil
// where they have none.
func (x *session) PropertyNames(ctx context.Context, nodes []*ua.NodeID) ([]map[int64]string, error) {
	values, err := x.propertyValues(ctx, nodes, "EnumStrings", "EnumValues")
	if err != nil {
		return nil, err
	}
	names := make([]map[int64]string, len(nodes))
	for i, v := range values {
		if v != nil {
			names[i] = structure.NamesIn(v)
		}
	}
	return names, nil
}

// propertyValues reads a property of each of nodes, nil where it has none.
func (x *session) propertyValues(ctx context.Context, nodes []*ua.NodeID, names ...string) ([]*wire.DataValue, error) {
	found, err := x.properties(ctx, nodes, names...)
	if err != nil {
		return nil, err
	}
	var there []*ua.NodeID
	var at []int
	for i, n := range found {
		if n != nil {
			there, at = append(there, n), append(at, i)
		}
	}
	values, err := x.ReadMany(ctx, there, ua.AttributeIDValue)
	if err != nil {
		return nil, err
	}
	list := make([]*wire.DataValue, len(nodes))
	for j, i := range at {
		list[i] = &values[j].DataValue
	}
	return list, nil
}
