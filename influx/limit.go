package influx

import "time"

// A limit is how many bytes one request may have, learned from what the server
// did with earlier ones. The zero limit is none.
type limit struct {
	accepted int // what is not refused as too large; 0 for anything
	timely   int // what is taken within the timeout; 0 for anything
}

// maxTimely is where a request counts as one of any size again.
const maxTimely = 64 << 20

// bytes returns the limit, 0 for none.
func (l *limit) bytes() int {
	if l.accepted == 0 || l.timely != 0 && l.timely < l.accepted {
		return l.timely
	}
	return l.accepted
}

// room reports whether a batch of n bytes may grow. A batch of one request
// moves the position with it.
func (l *limit) room(n int) bool {
	most := l.bytes()
	return most == 0 || n < most
}

// tooLarge learns that the server refused a request of n bytes.
func (l *limit) tooLarge(n int) {
	if l.accepted == 0 || n/2 < l.accepted {
		l.accepted = n / 2
	}
}

// tooSlow learns that the server did not answer a request of n bytes in time.
// Each such request costs a timeout, so the next one is much smaller.
func (l *limit) tooSlow(n int) {
	if l.timely == 0 || n/4 < l.timely {
		l.timely = n / 4
	}
}

// took learns that the server took n bytes in d. A server that is fast again
// gets more and more, until it gets everything at once.
func (l *limit) took(n int, d, timeout time.Duration) {
	if l.timely == 0 || n < l.timely/4 || d > timeout/4 {
		return
	}
	if l.timely *= 2; l.timely > maxTimely {
		l.timely = 0
	}
}
