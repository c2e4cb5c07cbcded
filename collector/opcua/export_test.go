package opcua

import "time"

// SetChannelLifetime makes the channel renew its keys sooner.
func (s *Source) SetChannelLifetime(d time.Duration) { s.channelLifetime = d }

// SetOverflowEvery makes what queues lose be told more often.
func (s *Source) SetOverflowEvery(d time.Duration) { s.history.overflowEvery = d }
