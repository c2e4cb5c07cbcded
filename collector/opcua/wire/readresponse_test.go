package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// readResponseOf is a response to a Read of as many values.
func readResponseOf(values ...any) *ua.ReadResponse {
	r := &ua.ReadResponse{ResponseHeader: &ua.ResponseHeader{
		Timestamp: opcuatest.Moment(), RequestHandle: 7, ServiceDiagnostics: &ua.DiagnosticInfo{}, StringTable: []string{"pump"}, AdditionalHeader: ua.NewExtensionObject(nil),
	}}
	for _, n := range opcuatest.Notification(values...).MonitoredItems {
		r.Results = append(r.Results, n.Value)
	}
	return r
}

// service is a response as a server sends it.
func service(t testing.TB, resp ua.Response) []byte {
	t.Helper()
	return append(opcuatest.Encode(t, ua.NewFourByteExpandedNodeID(0, ua.ServiceTypeID(resp))), opcuatest.Encode(t, resp)...)
}

func TestAResponseToReadHasEveryValueAsItCame(t *testing.T) {
	sent := readResponseOf(opcuatest.EveryType()...)
	sent.DiagnosticInfos = []*ua.DiagnosticInfo{{EncodingMask: ua.DiagnosticInfoAdditionalInfo, AdditionalInfo: "pump"}}
	var got ReadResponse
	if _, err := got.Decode(opcuatest.Encode(t, sent)); err != nil {
		t.Fatal(err)
	}
	if h := got.Header(); h.RequestHandle != 7 || !h.Timestamp.Equal(opcuatest.Moment()) || h.ServiceResult != ua.StatusOK {
		t.Errorf("header: got %+v", h)
	}
	values, err := got.Results(len(opcuatest.EveryType()))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range sent.Results {
		b, err := want.Value.Encode()
		if err != nil {
			t.Fatal(err)
		}
		v := values[i]
		if !bytes.Equal(v.Variant, b) || v.Status != want.Status || !v.Source.Equal(want.SourceTimestamp) || !v.Server.Equal(want.ServerTimestamp) {
			t.Errorf("value %d: got %+v, want %x and %+v", i, v, b, want)
		}
	}
	if _, err := got.Results(len(opcuatest.EveryType()) + 1); err == nil {
		t.Error("one value less than was asked for: got no error")
	}
}

func TestAResponseToReadThatMakesNoSenseSaysSo(t *testing.T) {
	whole := opcuatest.Encode(t, readResponseOf([]int32{1, 2}, "RUN"))
	for n := range whole {
		var r ReadResponse
		_, err := r.Decode(whole[:n])
		if err == nil {
			_, err = r.Results(2)
		}
		if !errors.Is(err, ErrMalformed) {
			t.Fatalf("%d of %d bytes: got error %v, want %v", n, len(whole), err, ErrMalformed)
		}
	}
	at := bytes.Index(whole, opcuatest.Encode(t, ua.MustVariant([]int32{1, 2}))) + 1
	for _, length := range []uint32{0x80000000, 0x7fffffff, 0xfffffffe} {
		b := bytes.Clone(whole)
		binary.LittleEndian.PutUint32(b[at:], length)
		var r ReadResponse
		if _, err := r.Decode(b); err != nil {
			t.Fatalf("length %#x: got error %v, want the header", length, err)
		}
		if _, err := r.Results(2); !errors.Is(err, ErrMalformed) {
			t.Errorf("length %#x: got error %v, want %v", length, err, ErrMalformed)
		}
	}
}

func TestAFaultIsSeenWhateverElseIsInTheResponse(t *testing.T) {
	b := opcuatest.Encode(t, &ua.ResponseHeader{ServiceResult: ua.StatusBadTooManyOperations, ServiceDiagnostics: &ua.DiagnosticInfo{}, AdditionalHeader: ua.NewExtensionObject(nil)})
	var r ReadResponse
	if _, err := r.Decode(b); err != nil || r.Header().ServiceResult != ua.StatusBadTooManyOperations {
		t.Errorf("got %v, error %v", r.Header(), err)
	}
}

func TestAnArrayOfAnyLengthIsRead(t *testing.T) {
	const n = 1_000_000
	resp := opcuatest.Encode(t, readResponseOf(1.5))
	scalar := opcuatest.Encode(t, ua.MustVariant(1.5))
	at := bytes.Index(resp, scalar)
	array := append(append([]byte{0x80 | byte(ua.TypeIDBoolean)}, opcuatest.Words(n)...), make([]byte, n)...)
	var r ReadResponse
	if _, err := r.Decode(append(append(bytes.Clone(resp[:at]), array...), resp[at+len(scalar):]...)); err != nil {
		t.Fatal(err)
	}
	values, err := r.Results(1)
	if err != nil || len(values[0].Variant) != len(array) {
		t.Errorf("got %d values, error %v", len(values), err)
	}
}

// FuzzReadResponse feeds responses as a server could send them.
func FuzzReadResponse(f *testing.F) {
	f.Add(opcuatest.Encode(f, readResponseOf(opcuatest.EveryType()...)))
	for _, v := range opcuatest.EveryType() {
		f.Add(opcuatest.Encode(f, readResponseOf(v, 1.5)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var r ReadResponse
		if _, err := r.Decode(b); err != nil {
			return
		}
		if r.n > len(b) || len(r.values) > len(b) {
			t.Fatalf("%d bytes: got %d values in %d bytes", len(b), r.n, len(r.values))
		}
		values, err := r.Results(r.n)
		if (err != nil) != (r.Err != nil) {
			t.Fatalf("results: got error %v after %v", err, r.Err)
		}
		for _, v := range values {
			var x Reading
			v.MakeOut(&x)
			_, _ = x.As(plant.KindText)
			v.Decoded()
		}
	})
}
