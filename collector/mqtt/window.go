package mqtt

import (
	"sync/atomic"
	"time"
)

const (
	// Brokers send 10 to 1,024 messages before they wait for an
	// acknowledgement.
	smallWindow = 8
	// narrowWindow is the largest at which pauses of reading would limit the
	// rate.
	narrowWindow = 256
	// sureAfter is how often the broker must have stopped at the same number.
	sureAfter = 3
	// forgetAfter is how long the broker may not have come to that number
	// before it is forgotten.
	forgetAfter = time.Second
)

// A window finds out how many messages the broker sends before it waits for
// acknowledgements: it is the number at which it stops again and again, and
// goes on as soon as it is answered. While that is known, a batch goes to the
// bus as soon as it has so many, and when it is small the connection is read
// without pauses. It is for one goroutine, but for narrow.
type window struct {
	narrow *atomic.Bool // it is known and small
	last   int          // at which the broker stopped
	times  int          // one after the other
	size   int          // 0 is not known
	met    time.Time    // when the broker last came to it
}

// see takes the number of unacknowledged messages of a batch, and whether the
// broker stopped there. It returns the window, 0 when none is known.
func (w *window) see(unacked int, stopped bool, now time.Time) int {
	if stopped {
		if unacked != w.last {
			w.last, w.times = unacked, 0
		}
		w.times++
	}
	switch {
	case w.size > 0 && unacked == w.size:
		w.met = now
	case w.size > 0 && (unacked > w.size || now.Sub(w.met) > forgetAfter):
		w.size, w.times = 0, 0
	case stopped && w.times >= sureAfter && unacked >= smallWindow:
		w.size, w.met = unacked, now
	}
	w.narrow.Store(w.size > 0 && w.size <= narrowWindow)
	return w.size
}
