package collector

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"
)

// maxTroubles bounds what one source remembers of single tags or topics in
// trouble; the rest is only counted by the source's metrics.
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
	own      map[string]string // troubles of the source itself
	troubles map[string]string // those of single tags or topics
}

// Health is a Status at one moment.
type Health struct {
	Source   string            `json:"source"`
	Up       bool              `json:"up"`
	Since    time.Time         `json:"since"`              // when Up last changed
	Error    string            `json:"error,omitempty"`    // why it is down
	Attempts int               `json:"attempts"`           // failed ones since it was up
	Via      string            `json:"via,omitempty"`      // which of several servers is in use, or was last
	Troubles map[string]string `json:"troubles,omitempty"` // tag path, topic or what of the source → what is wrong with it

	own map[string]string // those of Troubles that are of the source itself
}

// A Trouble is what is wrong with a part of a source.
type Trouble struct {
	Of   string // a tag path or topic; of the source itself its word, such as server clock
	Text string
	Own  bool // it is of the source itself
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
	if _, had := s.troubles[key]; !had && len(s.troubles) >= maxTroubles {
		return false
	}
	return note(&s.troubles, key, text)
}

// OwnTrouble is Trouble for what concerns the source itself, such as the
// certificate or the clock of its server. It shows however many tags are in
// trouble, so of there must be few.
func (s *Status) OwnTrouble(of, text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return note(&s.own, of, text)
}

// note keeps text under key, or nothing when it is empty, and reports whether
// that is news.
func note(list *map[string]string, key, text string) bool {
	old, had := (*list)[key]
	switch {
	case text == "":
		delete(*list, key)
		return had
	case had && old == text:
		return false
	case *list == nil:
		*list = map[string]string{}
	}
	(*list)[key] = text
	return true
}

// Health returns the present health under the source's name.
func (s *Status) Health(source string) Health {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := Health{Source: source, Up: s.up, Since: s.since, Error: s.err, Attempts: s.attempts, Via: s.via, Troubles: maps.Clone(s.troubles), own: maps.Clone(s.own)}
	if h.Troubles == nil {
		h.Troubles = map[string]string{}
	}
	maps.Copy(h.Troubles, s.own)
	return h
}

// Full reports whether as many single tags or topics are in Troubles as are
// remembered: there may be more.
func (h Health) Full() bool { return len(h.Troubles)-len(h.own) >= maxTroubles }

// List returns h.Troubles, those of the source itself first, each in the order
// of their names.
func (h Health) List() []Trouble {
	list := make([]Trouble, 0, len(h.Troubles))
	for of, text := range h.Troubles {
		_, own := h.own[of]
		list = append(list, Trouble{of, text, own})
	}
	slices.SortFunc(list, func(a, b Trouble) int {
		switch {
		case a.Own && !b.Own:
			return -1
		case b.Own && !a.Own:
			return 1
		}
		return cmp.Compare(a.Of, b.Of)
	})
	return list
}
