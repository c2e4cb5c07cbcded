package opcua

import (
	"errors"
	"slices"
	"testing"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
)

func answered(results ...*ua.CallMethodResult) *ua.CallResponse {
	return &ua.CallResponse{ResponseHeader: &ua.ResponseHeader{RequestHandle: 7, ServiceDiagnostics: &ua.DiagnosticInfo{}, StringTable: []string{"a"},
		AdditionalHeader: ua.NewExtensionObject(nil)}, Results: results}
}

func TestAnswerToACallIsReadWhateverTheMethodReturns(t *testing.T) {
	result := &ua.CallMethodResult{StatusCode: ua.StatusBadRefreshInProgress, InputArgumentResults: []ua.StatusCode{ua.StatusBad, ua.StatusOK},
		InputArgumentDiagnosticInfos: []*ua.DiagnosticInfo{{EncodingMask: ua.DiagnosticInfoAdditionalInfo, AdditionalInfo: "x"}},
		OutputArguments:              []*ua.Variant{ua.MustVariant("text"), ua.MustVariant([]int32{1, 2})}}
	register()
	if _, ours := svcreg.New(ua.NewNumericNodeID(0, id.CallResponse_Encoding_DefaultBinary)).(*callResponse); !ours {
		t.Error("gopcua's registry of services is not what it was: adapt registry.go")
	}
	b := encoded(t, answered(result))
	r := new(callResponse)
	if n, err := r.Decode(b); n != len(b) || err != nil || r.header.RequestHandle != 7 {
		t.Fatalf("decode: got %d bytes, %v, header %+v", n, err, r.header)
	}
	if err := called(r); err != ua.StatusBadRefreshInProgress {
		t.Errorf("got %v, want BadRefreshInProgress", err)
	}
	if err := called(answered(result)); err != ua.StatusBadRefreshInProgress {
		t.Errorf("as gopcua decodes it: got %v, want BadRefreshInProgress", err)
	}
	if err := called(answered(&ua.CallMethodResult{})); err != nil {
		t.Errorf("a good one: got %v", err)
	}
	for n := range b {
		cut := new(callResponse)
		if _, err := cut.Decode(b[:n]); err == nil && len(cut.statuses) < 2 && called(cut) == nil {
			t.Errorf("cut after %d bytes: got no error", n)
		}
	}
	empty := new(callResponse)
	if _, err := empty.Decode(encoded(t, answered())); err != nil || called(empty) == nil {
		t.Errorf("without results: got %v and no error of the call", err)
	}
	hostile := slices.Clone(b)
	copy(hostile[len(hostile)-4:], []byte{0xff, 0xff, 0xff, 0x7f}) // more diagnostics than there are bytes
	if _, err := new(callResponse).Decode(hostile); err != nil && !errors.Is(err, errMalformed) {
		t.Errorf("hostile: got %v", err)
	}
}
