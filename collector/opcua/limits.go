package opcua

import (
	"sync"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/channel"
)

// leastBatch is where halving ends after a lost connection, which may have
// had another cause. A fault that names the cause halves down to one.
const leastBatch = 25

// limits are how many nodes one call to a server may have. What it was found to
// bear less than it says is remembered as long as the Source lives.
type limits struct {
	metrics sourceMetrics

	mu       sync.Mutex // guards all below
	read     int
	monitor  int
	register int
	message  int     // notifications in one message, as the server bears them by its faults
	caution  caution // the same by its lost connections
	history  int     // values in one answer of the history
	shown    bool    // metrics show these

	readCut, monitorCut suspicion
}

func newLimits(most int, m sourceMetrics) *limits {
	return &limits{read: most, monitor: most, register: most, message: maxNotifications, caution: caution{most: maxNotifications}, history: historyValues, metrics: m}
}

// note takes over what a server says of itself; 0 means that it says nothing.
func (l *limits) note(read, monitor, register uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if read > 0 {
		l.read = min(l.read, int(read))
	}
	if monitor > 0 {
		l.monitor = min(l.monitor, int(monitor))
	}
	if register > 0 {
		l.register = min(l.register, int(register))
	}
	l.showLocked()
}

// show has metrics show l, or leaves that to the limits of another server.
func (l *limits) show(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shown = on
	l.showLocked()
}

func (l *limits) showLocked() {
	if !l.shown {
		return
	}
	l.metrics.setLimit("read", l.read)
	l.metrics.setLimit("monitor", l.monitor)
	l.metrics.setLimit("register", l.register)
}

func (l *limits) reads() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.read
}

func (l *limits) monitors() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.monitor
}

func (l *limits) registers() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.register
}

// shrinkRegister halves what one call may register after one of n nodes was too
// large. It reports whether a smaller call may do.
func (l *limits) shrinkRegister(n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n < 2 {
		return false
	}
	l.register = min(l.register, n/2)
	l.showLocked()
	return true
}

// shrinkMonitor halves what one call may monitor after one of n items was too
// large. It reports whether a smaller call may do.
func (l *limits) shrinkMonitor(n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n < 2 {
		return false
	}
	l.monitor = min(l.monitor, n/2)
	l.showLocked()
	return true
}

// bearRead remembers that the server bears calls of n nodes, and not of more
// than it was found to.
func (l *limits) bearRead(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n < l.read {
		l.read = n
		l.showLocked()
	}
}

// tooMuch reports whether a call failed for its size or that of its answer.
func tooMuch(err error) bool { return channel.TooLarge(err) != ua.StatusOK }
