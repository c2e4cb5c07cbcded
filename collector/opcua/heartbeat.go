package opcua

import (
	"context"
	"fmt"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
)

// heartbeat reads the server's clock where no subscription shows often enough
// that the server lives, and tells when it does.
func (s *Source) heartbeat(ctx context.Context, x *session, tell func(now time.Time)) error {
	clock := []*ua.NodeID{ua.NewNumericNodeID(0, id.Server_ServerStatus_CurrentTime)}
	tick := time.NewTicker(s.config.KeepAlive)
	defer tick.Stop()
	heard := time.Now()
	for {
		_, err := x.read(ctx, clock)
		switch now := time.Now(); {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			heard = now
			tell(now)
		case fatal(err):
			return fmt.Errorf("session lost: %w", err)
		case now.Sub(heard) > silence*s.config.KeepAlive:
			return fmt.Errorf("%w for %v: %w", errSilent, now.Sub(heard).Round(time.Millisecond), err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
