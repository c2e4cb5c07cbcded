package opcua

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/channel"
)

// errMalformed is of a response that cannot be taken apart.
var errMalformed = errors.New("response makes no sense")

// A readResponse is a ReadResponse (OPC 10000-4, 5.11.2) whose values stay as
// they came. gopcua's own type believes what a value claims of itself: some
// lengths make it panic where nobody contains it, others make it take
// gigabytes, and an array of more than 65,535 costs the whole response.
type readResponse struct {
	header *ua.ResponseHeader
	n      int    // values
	values []byte // n DataValues
	err    error  // what is wrong with them
}

var (
	_ ua.Response      = (*readResponse)(nil)
	_ ua.BinaryDecoder = (*readResponse)(nil)
)

// Header returns the header without what nobody reads of it: diagnostics and
// what servers add.
func (r *readResponse) Header() *ua.ResponseHeader { return r.header }

// SetHeader replaces the header.
func (r *readResponse) SetHeader(h *ua.ResponseHeader) { r.header = h }

// Decode takes over the body of a response. Only a header that makes no sense
// is an error: with one the channel knows at least whom the response is for.
func (r *readResponse) Decode(b []byte) (int, error) {
	s := skimmer{b: b}
	if r.header = s.header(); r.header == nil {
		return s.pos, fmt.Errorf("%w: %w", errMalformed, s.err)
	}
	r.n, r.values = s.dataValues()
	for n := s.length(); n > 0 && s.err == nil; n-- {
		s.diagnosticInfo(0)
	}
	r.err = s.err
	return len(b), nil
}

// header passes the header of a response and returns what is read of it, nil
// when there is none.
func (s *skimmer) header() *ua.ResponseHeader {
	buf := ua.NewBuffer(s.b[s.pos:])
	h := &ua.ResponseHeader{Timestamp: buf.ReadTime(), RequestHandle: buf.ReadUint32(), ServiceResult: ua.StatusCode(buf.ReadUint32())}
	if s.err = buf.Error(); s.err != nil {
		return nil
	}
	s.pos += buf.Pos()
	s.diagnosticInfo(0)
	for n := s.length(); n > 0 && s.err == nil; n-- {
		s.text()
	}
	s.value(ua.TypeIDExtensionObject, 0)
	return h
}

// dataValues passes an array of DataValues and returns it.
func (s *skimmer) dataValues() (int, []byte) {
	n := s.length()
	start := s.pos
	for range n {
		if s.err != nil {
			return 0, nil
		}
		s.dataValue(0)
	}
	// b is part of a buffer that is as large as a message may be.
	return int(n), bytes.Clone(s.b[start:s.pos])
}

// decoded returns r as gopcua has it, for those who ask for that. Values are as
// of dataValue.decoded.
func (r *readResponse) decoded() *ua.ReadResponse {
	resp := &ua.ReadResponse{ResponseHeader: r.header}
	values, err := r.results(r.n)
	if err != nil {
		r.err = err
		return resp
	}
	for i := range values {
		resp.Results = append(resp.Results, values[i].decoded())
	}
	return resp
}

// A readValue is what was read of one attribute.
type readValue struct {
	dataValue
	why error // why it could not be had; the status then is what andon makes of that
}

// results returns the values of r, of which there must be n.
func (r *readResponse) results(n int) ([]readValue, error) {
	if r.err != nil {
		return nil, fmt.Errorf("%w: %w", errMalformed, r.err)
	}
	if r.n != n {
		return nil, fmt.Errorf("read: got %d results, want %d", r.n, n)
	}
	list, rest := make([]readValue, n), r.values
	for i := range list {
		size, err := list[i].read(rest)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errMalformed, err)
		}
		rest = rest[size:]
	}
	return list, nil
}

// read reads the values of a few nodes of the server itself.
func (x *session) read(ctx context.Context, nodes []*ua.NodeID) ([]*ua.DataValue, error) {
	values, err := x.readAll(ctx, attributesOf(nodes, ua.AttributeIDValue))
	if err != nil {
		return nil, err
	}
	list := make([]*ua.DataValue, len(values))
	for i := range values {
		list[i] = values[i].decoded()
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
func (x *session) readAll(ctx context.Context, list []*ua.ReadValueID) ([]readValue, error) {
	values := make([]readValue, 0, len(list))
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
			results = []readValue{{dataValue{status: status}, err}}
			size, alone, err = x.limits.reads(), true, nil
		}
		if disconnected(err) {
			x.limits.hungUp(n)
		}
		if err != nil {
			return nil, err
		}
		x.limits.bore(n)
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
func (x *session) readOnce(ctx context.Context, list []*ua.ReadValueID) ([]readValue, error) {
	resp, err := call[ua.Response](ctx, x, &ua.ReadRequest{TimestampsToReturn: ua.TimestampsToReturnBoth, NodesToRead: list})
	if err != nil {
		return nil, err
	}
	switch r := resp.(type) {
	case *readResponse:
		return r.results(len(list))
	case *ua.ReadResponse: // gopcua is not what it was, see registry.go
		if len(r.Results) != len(list) {
			return nil, fmt.Errorf("read: got %d results, want %d", len(r.Results), len(list))
		}
		values := make([]readValue, len(list))
		for i, d := range r.Results {
			values[i].dataValue = encodedAgain(d)
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
	case errors.Is(err, errMalformed):
		return ua.StatusBadDecodingError
	// gopcua has no other name for a message beyond its bounds.
	case strings.HasPrefix(err.Error(), "opcua: message too large:"), strings.HasPrefix(err.Error(), "opcua: too many chunks:"):
		return ua.StatusBadResponseTooLarge
	}
	return tooLarge(err)
}
