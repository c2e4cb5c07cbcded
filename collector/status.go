package collector

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// maxTroubles bounds what one source remembers of single tags in trouble; the
// rest is only counted by the source's metrics.
const maxTroubles = 1000

// A Status is where a Source tells how it does. All methods are safe for
// concurrent use and never block.
type Status struct {
	onUp func() // called when the source comes up; may be nil

	mu       sync.Mutex // guards all below
	up       bool
	since    time.Time
	err      string
	attempts int
	via      string
	troubles map[string]string
}

// Health is a Status at one moment.
type Health struct {
	Source   string            `json:"source"`
	Up       bool              `json:"up"`
	Since    time.Time         `json:"since"`              // when Up last changed
	Error    string            `json:"error,omitempty"`    // why it is down
	Attempts int               `json:"attempts"`           // failed ones since it was up
	Via      string            `json:"via,omitempty"`      // which of several servers is in use, or was last
	Troubles map[string]string `json:"troubles,omitempty"` // tag path or topic → what is wrong with it
}

// Up says that data can flow. now is the wall clock.
func (s *Status) Up(now time.Time) {
	if s.setUp(now) && s.onUp != nil {
		s.onUp()
	}
}

// setUp reports whether the source was down before.
func (s *Status) setUp(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	news := !s.up
	if news {
		s.since = now
	}
	s.up, s.err, s.attempts = true, "", 0
	return news
}

// Down says that the session ended or could not be made, and why.
func (s *Status) Down(now time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.up || s.since.IsZero() {
		s.since = now
	}
	s.up = false
	s.attempts++
	if err != nil {
		s.err = err.Error()
	}
}

// Via says which of several servers the source takes its data from.
func (s *Status) Via(server string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.via = server
}

// Trouble notes what is wrong with one tag or topic; an empty text means it
// is well again. It reports whether that is news, so that callers log changes
// only; where the text may change with each value they must also bound how
// often they do.
func (s *Status) Trouble(key, text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, had := s.troubles[key]
	if text == "" {
		delete(s.troubles, key)
		return had
	}
	if had && old == text || !had && len(s.troubles) >= maxTroubles {
		return false
	}
	if s.troubles == nil {
		s.troubles = map[string]string{}
	}
	s.troubles[key] = text
	return true
}

// Health returns the present health under the source's name.
func (s *Status) Health(source string) Health {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Health{Source: source, Up: s.up, Since: s.since, Error: s.err, Attempts: s.attempts, Via: s.via, Troubles: maps.Clone(s.troubles)}
}

// Keys returns the keys of h.Troubles in order.
func (h Health) Keys() []string { return slices.Sorted(maps.Keys(h.Troubles)) }
