package mqtt

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"andon/plant"
)

const (
	// stallLimit is how long a full inbox may hold up the connection. It is
	// shorter than pingTimeout: while it waits nothing is read, answers to
	// pings neither, and the session would end anyway with a wrong reason.
	stallLimit = 10 * time.Second
	// maxHeld is how many samples an inbox holds before it is full, however
	// few messages they came in.
	maxHeld = 8 * maxBatch
)

var (
	// errStalled ends a session whose messages the bus does not take. The
	// broker keeps what is not acknowledged.
	errStalled = errors.New("the bus takes no samples")
	// errOver says that the session has ended for another reason.
	errOver = errors.New("the session is over")
)

// A load is what became of some messages: their samples, and the
// acknowledgements to send once these are on disk.
type load struct {
	samples  []plant.Sample
	acks     []byte // packets of ackSize bytes
	messages int
	bytes    int // of payload
}

// ackSize is the size of an acknowledgement (MQTT 3.1.1, 3.4).
const ackSize = 4

// unacked returns how many of the messages wait for an acknowledgement.
func (l *load) unacked() int { return len(l.acks) / ackSize }

// An inbox holds what one session brought until the worker takes all of it.
// Its size bounds memory; when it is full the connection is not read, which
// holds the broker back.
type inbox struct {
	size int // messages

	mu       sync.Mutex // guards held, eager and window
	held     load
	eager    bool // the worker waits for a first message
	window   int  // unacknowledged messages that the broker sends at most; 0 is not known
	expected int  // samples that held will have

	wake   chan struct{} // of size 1: there is something for the worker
	space  chan struct{} // of size 1: the worker took what was held
	closed chan struct{} // closed by close, which sets err before
	once   sync.Once
	err    error
}

func newInbox(size int) *inbox {
	return &inbox{size: size, wake: make(chan struct{}, 1), space: make(chan struct{}, 1), closed: make(chan struct{})}
}

// push adds a copy of l. It waits while the inbox is full, at most for
// stallLimit. It fails when the session is over, then and from then on.
func (in *inbox) push(l load) error {
	select {
	case <-in.closed:
		return errOver
	default:
	}
	if in.add(l) {
		return nil
	}
	limit := time.NewTimer(stallLimit)
	defer limit.Stop()
	for {
		select {
		case <-in.space:
			if in.add(l) {
				return nil
			}
		case <-in.closed:
			return errOver
		case <-limit.C:
			in.close(fmt.Errorf("%d messages waited for %v: %w", in.size, stallLimit, errStalled))
			return errStalled
		}
	}
}

// add is push that does not wait; it is false when the inbox is full.
func (in *inbox) add(l load) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if h := &in.held; h.messages >= in.size || len(h.samples) >= maxHeld {
		return false
	}
	if in.held.samples == nil && len(l.samples) > 0 {
		in.held.samples = make([]plant.Sample, 0, max(in.expected, len(l.samples)))
	}
	in.held.samples = append(in.held.samples, l.samples...)
	in.held.acks = append(in.held.acks, l.acks...)
	in.held.messages += l.messages
	in.held.bytes += l.bytes
	if in.eager || in.dueLocked() {
		in.eager = false
		signal(in.wake)
	}
	return true
}

// dueLocked reports whether what is held should go without waiting for more:
// it is a batch, the inbox is full, or the broker sends nothing more before
// it gets acknowledgements.
func (in *inbox) dueLocked() bool {
	h := &in.held
	return len(h.samples) >= maxBatch || h.messages >= min(maxBatch, in.size) || in.window > 0 && h.unacked() >= in.window
}

// level returns how many messages are held, and whether they are due.
func (in *inbox) level() (messages int, due bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.held.messages, in.dueLocked()
}

// await makes the next push wake the worker; it is false when there is
// something to take already.
func (in *inbox) await() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.eager = in.held.messages == 0
	return in.eager
}

// take hands over all that is held. The inbox may use acks from then on.
func (in *inbox) take(acks []byte) load {
	in.mu.Lock()
	defer in.mu.Unlock()
	taken := in.held
	in.held = load{acks: acks[:0]}
	in.expected = min(len(taken.samples)+len(taken.samples)/4, 2*maxBatch)
	signal(in.space)
	return taken
}

// limit sets how many unacknowledged messages the broker sends at most.
func (in *inbox) limit(window int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.window = window
}

// close says that nothing more will come and why; only the first reason
// counts.
func (in *inbox) close(err error) {
	in.once.Do(func() {
		in.err = err
		close(in.closed)
	})
}

// signal wakes who waits on a channel of size 1.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
