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

func TestAScreenUnderWayIsFinishedBeforeItIsBegunAgain(t *testing.T) {
	s := newStation(t, "packing")
	s.feed(s.hour(), 100)
	told := 0
	s.r.changed = func() { told++ }
	s.r.screen = newScreen(len(s.area.Lines))
	s.r.screen.begin(1, time.Now())
	s.r.screen.news = true
	s.r.screen.next = len(s.area.Lines) - 1 // all but one are worked out
	s.r.screen.begin(2, time.Now())         // and more has come
	if s.r.screen.next != len(s.area.Lines)-1 {
		t.Error("begun again before the last line was worked out")
	}
	s.r.drawAll()
	shown := 0
	s.r.screen.see(func(production.Live) bool { shown++; return true })
	if want := len(s.present()); shown != want {
		t.Errorf("after all was begun again: %d entries are shown, want %d", shown, want)
	}
	if told != 1 {
		t.Errorf("those who watch were told %d times, want once, at the end", told)
	}
}
