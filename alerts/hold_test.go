package alerts

import (
	"testing"
	"time"

	"andon/plant"
)

func TestEscalationWaitsWhileEquipmentIsStartingButTheFirstCallDoesNot(t *testing.T) {
	area := &plant.Area{Name: "packing", Path: "northfield/packing", Site: "northfield"}
	line := &plant.Line{Name: "lineA", Path: "northfield/packing/lineA", Area: area}
	eq := &plant.Equipment{Name: "A1", Path: "northfield/packing/lineA/A1", Line: line}
	b := NewBook(Config{Policies: map[string][]Step{"call": {{Notify: []string{"first"}}, {After: 5 * time.Minute, Notify: []string{"second"}}}},
		Routes: []Route{{Policy: "call"}}}, area)
	start := plant.At(time.Date(2026, 3, 2, 8, 28, 0, 0, time.UTC))
	fault := plant.Condition{Rule: "fault", Equipment: eq, Class: plant.ClassMaintenance, Priority: plant.PriorityHigh, Active: true, Time: start}
	b.Hold(start.Add(10 * time.Second))
	b.Apply(start, []plant.Condition{fault})
	if got := len(b.Drain().Messages); got != 1 {
		t.Fatalf("raised while something else is starting: got %d messages, want the first call", got)
	}
	due := start.Add(5 * time.Minute)
	b.Hold(due.Add(10 * time.Second))
	b.Tick(due)
	if got := len(b.Drain().Messages); got != 0 {
		t.Errorf("at the step's time, equipment starting: got %d messages, want none", got)
	}
	b.Tick(due.Add(10 * time.Second))
	if m := b.Drain().Messages; len(m) != 1 || m[0].Kind != KindEscalated {
		t.Errorf("after the wait: got %v, want the escalation", m)
	}
}
