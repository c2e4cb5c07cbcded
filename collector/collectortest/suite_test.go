package collectortest_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"andon/collector"
	"andon/collector/collectortest"
	"andon/plant"
)

// A memoryServer holds samples until they are acknowledged, as a broker does.
type memoryServer struct {
	mu      sync.Mutex
	pending []plant.Sample
	acked   int
	changed chan struct{}
	lost    chan struct{}
}

func newMemoryServer() *memoryServer {
	return &memoryServer{changed: make(chan struct{}, 1), lost: make(chan struct{}, 1)}
}

func (m *memoryServer) set(s plant.Sample) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pending = append(m.pending, s)
	select {
	case m.changed <- struct{}{}:
	default:
	}
}

func (m *memoryServer) take() []plant.Sample {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]plant.Sample(nil), m.pending...)
}

func (m *memoryServer) ack(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pending = m.pending[n:]
	m.acked += n
}

func (m *memoryServer) ackCount() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.acked
}

// A memorySource is the smallest Source that passes the suite.
type memorySource struct{ server *memoryServer }

var _ collector.Source = memorySource{}

func (s memorySource) Name() string { return "memory" }

func (s memorySource) Run(ctx context.Context, sink collector.Sink, status *collector.Status) error {
	status.Up(time.Now())
	for {
		if batch := s.server.take(); len(batch) > 0 {
			if err := sink.Put(ctx, plant.Batch{Samples: batch}); err != nil {
				if ctx.Err() != nil {
					return nil
				}
				return err
			}
			s.server.ack(len(batch))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.server.lost:
			return errors.New("connection lost")
		case <-s.server.changed:
		}
	}
}

func TestTheSmallestSourcePassesTheSuite(t *testing.T) {
	collectortest.TestSource(t, func(t *testing.T) collectortest.Rig {
		server := newMemoryServer()
		tag, err := plant.Detached("northfield/packing/lineA/A1/total")
		if err != nil {
			t.Fatal(err)
		}
		return collectortest.Rig{
			Source: memorySource{server},
			Tag:    tag,
			Set: func(v plant.Value, s plant.Status) {
				server.set(plant.Sample{Tag: tag, Value: v, Status: s, Time: plant.At(time.Now())})
			},
			Lose:  func() { server.lost <- struct{}{} },
			Acked: server.ackCount,
		}
	})
}

func TestSinkBlocksUntilToldOtherwise(t *testing.T) {
	sink := &collectortest.Sink{}
	sink.Block()
	done := make(chan error, 1)
	go func() { done <- sink.Put(t.Context(), plant.Batch{}) }()
	sink.Wait(t, "one waiting Put", func(s *collectortest.Sink) bool { return s.Waiting() == 1 })
	sink.Unblock()
	if err := <-done; err != nil {
		t.Errorf("Put after Unblock: got %v, want nil", err)
	}
	if got := len(sink.Batches()); got != 1 {
		t.Errorf("batches: got %d, want 1", got)
	}
}
