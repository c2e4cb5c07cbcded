package opcua

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// A learner looks up the types of values that cannot be made out: a variable
// may come to hold structures of another type, and a program that is loaded
// anew define types anew.
type learner struct {
	wake chan struct{} // there is something to learn

	mu     sync.Mutex // guards wanted
	wanted map[*point]bool
}

func newLearner() *learner {
	return &learner{wake: make(chan struct{}, 1), wanted: map[*point]bool{}}
}

// want notes a point whose value cannot be made out. It does not block.
func (l *learner) want(p *point) {
	l.mu.Lock()
	l.wanted[p] = true
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default: // it is awake already
	}
}

// take returns what is wanted.
func (l *learner) take() []*point {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := slices.Collect(maps.Keys(l.wanted))
	clear(l.wanted)
	return list
}

// run learns what is wanted until the session ends, ever more seldom while that
// does not help.
func (l *learner) run(ctx context.Context, x *session) error {
	var wait time.Duration
	var last time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-l.wake:
		}
		if time.Since(last) > 2*maxItemRetry {
			wait = 0 // it helped: this is another story
		}
		if wait > 0 && !sleep(ctx, wait) {
			return nil
		}
		if err := x.learnTypes(ctx, l.take()); err != nil && ctx.Err() == nil {
			return err
		}
		wait, last = min(max(2*wait, x.source.config.ItemRetry), maxItemRetry), time.Now()
	}
}
