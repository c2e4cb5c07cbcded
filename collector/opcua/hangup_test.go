package opcua_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// Some servers do not say that a request is too large; they hang up.
func TestAServerThatHangsUpOnLargeReadsIsReadInSmallerOnes(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	for i := range 100 {
		r.add(fmt.Sprint("Total", i), plant.KindInt, int64(i))
	}
	r.config.Polled = []opcua.Poll{{Tags: "**", Interval: 100 * time.Millisecond}}
	r.server.Intercept(func(req ua.Request) ua.StatusCode {
		if q, ok := req.(*ua.ReadRequest); ok && len(q.NodesToRead) > 30 {
			r.server.Cut()
		}
		return ua.StatusOK
	})
	r.supervise()
	for i, tag := range r.tags {
		r.sink.WaitValue(t, tag, plant.Int(int64(i)))
	}
}
