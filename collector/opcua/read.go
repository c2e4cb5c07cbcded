package opcua

import (
	"context"
	"errors"
	"fmt"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/channel"
	"andon/collector/opcua/wire"
)

// read reads the values of a few nodes of the server itself.
func (x *session) read(ctx context.Context, nodes []*ua.NodeID) ([]*ua.DataValue, error) {
	values, err := x.readAll(ctx, attributesOf(nodes, ua.AttributeIDValue))
	if err != nil {
		return nil, err
	}
	list := make([]*ua.DataValue, len(values))
	for i := range values {
		list[i] = values[i].Decoded()
	}
	return list, nil
}

// attributesOf asks for one attribute of each node.
func attributesOf(nodes []*ua.NodeID, attribute ua.AttributeID) []*ua.ReadValueID {
	list := make([]*ua.ReadValueID, len(nodes))
	for i, node := range nodes {
		list[i] = &ua.ReadValueID{NodeID: node, AttributeID: attribute, DataEncoding: &ua.QualifiedName{}}
	}
	return list
}

// readAll reads attributes of nodes in as many calls as the server's limit asks
// for. A call whose answer cannot be had is halved: one that is too large, for
// which the limit is remembered, or one that makes no sense. A single value that
// cannot be had is itself Bad, and says nothing of the others.
func (x *session) readAll(ctx context.Context, list []*ua.ReadValueID) ([]wire.ReadValue, error) {
	values := make([]wire.ReadValue, 0, len(list))
	size, alone := x.limits.reads(), false
	room := x.channel.Room()
	for len(list) > 0 {
		n := channel.Fitting(list[:min(len(list), size)], room, readSize)
		results, err := x.readOnce(ctx, list[:n])
		status := unreadable(err)
		if status != ua.StatusOK && n > 1 {
			size = n / 2
			continue
		}
		if status != ua.StatusOK { // one value is to blame, and not the others
			results = []wire.ReadValue{{DataValue: wire.DataValue{Status: status}, Err: err}}
			size, alone, err = x.limits.reads(), true, nil
		}
		if cut := cutOff(ctx, err); cut || err == nil {
			x.limits.readEnded(n, cut)
		}
		if err != nil {
			return nil, err
		}
		values, list = append(values, results...), list[n:]
	}
	if !alone {
		x.limits.bearRead(size)
	}
	return values, nil
}

// readSize is how long an encoded ReadValueID is at most.
func readSize(r *ua.ReadValueID) int {
	const others = 4 + 4 + 2 + 4 // attribute, index range, encoding
	return channel.NodeSize(r.NodeID) + others
}

// readOnce reads attributes in one call.
func (x *session) readOnce(ctx context.Context, list []*ua.ReadValueID) ([]wire.ReadValue, error) {
	resp, err := call[ua.Response](ctx, x, &ua.ReadRequest{TimestampsToReturn: ua.TimestampsToReturnBoth, NodesToRead: list})
	if err != nil {
		return nil, err
	}
	switch r := resp.(type) {
	case *wire.ReadResponse:
		return r.Results(len(list))
	case *ua.ReadResponse: // gopcua is not what it was, see wire.Register
		if len(r.Results) != len(list) {
			return nil, fmt.Errorf("read: got %d results, want %d", len(r.Results), len(list))
		}
		values := make([]wire.ReadValue, len(list))
		for i, d := range r.Results {
			values[i].DataValue = wire.Encoded(d)
		}
		return values, nil
	}
	return nil, fmt.Errorf("read: got %T, want a ReadResponse", resp)
}

// unreadable returns what status a value has for which a call of its own failed
// with err, StatusOK when the value is not to blame.
func unreadable(err error) ua.StatusCode {
	switch {
	case err == nil:
		return ua.StatusOK
	case errors.Is(err, wire.ErrMalformed):
		return ua.StatusBadDecodingError
	}
	return channel.TooLarge(err)
}
