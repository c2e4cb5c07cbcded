package wire

import (
	"fmt"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/skim"
	"andon/plant"
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
	s := skim.Skimmer{Bytes: b}
	if r.header = readHeader(&s); r.header == nil {
		return s.Pos, fmt.Errorf("%w: %w", ErrMalformed, s.Err)
	}
	for n := s.Length(); n > 0 && s.Err == nil; n-- {
		r.statuses = append(r.statuses, ua.StatusCode(s.Uint32()))
		s.Skip(s.Length(), 4) // statuses of the arguments
		for k := s.Length(); k > 0 && s.Err == nil; k-- {
			s.DiagnosticInfo(0)
		}
		for k := s.Length(); k > 0 && s.Err == nil; k-- {
			s.Variant(0)
		}
	}
	r.err = s.Err
	return len(b), nil
}

// CallError returns why the one method that was called failed, nil when it did
// not: a ua.StatusCode of the server, or an error of a response that makes no
// sense.
func CallError(resp ua.Response) error {
	var list []ua.StatusCode
	switch r := resp.(type) {
	case *callResponse:
		if r.err != nil {
			return fmt.Errorf("%w: %w", ErrMalformed, r.err)
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
	case plant.Status(list[0]).IsBad():
		return list[0]
	}
	return nil
}
