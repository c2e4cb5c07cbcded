package production

import (
	"encoding/binary"
	"errors"
	"math"

	"andon/plant"
)

// A writer appends the parts of a snapshot. Times are written as distances
// from the one before, which keeps them short.
type writer struct {
	b    []byte
	last plant.Instant
}

func (w *writer) int(i int64)    { w.b = binary.AppendVarint(w.b, i) }
func (w *writer) len(n int)      { w.b = binary.AppendUvarint(w.b, uint64(n)) }
func (w *writer) bytes(b []byte) { w.len(len(b)); w.b = append(w.b, b...) }
func (w *writer) text(s string)  { w.len(len(s)); w.b = append(w.b, s...) }
func (w *writer) code(c code)    { w.text(c.Value()) }

func (w *writer) bool(b bool) {
	if b {
		w.b = append(w.b, 1)
	} else {
		w.b = append(w.b, 0)
	}
}

func (w *writer) time(t plant.Instant) {
	w.int(int64(t - w.last)) // wraps around and back for endless
	w.last = t
}

var errSnapshot = errors.New("read snapshot: damaged")

// A reader reads what a writer wrote. After the first fault it returns zero
// values only.
type reader struct {
	b    []byte
	last plant.Instant
	err  error
}

func (r *reader) fail() {
	if r.err == nil {
		r.err = errSnapshot
	}
	r.b = nil
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

// len reads a number of things that take at least one byte each.
func (r *reader) len() int {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > uint64(len(r.b)-n) || v > math.MaxInt32 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return int(v)
}

func (r *reader) bytes() []byte {
	n := r.len()
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) text() string { return string(r.bytes()) }

func (r *reader) bool() bool {
	if len(r.b) == 0 || r.b[0] > 1 {
		r.fail()
		return false
	}
	v := r.b[0] == 1
	r.b = r.b[1:]
	return v
}

func (r *reader) time() plant.Instant {
	r.last += plant.Instant(r.int())
	return r.last
}
