package influx

import "time"

// A Standing is how a Writer gets on with InfluxDB.
type Standing struct {
	Fault   string    // why InfluxDB does not take data now, "" when it does or was not asked yet
	Held    bool      // it refuses everything until somebody acts
	Since   time.Time // when Fault began
	Wrote   time.Time // when InfluxDB last took lines; zero when it did not since the start
	Refused uint64    // lines that became dead letters since the start
	Reason  string    // what InfluxDB said of the last of them
}

// Standing returns how w gets on with InfluxDB. It waits for nothing and is
// safe for concurrent use.
func (w *Writer) Standing() Standing {
	s := &w.state
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.standing
	if s.fault.action != 0 {
		out.Fault, out.Held, out.Since = s.fault.text, s.fault.action == actionHold, s.since
	}
	return out
}

// took notes that InfluxDB took lines.
func (s *state) took(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.standing.Wrote = at
}

// buried notes lines that are dead letters now.
func (s *state) buried(letters []DeadLetter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.standing.Refused += uint64(len(letters))
	s.standing.Reason = letters[len(letters)-1].Reason
}
