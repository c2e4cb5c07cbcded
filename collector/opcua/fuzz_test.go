package opcua

import (
	"testing"

	"github.com/gopcua/opcua/ua"
)

// FuzzCallResponse feeds answers to calls as a server could send them.
func FuzzCallResponse(f *testing.F) {
	f.Add(encoded(f, answered(&ua.CallMethodResult{StatusCode: ua.StatusBadNothingToDo})))
	f.Add(encoded(f, answered(&ua.CallMethodResult{OutputArguments: []*ua.Variant{ua.MustVariant("text"), ua.MustVariant([]float64{1, 2})}}, &ua.CallMethodResult{})))
	f.Fuzz(func(t *testing.T, b []byte) {
		var r callResponse
		if _, err := r.Decode(b); err != nil {
			return
		}
		if len(r.statuses) > len(b) {
			t.Fatalf("%d bytes: got %d results", len(b), len(r.statuses))
		}
		if err := called(&r); err == nil && len(r.statuses) != 1 {
			t.Fatalf("%d results count as success", len(r.statuses))
		}
	})
}
