package bus

import (
	"fmt"
	"testing"

	"andon/plant"
)

func TestOnlyWhatIsStillWantedIsRemembered(t *testing.T) {
	var r recent
	message := func(n int) written {
		return written{id: fmt.Sprint(n), size: n, content: content{samples: make([]plant.Sample, maxSamples)}}
	}
	r.keep(message(0)) // nobody reads
	r.join()
	r.join()
	for n := 1; n <= 4; n++ {
		r.keep(message(n))
	}
	for n, want := range []bool{false, false, true, true, true} {
		for range 2 { // each reader once
			if _, got := r.take(fmt.Sprint(n), n); got != want {
				t.Errorf("message %d remembered: got %t, want %t", n, got, want)
			}
		}
	}
	if _, got := r.take("4", 4); got || r.samples != 0 || len(r.written) != 0 {
		t.Errorf("remembered after all readers took it: %t, %d samples of %d messages", got, r.samples, len(r.written))
	}
	r.keep(message(5))
	if _, got := r.take("5", 6); got {
		t.Error("got a message of another size")
	}
	r.leave()
	r.leave()
	if len(r.written) != 0 {
		t.Error("remembered without readers")
	}
}

func TestWhatNobodyTakesIsBoundedAlsoWithTextsAndWithoutSamples(t *testing.T) {
	for name, w := range map[string]written{
		"long texts":   {size: maxMessage, content: content{samples: make([]plant.Sample, 2)}},
		"contact only": {size: 40, content: content{contacts: make([]plant.Contact, 1)}},
	} {
		var r recent
		r.join() // and never reads
		for n := range 20_000 {
			w.id = fmt.Sprint(n)
			r.keep(w)
		}
		if got, most := len(r.written), maxRecentBytes/(w.size+recentBytes); got > most || got == 0 {
			t.Errorf("%s: remembers %d messages, want 1 to %d", name, got, most)
		}
	}
}
