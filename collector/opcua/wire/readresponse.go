package wire

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/skim"
)

// ErrMalformed is wrapped by the errors of responses that cannot be taken apart.
var ErrMalformed = errors.New("response makes no sense")

// A ReadResponse is a ReadResponse (OPC 10000-4, 5.11.2) whose values stay as
// they came. gopcua's own type believes what a value claims of itself: some
// lengths make it panic where nobody contains it, others make it take
// gigabytes, and an array of more than 65,535 costs the whole response.
type ReadResponse struct {
	// Err says what is wrong with the values.
	Err error

	header *ua.ResponseHeader
	n      int    // values
	values []byte // n DataValues
}

var (
	_ ua.Response      = (*ReadResponse)(nil)
	_ ua.BinaryDecoder = (*ReadResponse)(nil)
)

// Header returns the header without what nobody reads of it: diagnostics and
// what servers add.
func (r *ReadResponse) Header() *ua.ResponseHeader { return r.header }

// SetHeader replaces the header.
func (r *ReadResponse) SetHeader(h *ua.ResponseHeader) { r.header = h }

// Decode takes over the body of a response. Only a header that makes no sense
// is an error: with one the channel knows at least whom the response is for.
func (r *ReadResponse) Decode(b []byte) (int, error) {
	s := skim.Skimmer{Bytes: b}
	if r.header = readHeader(&s); r.header == nil {
		return s.Pos, fmt.Errorf("%w: %w", ErrMalformed, s.Err)
	}
	r.n, r.values = readValues(&s)
	for n := s.Length(); n > 0 && s.Err == nil; n-- {
		s.DiagnosticInfo(0)
	}
	r.Err = s.Err
	return len(b), nil
}

// readHeader passes the header of a response and returns what is read of it, nil
// when there is none.
func readHeader(s *skim.Skimmer) *ua.ResponseHeader {
	buf := ua.NewBuffer(s.Bytes[s.Pos:])
	h := &ua.ResponseHeader{Timestamp: buf.ReadTime(), RequestHandle: buf.ReadUint32(), ServiceResult: ua.StatusCode(buf.ReadUint32())}
	if s.Err = buf.Error(); s.Err != nil {
		return nil
	}
	s.Pos += buf.Pos()
	s.DiagnosticInfo(0)
	for n := s.Length(); n > 0 && s.Err == nil; n-- {
		s.Text()
	}
	s.Value(ua.TypeIDExtensionObject, 0)
	return h
}

// readValues passes an array of DataValues and returns it.
func readValues(s *skim.Skimmer) (int, []byte) {
	n := s.Length()
	start := s.Pos
	for range n {
		if s.Err != nil {
			return 0, nil
		}
		s.DataValue(0)
	}
	// b is part of a buffer that is as large as a message may be.
	return int(n), bytes.Clone(s.Bytes[start:s.Pos])
}

// Decoded returns r as gopcua has it, for those who ask for that. Values are as
// of DataValue.Decoded; where they cannot be had there are none, and r.Err says why.
func (r *ReadResponse) Decoded() *ua.ReadResponse {
	resp := &ua.ReadResponse{ResponseHeader: r.header}
	values, err := r.Results(r.n)
	if err != nil {
		r.Err = err
		return resp
	}
	for i := range values {
		resp.Results = append(resp.Results, values[i].Decoded())
	}
	return resp
}

// A ReadValue is what was read of one attribute.
type ReadValue struct {
	DataValue
	Err error // why it could not be had; the status then is what andon makes of that
}

// Results returns the values of r, of which there must be n. They refer to r.
func (r *ReadResponse) Results(n int) ([]ReadValue, error) {
	if r.Err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, r.Err)
	}
	if r.n != n {
		return nil, fmt.Errorf("read: got %d results, want %d", r.n, n)
	}
	list, rest := make([]ReadValue, n), r.values
	for i := range list {
		size, err := list[i].Read(rest)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		rest = rest[size:]
	}
	return list, nil
}
