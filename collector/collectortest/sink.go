// Package collectortest checks implementations of collector.Source: a Sink
// that records, blocks or refuses, and TestSource, the suite that every Source
// passes against a real server of its protocol.
package collectortest

import (
	"context"
	"sync"
	"testing"
	"time"

	"andon/collector"
	"andon/plant"
)

var _ collector.Sink = (*Sink)(nil)

// waitLimit is how long Sink.Wait and the suite wait for what must come;
// generous, because tests share small machines.
const waitLimit = 20 * time.Second

// A Sink records what a Source puts. It can be told to block or to refuse, as
// the bus does while its disk is slow or after it is closed. The zero Sink
// takes everything. All methods are safe for concurrent use.
type Sink struct {
	mu      sync.Mutex
	batches []plant.Batch
	refusal error
	gate    chan struct{} // closed by Unblock; nil while open
	waiting int           // Puts that wait at the gate
	changed chan struct{} // closed and replaced at every change
}

// Put takes batch unless the Sink was told to block or to fail. It returns
// ctx's error when ctx ends first.
func (s *Sink) Put(ctx context.Context, batch plant.Batch) error {
	if err := s.pass(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refusal != nil {
		return s.refusal
	}
	s.batches = append(s.batches, batch)
	s.notifyLocked()
	return nil
}

// pass waits at the gate while the Sink blocks.
func (s *Sink) pass(ctx context.Context) error {
	s.mu.Lock()
	gate := s.gate
	if gate != nil {
		s.waiting++
		s.notifyLocked()
	}
	s.mu.Unlock()
	if gate == nil {
		return ctx.Err()
	}
	defer s.leave()
	select {
	case <-gate:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Sink) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting--
	s.notifyLocked()
}

func (s *Sink) notifyLocked() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// Block makes every later Put wait until Unblock.
func (s *Sink) Block() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gate == nil {
		s.gate = make(chan struct{})
	}
}

// Unblock lets all waiting and later Puts pass.
func (s *Sink) Unblock() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gate != nil {
		close(s.gate)
		s.gate = nil
	}
}

// Fail makes every later Put return err; nil makes the Sink take batches
// again.
func (s *Sink) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusal = err
}

// Waiting returns how many Puts wait because of Block.
func (s *Sink) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting
}

// Batches returns all batches taken so far, in order.
func (s *Sink) Batches() []plant.Batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]plant.Batch(nil), s.batches...)
}

// Samples returns all samples taken so far, in order.
func (s *Sink) Samples() []plant.Sample {
	var all []plant.Sample
	for _, b := range s.Batches() {
		all = append(all, b.Samples...)
	}
	return all
}

// Contacts returns all contacts taken so far, in order.
func (s *Sink) Contacts() []plant.Contact {
	var all []plant.Contact
	for _, b := range s.Batches() {
		all = append(all, b.Contacts...)
	}
	return all
}

// Reset forgets what was taken.
func (s *Sink) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batches = nil
}

// Wait blocks until done returns true, asking again after every change of the
// Sink. It fails the test with what it waited for after 20 s.
func (s *Sink) Wait(t testing.TB, what string, done func(*Sink) bool) {
	t.Helper()
	limit := time.NewTimer(waitLimit)
	defer limit.Stop()
	for {
		changed := s.watch()
		if done(s) {
			return
		}
		select {
		case <-changed:
		case <-limit.C:
			t.Fatalf("%s: not seen within %v; the sink has %d samples", what, waitLimit, len(s.Samples()))
		}
	}
}

// watch returns a channel that is closed at the next change.
func (s *Sink) watch() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// WaitValue blocks until the Sink took a sample of tag with that value.
func (s *Sink) WaitValue(t testing.TB, tag *plant.Tag, want plant.Value) {
	t.Helper()
	s.Wait(t, tag.Path+" = "+want.String(), func(s *Sink) bool {
		for _, x := range s.Samples() {
			if x.Tag == tag && x.Value == want {
				return true
			}
		}
		return false
	})
}
