package opcua

import (
	"testing"
	"time"
)

func TestHalfTheRoundTripIsNoSkew(t *testing.T) {
	at := func(d time.Duration) time.Time { return received.Add(d) }
	for name, c := range map[string]struct {
		asked, answered, server, want time.Duration
	}{
		"right":                   {0, 200 * time.Millisecond, 100 * time.Millisecond, 0},
		"ahead":                   {0, 20 * time.Millisecond, time.Hour + 10*time.Millisecond, time.Hour},
		"behind":                  {0, 20 * time.Millisecond, 10*time.Millisecond - time.Minute, -time.Minute},
		"an answer without delay": {0, 0, time.Second, time.Second},
	} {
		if got := skew(at(c.asked), at(c.answered), at(c.server)); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestOneDelayedReadingDoesNotCount(t *testing.T) {
	if got := median([]time.Duration{time.Millisecond, -4 * time.Second, 0, 2 * time.Millisecond, 3 * time.Millisecond}); got != time.Millisecond {
		t.Errorf("got %v, want 1ms", got)
	}
}
