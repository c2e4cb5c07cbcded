package engine

import (
	"testing"
	"time"

	"andon/production"
)

func TestAScreenThatNobodyLooksAtIsWorkedOutRarely(t *testing.T) {
	s, start := newScreen(1), time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	made := 0
	for second := range 60 {
		if now := start.Add(time.Duration(second) * time.Second); s.due(uint64(second+1), now) {
			s.pos, s.made = uint64(second+1), now
			made++
		}
	}
	if made != 12 {
		t.Errorf("in a minute in which nobody looks: worked out %d times, want 12", made)
	}
	s.see(func(production.Live) bool { return true })
	now := time.Now()
	s.pos, s.made = 60, now
	if !s.due(61, now.Add(time.Second)) {
		t.Error("a second after somebody looked: not worked out")
	}
	if s.due(60, now.Add(time.Second)) {
		t.Error("worked out though nothing came")
	}
}
