package opcua

import (
	"testing"
	"time"
)

func TestAServerThatStillCreatesItemsIsNotSilent(t *testing.T) {
	var w watch
	at := func(s int) time.Time { return received.Add(time.Duration(s) * time.Second) }
	w.asked(at(0))
	w.asked(at(1))
	if got := w.silentFor(at(6)); got != 6*time.Second {
		t.Errorf("nothing came: silent for %v, want 6s", got)
	}
	w.heard(at(7)) // items were created
	if got := w.silentFor(at(9)); got != 2*time.Second {
		t.Errorf("2 s after items were created: silent for %v, want 2s", got)
	}
	w.answered(at(10), faulted)
	if got := w.silentFor(at(12)); got != 5*time.Second {
		t.Errorf("a fault is no sign of life: silent for %v, want 5s", got)
	}
	w.answered(at(13), lives)
	if got := w.silentFor(at(20)); got != 0 {
		t.Errorf("no request under way: silent for %v, want 0", got)
	}
}

func TestAServerThatOnlyRefusesIsSilent(t *testing.T) {
	var w watch
	at := func(s int) time.Time { return received.Add(time.Duration(s) * time.Second) }
	for s := range 5 {
		w.asked(at(s))
		w.answered(at(s), faulted)
		w.failed()
	}
	if got := w.silentFor(at(6)); got != 6*time.Second {
		t.Errorf("nothing but faults: silent for %v, want 6s", got)
	}
	w.asked(at(7))
	w.answered(at(7), elsewhere)
	if got := w.silentFor(at(20)); got != 0 {
		t.Errorf("no request under way, and the last was answered: silent for %v, want 0", got)
	}
}
