package opcua

import "time"

// SetChannelLifetime makes the channel renew its keys sooner.
func (s *Source) SetChannelLifetime(d time.Duration) { s.channelLifetime = d }
