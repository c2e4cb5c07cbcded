package opcua

import (
	"context"
	"time"
)

// SetChannelLifetime makes the channel renew its keys sooner.
func (s *Source) SetChannelLifetime(d time.Duration) { s.channelLifetime = d }

// SetOverflowEvery makes what queues lose be told more often.
func (s *Source) SetOverflowEvery(d time.Duration) { s.history.overflowEvery = d }

// SetLargestMessage makes the source take only smaller messages.
func (s *Source) SetLargestMessage(bytes int) { s.largest = bytes }

// OpenTaking is Open with a bound of what the server may send in one message.
func OpenTaking(ctx context.Context, o Options, bytes int) (*Client, error) {
	return open(ctx, o, func(s *Source) { s.largest = bytes })
}
