package bus

import (
	"errors"
	"fmt"
)

// Trouble returns why messages of some area are not taken now, nil when all
// are taken as far as is known. It waits for nothing and is safe for
// concurrent use.
func (b *Bus) Trouble() error {
	if !b.nc.IsConnected() && b.host == nil {
		return errors.New("NATS is away")
	}
	for _, l := range b.lanes {
		if err := l.trouble(); err != nil {
			return fmt.Errorf("stream of %s: %w", l.area.Path, err)
		}
	}
	return nil
}
