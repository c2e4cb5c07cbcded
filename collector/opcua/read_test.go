package opcua

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/channel"
	"andon/plant"
)

// readResponseOf is a response to a Read of as many values.
func readResponseOf(values ...any) *ua.ReadResponse {
	r := &ua.ReadResponse{ResponseHeader: &ua.ResponseHeader{
		Timestamp: received, RequestHandle: 7, ServiceDiagnostics: &ua.DiagnosticInfo{}, StringTable: []string{"pump"}, AdditionalHeader: ua.NewExtensionObject(nil),
	}}
	for _, n := range notified(values...).MonitoredItems {
		r.Results = append(r.Results, n.Value)
	}
	return r
}

// service is a response as a server sends it.
func service(t testing.TB, resp ua.Response) []byte {
	t.Helper()
	return append(encoded(t, ua.NewFourByteExpandedNodeID(0, ua.ServiceTypeID(resp))), encoded(t, resp)...)
}

func TestAResponseToReadHasEveryValueAsItCame(t *testing.T) {
	sent := readResponseOf(everyType...)
	sent.DiagnosticInfos = []*ua.DiagnosticInfo{{EncodingMask: ua.DiagnosticInfoAdditionalInfo, AdditionalInfo: "pump"}}
	var got readResponse
	if _, err := got.Decode(encoded(t, sent)); err != nil {
		t.Fatal(err)
	}
	if h := got.Header(); h.RequestHandle != 7 || !h.Timestamp.Equal(received) || h.ServiceResult != ua.StatusOK {
		t.Errorf("header: got %+v", h)
	}
	values, err := got.results(len(everyType))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range sent.Results {
		b, err := want.Value.Encode()
		if err != nil {
			t.Fatal(err)
		}
		v := values[i]
		if !bytes.Equal(v.variant, b) || v.status != want.Status || !v.source.Equal(want.SourceTimestamp) || !v.server.Equal(want.ServerTimestamp) {
			t.Errorf("value %d: got %+v, want %x and %+v", i, v, b, want)
		}
	}
	if _, err := got.results(len(everyType) + 1); err == nil {
		t.Error("one value less than was asked for: got no error")
	}
}

func TestAResponseToReadThatMakesNoSenseSaysSo(t *testing.T) {
	whole := encoded(t, readResponseOf([]int32{1, 2}, "RUN"))
	for n := range whole {
		var r readResponse
		_, err := r.Decode(whole[:n])
		if err == nil {
			_, err = r.results(2)
		}
		if !errors.Is(err, errMalformed) {
			t.Fatalf("%d of %d bytes: got error %v, want %v", n, len(whole), err, errMalformed)
		}
	}
	at := bytes.Index(whole, encoded(t, ua.MustVariant([]int32{1, 2}))) + 1
	for _, length := range []uint32{0x80000000, 0x7fffffff, 0xfffffffe} {
		b := bytes.Clone(whole)
		binary.LittleEndian.PutUint32(b[at:], length)
		var r readResponse
		if _, err := r.Decode(b); err != nil {
			t.Fatalf("length %#x: got error %v, want the header", length, err)
		}
		if _, err := r.results(2); !errors.Is(err, errMalformed) {
			t.Errorf("length %#x: got error %v, want %v", length, err, errMalformed)
		}
	}
}

func TestAFaultIsSeenWhateverElseIsInTheResponse(t *testing.T) {
	b := encoded(t, &ua.ResponseHeader{ServiceResult: ua.StatusBadTooManyOperations, ServiceDiagnostics: &ua.DiagnosticInfo{}, AdditionalHeader: ua.NewExtensionObject(nil)})
	var r readResponse
	if _, err := r.Decode(b); err != nil || r.Header().ServiceResult != ua.StatusBadTooManyOperations {
		t.Errorf("got %v, error %v", r.Header(), err)
	}
}

func TestAnArrayOfAnyLengthIsRead(t *testing.T) {
	const n = 1_000_000
	resp := encoded(t, readResponseOf(1.5))
	scalar := encoded(t, ua.MustVariant(1.5))
	at := bytes.Index(resp, scalar)
	array := append(append([]byte{0x80 | byte(ua.TypeIDBoolean)}, words(n)...), make([]byte, n)...)
	var r readResponse
	if _, err := r.Decode(append(append(bytes.Clone(resp[:at]), array...), resp[at+len(scalar):]...)); err != nil {
		t.Fatal(err)
	}
	values, err := r.results(1)
	if err != nil || len(values[0].variant) != len(array) {
		t.Errorf("got %d values, error %v", len(values), err)
	}
}

func TestARequestToReadFitsIntoAChunk(t *testing.T) {
	var list []*ua.ReadValueID
	for i := range 3000 {
		list = append(list, attributesOf([]*ua.NodeID{
			ua.NewStringNodeID(2, strings.Repeat("x", i%200)), ua.NewNumericNodeID(2, uint32(i)), ua.NewTwoByteNodeID(7),
			ua.NewByteStringNodeID(2, make([]byte, i%100)), ua.NewGUIDNodeID(2, "AAAABBBB-CCDD-EEFF-0101-0123456789AB"),
		}, ua.AttributeIDValue)...)
	}
	for _, r := range list {
		if got, want := readSize(r), len(encoded(t, r)); got < want {
			t.Fatalf("%v: got %d bytes, it has %d", r.NodeID, got, want)
		}
	}
	for rest := list; len(rest) > 0; {
		n := channel.Fitting(rest, 8000, readSize)
		size := 0
		for _, r := range rest[:n] {
			size += len(encoded(t, r))
		}
		if n < 1 || size > 8000 {
			t.Fatalf("got %d nodes in %d bytes", n, size)
		}
		rest = rest[n:]
	}
	if got := channel.Fitting(list[:1], 1, readSize); got != 1 {
		t.Errorf("one that never fits: got %d, want it alone", got)
	}
}

// FuzzReadResponse feeds responses as a server could send them.
func FuzzReadResponse(f *testing.F) {
	f.Add(encoded(f, readResponseOf(everyType...)))
	for _, v := range everyType {
		f.Add(encoded(f, readResponseOf(v, 1.5)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var r readResponse
		if _, err := r.Decode(b); err != nil {
			return
		}
		if r.n > len(b) || len(r.values) > len(b) {
			t.Fatalf("%d bytes: got %d values in %d bytes", len(b), r.n, len(r.values))
		}
		values, err := r.results(r.n)
		if (err != nil) != (r.err != nil) {
			t.Fatalf("results: got error %v after %v", err, r.err)
		}
		d, _ := newDecoder()
		for _, v := range values {
			d.sample(pointOf(plant.KindNone), made(&v.dataValue), received)
			v.decoded()
		}
	})
}
