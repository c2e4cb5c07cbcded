package influx

import (
	"errors"
	"io"
	"sync"
)

var errTakenBack = errors.New("the request is over")

// A loan is lines that are lent to the HTTP transport, which may read a body
// for longer than its request lasts. They are taken back before the memory is
// used again. Its methods are safe for concurrent use.
type loan struct {
	mu    sync.Mutex // guards lines
	lines []byte     // nil when they are taken back
}

// reader returns a body that reads the lines from their beginning.
func (l *loan) reader() io.ReadCloser { return &loanReader{of: l} }

// takeBack ends all reading: no reader touches the lines any more.
func (l *loan) takeBack() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = nil
}

// A loanReader is one body. It is not safe for concurrent use.
type loanReader struct {
	of   *loan
	done int
}

// Read implements io.Reader.
func (r *loanReader) Read(p []byte) (int, error) {
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	if r.of.lines == nil {
		return 0, errTakenBack
	}
	if r.done == len(r.of.lines) {
		return 0, io.EOF
	}
	n := copy(p, r.of.lines[r.done:])
	r.done += n
	return n, nil
}

// Close implements io.Closer.
func (r *loanReader) Close() error { return nil }
