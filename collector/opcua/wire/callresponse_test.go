package wire

import (
	"errors"
	"slices"
	"testing"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
)

func answered(results ...*ua.CallMethodResult) *ua.CallResponse {
	return &ua.CallResponse{ResponseHeader: &ua.ResponseHeader{RequestHandle: 7, ServiceDiagnostics: &ua.DiagnosticInfo{}, StringTable: []string{"a"},
		AdditionalHeader: ua.NewExtensionObject(nil)}, Results: results}
}

func TestAnswerToACallIsReadWhateverTheMethodReturns(t *testing.T) {
	result := &ua.CallMethodResult{StatusCode: ua.StatusBadRefreshInProgress, InputArgumentResults: []ua.StatusCode{ua.StatusBad, ua.StatusOK},
		InputArgumentDiagnosticInfos: []*ua.DiagnosticInfo{{EncodingMask: ua.DiagnosticInfoAdditionalInfo, AdditionalInfo: "x"}},
		OutputArguments:              []*ua.Variant{ua.MustVariant("text"), ua.MustVariant([]int32{1, 2})}}
	Register()
	if _, ours := svcreg.New(ua.NewNumericNodeID(0, id.CallResponse_Encoding_DefaultBinary)).(*callResponse); !ours {
		t.Error("gopcua's registry of services is not what it was: adapt registry.go")
	}
	b := opcuatest.Encode(t, answered(result))
	r := new(callResponse)
	if n, err := r.Decode(b); n != len(b) || err != nil || r.header.RequestHandle != 7 {
		t.Fatalf("decode: got %d bytes, %v, header %+v", n, err, r.header)
	}
	if err := CallError(r); err != ua.StatusBadRefreshInProgress {
		t.Errorf("got %v, want BadRefreshInProgress", err)
	}
	if err := CallError(answered(result)); err != ua.StatusBadRefreshInProgress {
		t.Errorf("as gopcua decodes it: got %v, want BadRefreshInProgress", err)
	}
	if err := CallError(answered(&ua.CallMethodResult{})); err != nil {
		t.Errorf("a good one: got %v", err)
	}
	for n := range b {
		cut := new(callResponse)
		if _, err := cut.Decode(b[:n]); err == nil && len(cut.statuses) < 2 && CallError(cut) == nil {
			t.Errorf("cut after %d bytes: got no error", n)
		}
	}
	empty := new(callResponse)
	if _, err := empty.Decode(opcuatest.Encode(t, answered())); err != nil || CallError(empty) == nil {
		t.Errorf("without results: got %v and no error of the call", err)
	}
	hostile := slices.Clone(b)
	copy(hostile[len(hostile)-4:], []byte{0xff, 0xff, 0xff, 0x7f}) // more diagnostics than there are bytes
	if _, err := new(callResponse).Decode(hostile); err != nil && !errors.Is(err, ErrMalformed) {
		t.Errorf("hostile: got %v", err)
	}
}

// FuzzCallResponse feeds answers to calls as a server could send them.
func FuzzCallResponse(f *testing.F) {
	f.Add(opcuatest.Encode(f, answered(&ua.CallMethodResult{StatusCode: ua.StatusBadNothingToDo})))
	f.Add(opcuatest.Encode(f, answered(&ua.CallMethodResult{OutputArguments: []*ua.Variant{ua.MustVariant("text"), ua.MustVariant([]float64{1, 2})}}, &ua.CallMethodResult{})))
	f.Fuzz(func(t *testing.T, b []byte) {
		var r callResponse
		if _, err := r.Decode(b); err != nil {
			return
		}
		if len(r.statuses) > len(b) {
			t.Fatalf("%d bytes: got %d results", len(b), len(r.statuses))
		}
		if err := CallError(&r); err == nil && len(r.statuses) != 1 {
			t.Fatalf("%d results count as success", len(r.statuses))
		}
	})
}
