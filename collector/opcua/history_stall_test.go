package opcua_test

import (
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// What a HistoryRead asks for may be more than the link carries while a session
// bears the silence: the next one must ask for less, or no session would last.
func TestAHistoryThatKeepsTheServerFromPublishingIsReadInSmallerAnswers(t *testing.T) {
	t.Parallel()
	r := historian(t, opcuatest.Options{})
	r.config.KeepAlive = 400 * time.Millisecond
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	r.server.Intercept(func(req ua.Request) ua.StatusCode {
		h, ok := req.(*ua.HistoryReadRequest)
		if !ok || h.ReleaseContinuationPoints {
			return ua.StatusOK
		}
		if d := h.HistoryReadDetails.Value.(*ua.ReadRawModifiedDetails); int(d.NumValuesPerNode)*len(h.NodesToRead) > 3000 {
			<-never
		}
		return ua.StatusOK
	})
	tag := r.addKept("Total", int64(0))
	x := r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.waitContact()
	x.stop()
	for v := range int64(20) {
		r.set(tag, v+1, 0)
	}
	r.supervise()
	gaps, known := r.waitVerdict(1)
	if len(gaps) != 0 || len(known) != 1 {
		t.Errorf("got gaps %v and known %v, want one known time", gaps, known)
	}
	r.wait("all values", func() bool { return len(r.samples(tag)) >= 20 })
}
