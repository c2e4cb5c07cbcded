package opcua_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
)

// What the bus refuses the server still has, as long as it is not told to forget
// it, and what changes meanwhile, too.
func TestNothingIsLostWhileTheSinkRefuses(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]ua.StatusCode{"transfers": ua.StatusOK, "transfers none": ua.StatusBadServiceUnsupported} {
		t.Run(fmt.Sprintf("at a server that %s", name), func(t *testing.T) {
			t.Parallel()
			h := newTruth(t, newRig(t, opcuatest.Options{}), 3)
			h.server.Intercept(func(req ua.Request) ua.StatusCode {
				if _, ok := req.(*ua.TransferSubscriptionsRequest); ok {
					return status
				}
				return ua.StatusOK
			})
			h.begin()
			h.tell(50)
			h.compare()
			h.sink.Fail(errors.New("the disk is full"))
			h.tell(50)
			h.wait("the refusal", func() bool { return !h.up() })
			h.tell(50)
			h.sink.Fail(nil)
			h.compare()
			h.kept()
		})
	}
}
