// Package alertstest holds the tests that every notifier passes.
package alertstest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"andon/alerts"
	"andon/plant"
)

// A Fixture is one notifier with the other side that it tells.
type Fixture struct {
	Notifier alerts.Notifier
	// Received returns what arrived so far, in order: the id, a space and the
	// title of each message. It is safe for concurrent use.
	Received func() []string
	// Away makes the other side fail in a way that a repeat may mend, or work
	// again. nil when it cannot fail.
	Away func(away bool)
	// Refuse makes the other side refuse messages for good, or take them
	// again. nil when it cannot refuse.
	Refuse func(refuse bool)
	// Hang makes the other side take a connection and say nothing until the
	// test is over. nil when it cannot hang.
	Hang func()
}

// TestNotifier runs the suite; setup makes a fresh Fixture for each test.
func TestNotifier(t *testing.T, setup func(t *testing.T) Fixture) {
	for name, test := range map[string]func(*testing.T, Fixture){
		"message arrives whole":                  arrivesWhole,
		"repeat carries the same id":             repeatKeepsID,
		"many at a time all arrive":              manyAtATime,
		"returns soon after the context":         returnsWithContext,
		"other side away is tried again":         awayIsTriedAgain,
		"refused message is final":               refusedIsFinal,
		"other side that hangs does not hold it": hangDoesNotHold,
	} {
		t.Run(name, func(t *testing.T) { test(t, setup(t)) })
	}
}

// Message returns a message that is told apart by n.
func Message(n int) alerts.Message {
	at := plant.At(time.Date(2026, 3, 2, 10, 0, n, 0, time.UTC))
	a := alerts.Alarm{ID: fmt.Sprintf("alarm-%d", n), Rule: "stopped", Equipment: "northfield/packing/lineA/A1", Class: plant.ClassProduction,
		Priority: plant.PriorityHigh, State: alerts.StateUnacknowledged, Active: true, Raised: alerts.Moment{Event: at, Stream: at},
		FirstRaised: alerts.Moment{Event: at, Stream: at},
		Value:       plant.Float(85.5), Message: "A1 stopped", Response: "go and look", Round: 1, Step: 1, Told: []string{"first"}}
	return alerts.Message{ID: fmt.Sprintf("message-%d", n), Alarm: a.ID, Kind: alerts.KindRaised, To: "first", Round: 1, Step: 1, Time: at,
		Title: fmt.Sprintf("HIGH: A1 stopped %d", n), Text: "A1 stopped\nWhat to do: go and look\n", About: a}
}

func line(m alerts.Message) string { return m.ID + " " + m.Title }

func wantReceived(t *testing.T, f Fixture, want ...string) {
	t.Helper()
	if got := strings.Join(f.Received(), "\n"); got != strings.Join(want, "\n") {
		t.Errorf("received %q, want %q", got, want)
	}
}

func arrivesWhole(t *testing.T, f Fixture) {
	m := Message(1)
	m.Title = `HIGH: "A1" gestört – 温度 <b>&amp;</b> \ {{.}} %s ` + strings.Repeat("x", 300)
	m.Text = strings.Repeat("line of text\n", 1000)
	if err := f.Notifier.Notify(t.Context(), m.To, m); err != nil {
		t.Fatal(err)
	}
	wantReceived(t, f, line(m))
}

func repeatKeepsID(t *testing.T, f Fixture) {
	m := Message(1)
	for range 2 {
		if err := f.Notifier.Notify(t.Context(), m.To, m); err != nil {
			t.Fatal(err)
		}
	}
	wantReceived(t, f, line(m), line(m))
}

func manyAtATime(t *testing.T, f Fixture) {
	const n = 20
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if err := f.Notifier.Notify(t.Context(), "first", Message(i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, r := range f.Received() {
		seen[r] = true
	}
	if len(seen) != n {
		t.Errorf("got %d different messages, want %d", len(seen), n)
	}
}

func returnsWithContext(t *testing.T, f Fixture) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := within(t, func() error { return f.Notifier.Notify(ctx, "first", Message(1)) }); err == nil {
		t.Error("context was done before: got no error, want one")
	}
	wantReceived(t, f)
}

func awayIsTriedAgain(t *testing.T, f Fixture) {
	if f.Away == nil {
		return
	}
	f.Away(true)
	m := Message(1)
	if err := f.Notifier.Notify(t.Context(), m.To, m); err == nil || errors.Is(err, alerts.ErrRejected) {
		t.Errorf("other side away: got %v, want an error that is not final", err)
	}
	f.Away(false)
	if err := f.Notifier.Notify(t.Context(), m.To, m); err != nil {
		t.Errorf("other side back: got %v, want no error", err)
	}
	wantReceived(t, f, line(m))
}

func refusedIsFinal(t *testing.T, f Fixture) {
	if f.Refuse == nil {
		return
	}
	f.Refuse(true)
	if err := f.Notifier.Notify(t.Context(), "first", Message(1)); !errors.Is(err, alerts.ErrRejected) {
		t.Errorf("refused: got %v, want ErrRejected", err)
	}
	f.Refuse(false)
	m := Message(2)
	if err := f.Notifier.Notify(t.Context(), m.To, m); err != nil {
		t.Errorf("the next message: got %v, want no error", err)
	}
	wantReceived(t, f, line(m))
}

func hangDoesNotHold(t *testing.T, f Fixture) {
	if f.Hang == nil {
		return
	}
	f.Hang()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := within(t, func() error { return f.Notifier.Notify(ctx, "first", Message(1)) })
	if err == nil || errors.Is(err, alerts.ErrRejected) {
		t.Errorf("other side hangs: got %v, want an error that is not final", err)
	}
}

// within fails the test when f does not return soon after its context.
func within(t *testing.T, f func() error) error {
	t.Helper()
	done := make(chan error, 1) // so that f can end after the test gave up
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(2 * time.Second):
		t.Fatal("still not back 2 s after the context was done")
		return nil
	}
}
