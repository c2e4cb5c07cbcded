package opcua

// A suspicion is that a server hangs up on calls for their size. Some do; but
// only one that does so twice at one size, and answers none as large in between,
// does it for that, and not for a link that fails. It has the sizes of calls on
// which it hung up once; several calls are under way at a time. The zero
// suspicion is none. It is not safe for concurrent use.
type suspicion struct{ sizes map[int]bool }

// hungUp notes that the connection was lost during a call of n, of which the
// server was thought to bear most. It returns how many it is to have.
func (s *suspicion) hungUp(n, most int) int {
	half := max(n/2, leastBatch)
	switch {
	case half >= n:
		return most
	case s.sizes[n]:
		delete(s.sizes, n)
		return min(most, half)
	case s.sizes == nil:
		s.sizes = map[int]bool{}
	}
	s.sizes[n] = true
	return most
}

// bore notes that the server answered a call of n.
func (s *suspicion) bore(n int) {
	for size := range s.sizes {
		if size <= n {
			delete(s.sizes, size)
		}
	}
}

// readEnded notes how a read of n nodes ended.
func (l *limits) readEnded(n int, cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if cut {
		l.read = l.readCut.hungUp(n, l.read)
		l.showLocked()
	} else {
		l.readCut.bore(n)
	}
}

// monitorEnded is readEnded of a call to monitor n items.
func (l *limits) monitorEnded(n int, cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if cut {
		l.monitor = l.monitorCut.hungUp(n, l.monitor)
		l.showLocked()
	} else {
		l.monitorCut.bore(n)
	}
}
