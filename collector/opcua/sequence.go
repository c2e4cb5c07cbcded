package opcua

import (
	"slices"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/wire"
)

const (
	// firstSequence is the number of a subscription's first message.
	firstSequence = 1
	// startWindow is how far from the first number a first message may be
	// for the ones before it to count as missing.
	startWindow = 16
	// maxGap is the most messages that are asked for again; beyond it the
	// server has numbered anew.
	maxGap = 1000
	// remembered is for how many messages that came out it is known when they
	// were published.
	remembered = 256
)

// A message is a notification with its place in the order, or a keep-alive,
// which has none.
type message struct {
	seq       uint32    // 0 of a keep-alive
	at        time.Time // when it came
	data      []*ua.ExtensionObject
	more      bool      // the server has more of the same time to send
	published time.Time // when the server first sent it, zero when it does not say
	heard     time.Time // up to when the server has told everything with it, zero when it does not say
	gone      error     // why no more come; then it says nothing else
	lost      bool      // one before it was lost; then it says nothing else
	madeUp    uint32    // of all that were lost, for how many present makes up; then it says nothing else
	present   []wire.DataChange
}

// A sequence puts messages into the order of their numbers. Responses arrive
// in order, but each wakes a goroutine of its own, and a server may lose one.
// It is not safe for concurrent use.
type sequence struct {
	anywhere bool                 // a first message may have any number
	expected uint32               // the number that comes next, 0 before the first
	upTo     uint32               // the highest number known to exist plus one
	first    uint32               // where a start in the middle was, 0 for none
	held     map[uint32]message   // those that came too early
	settled  map[uint32]bool      // gave up or recovered; one may still come late
	out      map[uint32]time.Time // when those that came out lately were published
	refused  refusal
	heard    time.Time // of the last to arrive that says; holds once all are out
}

// A refusal is that of a server to send a message again, and since when.
type refusal struct {
	seq   uint32
	since time.Time
}

func newSequence() *sequence {
	return &sequence{held: map[uint32]message{}, settled: map[uint32]bool{}, out: map[uint32]time.Time{}}
}

// resumeSequence continues after the number that was taken last, or, when
// that is not known, with what the server has and what it sends. What the
// server has is missing, so that it is asked for.
func resumeSequence(taken uint32, available []uint32) *sequence {
	q := newSequence()
	switch {
	case taken != 0:
		q.reset(following(taken))
	case len(available) > 0:
		q.reset(slices.Min(available))
	default:
		q.anywhere = true
	}
	for _, n := range available {
		q.keepAlive(following(n))
	}
	return q
}

// following returns the number after n; 0 is not a number.
func following(n uint32) uint32 {
	if n++; n == 0 {
		n = 1
	}
	return n
}

// ahead returns how far n is after m, negative when before.
func ahead(n, m uint32) int { return int(int32(n - m)) }

// start takes the first number seen for the start, unless the subscription
// has hardly begun.
func (q *sequence) start(n uint32) {
	if q.expected != 0 {
		return
	}
	q.expected = n
	switch {
	case q.anywhere:
		q.first = n
	case n <= startWindow:
		q.expected = firstSequence
	}
	q.upTo = q.expected
}

// add takes a message and returns those that are now in order.
func (q *sequence) add(m message) []message {
	q.start(m.seq)
	switch d := ahead(m.seq, q.expected); {
	case d < 0 && q.repeats(m):
		return nil
	case d < 0 && q.settled[m.seq]:
		delete(q.settled, m.seq)
		return nil
	case d < 0 && q.first != 0 && ahead(m.seq, q.first) < 0 && ahead(m.seq, q.first) > -mostRequests:
		return []message{m} // the first to arrive was not the first sent
	case d < 0, d > maxGap:
		// The server numbers anew: what it sends counts.
		q.reset(m.seq)
	}
	q.held[m.seq] = m
	if ahead(m.seq, q.upTo) >= 0 {
		q.upTo = following(m.seq)
	}
	return q.release()
}

// repeats reports whether the server sends a message that came out already a
// second time: one that numbers anew publishes at another time.
func (q *sequence) repeats(m message) bool {
	t, ok := q.out[m.seq]
	return ok && !t.IsZero() && t.Equal(m.published)
}

func (q *sequence) reset(n uint32) {
	q.expected, q.upTo = n, n
	q.first = 0
	clear(q.held)
	clear(q.settled)
	clear(q.out)
}

// release removes and returns the messages that are in order.
func (q *sequence) release() []message {
	var ready []message
	for {
		m, ok := q.held[q.expected]
		if !ok {
			return ready
		}
		delete(q.held, q.expected)
		q.out[m.seq] = m.published
		delete(q.out, m.seq-remembered)
		ready = append(ready, m)
		q.expected = following(q.expected)
	}
}

// keepAlive takes the number of a keep-alive, which is that of the next
// message. Servers that send another one do not make a gap of it.
func (q *sequence) keepAlive(n uint32) {
	q.start(n)
	if d := ahead(n, q.upTo); d > 0 && d <= maxGap {
		q.upTo = n
	}
}

// missing returns the numbers that should have come.
func (q *sequence) missing() []uint32 {
	var list []uint32
	for n := q.expected; n != q.upTo && len(list) < maxGap; n = following(n) {
		if _, ok := q.held[n]; !ok {
			list = append(list, n)
		}
	}
	return list
}

// complete reports whether all messages known to exist have come out.
func (q *sequence) complete() bool { return len(q.held) == 0 && q.expected == q.upTo }

// recovered takes a message that was asked for again.
func (q *sequence) recovered(m message) []message {
	if ahead(m.seq, q.expected) < 0 {
		return nil // it came by itself meanwhile
	}
	q.settle(m.seq)
	q.held[m.seq] = m
	return q.release()
}

// waitFor reports whether a message that the server refuses to send again may
// still be waited for.
func (q *sequence) waitFor(n uint32, now time.Time) bool {
	if q.refused.seq != n {
		q.refused = refusal{n, now}
	}
	return now.Sub(q.refused.since) < patience
}

// giveUp skips a message that the server no longer has.
func (q *sequence) giveUp(n uint32) []message {
	if n != q.expected {
		return nil
	}
	q.settle(n)
	q.expected = following(n)
	return q.release()
}

// settle remembers a number that may still come late; a few suffice.
func (q *sequence) settle(n uint32) {
	if len(q.settled) >= maxGap {
		clear(q.settled)
	}
	q.settled[n] = true
}
