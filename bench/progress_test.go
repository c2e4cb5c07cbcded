package main

import (
	"strings"
	"testing"
	"time"
)

func TestTheEndIsForetoldFromWhatTheFirstCasesTook(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	var said string
	p := &progress{say: func(line string) { said = line }, now: func() time.Time { return now }, began: now,
		whole: 30 * time.Minute, left: []time.Duration{10 * time.Minute, 20 * time.Minute}}
	p.begins()
	if !strings.Contains(said, "cases: 2, about 30m0s, until about 08:30:00") {
		t.Errorf("before: %q", said)
	}
	now = now.Add(12 * time.Minute)
	p.done()
	if !strings.Contains(said, "cases left: 1, about 24m0s, until about 08:36:00") {
		t.Errorf("after a case that took a fifth longer: %q", said)
	}
	now = now.Add(24 * time.Minute)
	p.done()
	if !strings.Contains(said, "all cases are done, after 36m0s") {
		t.Errorf("at the end: %q", said)
	}
}
