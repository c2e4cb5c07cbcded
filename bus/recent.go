package bus

import (
	"slices"
	"sync"
)

const (
	// maxRecent bounds the samples that a lane remembers, for readers that are
	// behind by as much: some 800 KB.
	maxRecent = 3 * maxSamples
	// maxRecentBytes bounds the messages that they were put in, so what texts
	// take, and recentBytes is what each one counts besides: one may have no
	// samples.
	maxRecentBytes = 1 << 20
	recentBytes    = 256
)

// A recent remembers what a lane wrote last, as it was put. Readers that
// follow closely need not decode it; the others do, and get the same. Its
// methods are safe for concurrent use.
type recent struct {
	mu      sync.Mutex // guards the following
	readers int
	samples int
	bytes   int
	written []written // oldest first
}

// A written is the content of one message. Nobody changes it any more.
type written struct {
	id   string // of the message, which no other one ever had
	size int    // bytes of the message
	content
	left int // readers that did not take it yet
}

// join counts a reader in.
func (r *recent) join() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.readers++
}

// leave counts a reader out.
func (r *recent) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.readers--; r.readers == 0 {
		r.samples, r.bytes, r.written = 0, 0, nil
	}
}

// wanted reports whether there are readers.
func (r *recent) wanted() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.readers > 0
}

// keep remembers w until all readers have taken it or it is too old. It is
// forgotten at once when nobody reads.
func (r *recent) keep(w written) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w.left = r.readers; w.left == 0 {
		return
	}
	r.written = append(r.written, w)
	r.samples, r.bytes = r.samples+len(w.samples), r.bytes+w.size+recentBytes
	for r.samples > maxRecent || r.bytes > maxRecentBytes {
		r.forgetLocked(0)
	}
}

// take returns what the message with that id and size says, false when it is
// not remembered.
func (r *recent) take(id string, size int) (written, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.written, func(w written) bool { return w.id == id && w.size == size })
	if i < 0 || id == "" {
		return written{}, false
	}
	w := r.written[i]
	if r.written[i].left--; r.written[i].left == 0 {
		r.forgetLocked(i)
	}
	return w, true
}

func (r *recent) forgetLocked(i int) {
	r.samples, r.bytes = r.samples-len(r.written[i].samples), r.bytes-r.written[i].size-recentBytes
	r.written = slices.Delete(r.written, i, i+1)
}
