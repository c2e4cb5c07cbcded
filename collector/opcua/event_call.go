package opcua

import (
	"fmt"

	"github.com/gopcua/opcua/ua"
)

// A callResponse is a CallResponse (OPC 10000-4, 5.12.2) of which only statuses
// are read: what methods return is passed by, whatever it claims of itself.
type callResponse struct {
	header   *ua.ResponseHeader
	statuses []ua.StatusCode
	err      error // what is wrong with them
}

var (
	_ ua.Response      = (*callResponse)(nil)
	_ ua.BinaryDecoder = (*callResponse)(nil)
)

// Header returns the header without what nobody reads of it.
func (r *callResponse) Header() *ua.ResponseHeader { return r.header }

// SetHeader replaces the header.
func (r *callResponse) SetHeader(h *ua.ResponseHeader) { r.header = h }

// Decode takes over the body of a response. Only a header that makes no sense
// is an error.
func (r *callResponse) Decode(b []byte) (int, error) {
	s := skimmer{b: b}
	if r.header = s.header(); r.header == nil {
		return s.pos, fmt.Errorf("%w: %w", errMalformed, s.err)
	}
	for n := s.length(); n > 0 && s.err == nil; n-- {
		r.statuses = append(r.statuses, ua.StatusCode(s.uint32()))
		s.skip(s.length(), 4) // statuses of the arguments
		for k := s.length(); k > 0 && s.err == nil; k-- {
			s.diagnosticInfo(0)
		}
		for k := s.length(); k > 0 && s.err == nil; k-- {
			s.variant(0)
		}
	}
	r.err = s.err
	return len(b), nil
}

// called returns why the one method that was called failed, nil when it did
// not.
func called(resp ua.Response) error {
	var list []ua.StatusCode
	switch r := resp.(type) {
	case *callResponse:
		if r.err != nil {
			return fmt.Errorf("%w: %w", errMalformed, r.err)
		}
		list = r.statuses
	case *ua.CallResponse: // as gopcua decodes it by itself
		for _, x := range r.Results {
			list = append(list, x.StatusCode)
		}
	}
	switch {
	case len(list) != 1:
		return fmt.Errorf("call: got %d results of %T, want 1", len(list), resp)
	case list[0]&severityBad != 0:
		return list[0]
	}
	return nil
}
