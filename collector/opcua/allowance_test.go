package opcua

import (
	"testing"
	"time"
)

func TestPublishRequestsAreOneForEachSubscriptionAndTwoMore(t *testing.T) {
	var a allowance
	for _, c := range []struct{ subscriptions, more, running int }{{1, 3, 3}, {1, 0, 3}, {4, 3, 6}, {2, 0, 6}, {100, 14, 20}} {
		if got := a.missing(c.subscriptions, noon); got != c.more || a.running != c.running {
			t.Errorf("%d subscriptions: got %d more and %d in all, want %d and %d", c.subscriptions, got, a.running, c.more, c.running)
		}
	}
}

func TestAServerIsAskedSeldomForMoreThanItBears(t *testing.T) {
	const bears = 2
	var a allowance
	a.missing(2, noon)
	tries := 0
	at := noon
	for ; at.Before(noon.Add(2 * time.Hour)); at = at.Add(time.Second) {
		if at.After(noon) {
			tries += a.missing(2, at)
		}
		for a.running > bears {
			if !a.refuse(at) {
				t.Fatalf("publisher %d: is to stay, want it to end", a.running)
			}
		}
	}
	if a.running != bears || tries < 7 || tries > 12 {
		t.Errorf("after two hours: got %d running and %d tries, want %d and about 10", a.running, tries, bears)
	}
}

func TestAServerThatBearsMoreAgainGetsThem(t *testing.T) {
	var a allowance
	a.missing(2, noon)
	for a.refuse(noon) {
	}
	if a.running != 1 {
		t.Fatalf("refused all: got %d running, want the last one", a.running)
	}
	at := noon
	for range 5 {
		at = at.Add(fewerFor)
		a.missing(2, at)
	}
	if a.running != 4 {
		t.Errorf("five minutes later: got %d running, want 4", a.running)
	}
}

func TestThePublisherThatIsNotParkedStays(t *testing.T) {
	a := allowance{running: 3, parked: 2}
	if a.refuse(noon) {
		t.Error("the last one at work: is to end, want it to stay")
	}
}
