package opcua

import "testing"

// A link that fails again and again looks like a server that hangs up on large
// messages. Once it is well, its server may send large ones again.
func TestMessagesBecomeLargeAgainAfterALinkFlapped(t *testing.T) {
	l := newLimits(100, sourceMetrics{})
	for range 2 {
		for range 7 {
			l.ended(true, false)
		}
		if got := l.messages(); got != leastBatch {
			t.Errorf("after 7 cuts: got messages of %d notifications, want %d", got, leastBatch)
		}
		for range 10 { // nothing much happens
			l.ended(false, false)
		}
		if got := l.messages(); got != leastBatch {
			t.Errorf("with small messages only: got messages of %d notifications, want %d", got, leastBatch)
		}
		for range 8 {
			l.ended(false, true)
		}
		if got := l.messages(); got != maxNotifications {
			t.Errorf("after 8 sessions with full messages: got messages of %d notifications, want %d", got, maxNotifications)
		}
	}
}

// What a server refuses by name is remembered, whatever the link does.
func TestMessagesStayAsSmallAsAServerSaidThatTheyMustBe(t *testing.T) {
	l := newLimits(100, sourceMetrics{})
	l.shrinkMessages(400)
	for range 4 {
		l.ended(true, false)
	}
	for range 20 {
		l.ended(false, true)
	}
	if got := l.messages(); got != 200 {
		t.Errorf("got messages of %d notifications, want 200", got)
	}
}

// Each try at a server that does hang up costs messages.
func TestAServerThatHangsUpOnLargeMessagesIsTriedMoreAndMoreSeldom(t *testing.T) {
	const bears = 150
	l := newLimits(100, sourceMetrics{})
	tries, large := 0, false
	for range 1000 { // in each session there is more to send than fits into one message
		if l.messages() <= bears {
			large = false
			l.ended(false, true)
			continue
		}
		if !large {
			tries++
		}
		large = true
		l.ended(false, false) // at first a small message came
		l.ended(true, false)
		l.ended(true, false)
	}
	if tries > 21 {
		t.Errorf("tries of larger messages in 1,000 sessions: got %d, want 21 at most", tries)
	}
}
