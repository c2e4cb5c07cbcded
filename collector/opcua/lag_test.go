package opcua

import (
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// said is a response that a server sent when its clock showed sent, with a
// message that it says it published at published.
func said(sent, published time.Time) *ua.PublishResponse {
	return &ua.PublishResponse{ResponseHeader: &ua.ResponseHeader{Timestamp: sent}, NotificationMessage: &ua.NotificationMessage{PublishTime: published}}
}

func TestAServersClockNeedNotBeRight(t *testing.T) {
	for name, clock := range map[string]time.Duration{"right": 0, "an hour slow": -time.Hour, "a year fast": 365 * 24 * time.Hour} {
		var l lag
		for s := range 60 {
			now := noon.Add(time.Duration(s) * time.Second)
			if got := l.note(said(now.Add(clock), now.Add(clock-20*time.Millisecond)), now); got != 0 {
				t.Fatalf("%s: behind by %s after %d s, want 0s", name, got, s)
			}
		}
	}
}

func TestAServerThatCatchesUpIsBehindUntilItHas(t *testing.T) {
	var l lag
	for s := range 100 {
		now := noon.Add(time.Duration(s) * time.Second)
		want := max(0, time.Hour-79*time.Duration(s)*time.Second) // 80 times as fast as real time
		if want < leastLag {
			want = 0
		}
		for range 3 { // several a second
			if got := l.note(said(now, now.Add(-want)), now); got != want {
				t.Fatalf("behind by %s after %d s, want %s", got, s, want)
			}
		}
	}
}

func TestAMessageThatIsPublishedAgainIsAsOldAsItIs(t *testing.T) {
	var l lag
	if got := l.note(said(noon, noon.Add(-time.Minute)), noon); got != time.Minute {
		t.Errorf("behind by %s, want 1m0s", got)
	}
	if got := l.note(said(noon, noon), noon); got != 0 {
		t.Errorf("the next one: behind by %s, want 0s", got)
	}
}

func TestAServerThatPublishesInLocalTimeIsNotTakenForDead(t *testing.T) {
	var l lag
	for ms := 0; ms < 60_000; ms += 250 {
		now := noon.Add(time.Duration(ms) * time.Millisecond)
		behind := time.Hour + time.Duration(ms%7*100)*time.Millisecond
		got := l.note(said(now, now.Add(-behind)), now)
		if late := ms > 10_000; late != (got == 0) {
			t.Fatalf("behind by %s after %d ms, want it believed for 10 s only", got, ms)
		}
	}
}

func TestAServerThatDoesNotSayWhenItPublishedIsNotBehind(t *testing.T) {
	for name, resp := range map[string]*ua.PublishResponse{"no time of publishing": said(noon, time.Time{}), "no time at all": said(time.Time{}, noon)} {
		if got := new(lag).note(resp, noon); got != 0 {
			t.Errorf("%s: behind by %s, want 0s", name, got)
		}
	}
}

func TestNothingIsKnownWhileMoreIsToCome(t *testing.T) {
	var sub subscription
	resp := said(noon, noon)
	if got := sub.heard(resp, noon); !got.IsZero() {
		t.Errorf("before the server was asked for all items: heard up to %s, want nothing", got)
	}
	sub.ready.Store(true)
	resp.MoreNotifications = true
	if got := sub.heard(resp, noon); !got.IsZero() {
		t.Errorf("with more to come: heard up to %s, want nothing", got)
	}
	resp.MoreNotifications = false
	if got := sub.heard(resp, noon); !got.Equal(noon) {
		t.Errorf("with all told: heard up to %s, want noon", got)
	}
}

func TestAKeepAliveSaysNothingWhileAMessageIsMissing(t *testing.T) {
	var sub subscription
	q := newSequence()
	message := func(seq uint32, data ...*ua.ExtensionObject) []message {
		resp := said(noon, noon)
		resp.NotificationMessage.SequenceNumber, resp.NotificationMessage.NotificationData = seq, data
		return sub.arrive(q, arrival{PublishResponse: resp, heard: noon})
	}
	if got := message(1); len(got) != 1 || got[0].seq != 0 || !got[0].heard.Equal(noon) {
		t.Errorf("a keep-alive before all messages: got %v, want it to say that all is told", got)
	}
	message(1, new(ua.ExtensionObject))
	if got := message(3); len(got) != 0 {
		t.Errorf("a keep-alive with 2 missing: got %v, want nothing", got)
	}
	if got := message(2, new(ua.ExtensionObject)); len(got) != 1 {
		t.Fatalf("message 2: got %v, want it", got)
	}
	if got := message(3); len(got) != 1 {
		t.Errorf("a keep-alive with none missing: got %v, want it to say that all is told", got)
	}
}

// However slowly it catches up, what it has not told yet is not known.
func TestAServerIsBehindAtAnySpeedAtWhichItCatchesUp(t *testing.T) {
	for _, c := range []struct {
		name  string
		speed float64 // of what is published, by the server's own clock
		known bool    // up to now, once it is a habit
	}{
		{"a clock that is wrong by an hour", 1, true},
		{"two clocks that drift apart by 100 ppm", 1.0001, true},
		{"half as fast again", 1.5, false},
		{"twice as fast", 2, false},
		{"three times as fast", 3, false},
		{"eighty times as fast", 80, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var l lag
			for at := time.Duration(0); at < 6*time.Hour; at += 2500 * time.Millisecond {
				now := noon.Add(at)
				want := max(0, time.Hour-time.Duration((c.speed-1)*float64(at)))
				got := l.note(said(now, now.Add(-want)), now)
				if want < leastLag || c.known && at > habit {
					want = 0
				}
				if got != want {
					t.Fatalf("behind by %s after %s, want %s", got, at, want)
				}
			}
		})
	}
}
