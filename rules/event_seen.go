package rules

import (
	"fmt"
	"hash/fnv"

	"andon/plant"
)

// maxSeen is how many events are known again. A server sends again what andon
// had stored but not acknowledged when it was killed: what a second publishes,
// at the most.
const maxSeen = 1024

// A seen knows the last events again, those that have an id, so that one which
// comes twice does not raise again what ended meanwhile. The zero seen is ready
// to use.
type seen struct {
	known map[uint64]bool
	ring  []uint64
	next  int // the oldest, once ring is full
}

// note remembers x and reports whether it came before. One without an id never
// did.
func (n *seen) note(x *plant.Event) bool {
	if x.ID == "" {
		return false
	}
	h := fnv.New64a()
	// There are servers whose ids are all alike.
	fmt.Fprintf(h, "%q %q %q %d %d %t %t %t", x.Source, x.Condition, x.ID, x.Time, x.Severity, x.Active, x.Retain, x.Suppressed) // never fails
	return !n.add(h.Sum64())
}

// add reports whether id is new.
func (n *seen) add(id uint64) bool {
	if n.known[id] {
		return false
	}
	if n.known == nil {
		n.known = map[uint64]bool{}
	}
	n.known[id] = true
	if len(n.ring) < maxSeen {
		n.ring = append(n.ring, id)
		return true
	}
	delete(n.known, n.ring[n.next])
	n.ring[n.next] = id
	n.next = (n.next + 1) % maxSeen
	return true
}

// list returns what is known, the oldest first.
func (n *seen) list() []uint64 {
	return append(append([]uint64(nil), n.ring[n.next:]...), n.ring[:n.next]...)
}
