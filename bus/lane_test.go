package bus

import (
	"testing"
	"testing/synctest"
	"time"

	"andon/plant"
)

func TestOnlyAPromptBatchIsNotHeldForOthers(t *testing.T) {
	for _, c := range []struct {
		name  string
		batch []bool // prompt
		want  time.Duration
	}{{"ordinary", []bool{false, false}, 50 * time.Millisecond}, {"prompt", []bool{true}, 0}, {"prompt behind another", []bool{false, true}, 10 * time.Millisecond}} {
		synctest.Test(t, func(t *testing.T) {
			l := &lane{b: &Bus{cfg: Config{Gather: 50 * time.Millisecond}}, wake: make(chan struct{}, 1)}
			for range 2 { // what one round leaves behind does not hurry the next
				l.started = time.Now()
				gathered := make(chan bool)
				go func() { gathered <- l.gather() }()
				for i, prompt := range c.batch {
					if i > 0 {
						time.Sleep(10 * time.Millisecond)
					}
					l.add(&put{samples: make([]plant.Sample, 1), prompt: prompt})
				}
				if !<-gathered {
					t.Fatalf("%s: lane has nothing to write", c.name)
				}
				if got := time.Since(l.started); got != c.want {
					t.Errorf("%s: written after %v, want %v", c.name, got, c.want)
				}
				if got := len(l.take(nil)); got != len(c.batch) {
					t.Errorf("%s: written %d, want %d", c.name, got, len(c.batch))
				}
			}
		})
	}
}
