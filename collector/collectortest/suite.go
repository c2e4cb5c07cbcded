package collectortest

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"andon/collector"
	"andon/plant"
)

// A Rig is one Source with a real server of its own.
type Rig struct {
	// Source reads Tag from the server. Run may be called again after it
	// returned, as the Supervisor does.
	Source collector.Source
	// Tag is what Set sets.
	Tag *plant.Tag
	// Set gives the tag a value and status at the server. Values set while
	// the source is up must all reach the Sink. It returns once the server
	// has taken the value.
	Set func(v plant.Value, s plant.Status)
	// Lose ends all of the server's connections; it accepts new ones.
	Lose func()
	// NoStatus says that the protocol cannot carry a status.
	NoStatus bool
	// Acked returns how many acknowledgements the server got so far; nil
	// when the server cannot tell.
	Acked func() int
}

// errRefused is what the Sink says in place of a closed bus.
var errRefused = errors.New("bus is closed")

// TestSource runs the suite. start builds a fresh Rig and cleans up through
// t.Cleanup. The suite asks of a Source that it
//   - calls status.Up and puts samples,
//   - returns nil within one second after ctx ended, also while Put blocks,
//   - returns an error when the server is lost or the Sink refuses,
//   - keeps the order of values and loses none,
//   - passes a Bad status through,
//   - acknowledges nothing that the Sink refused: the next Run brings it again,
//   - leaves no goroutine behind.
func TestSource(t *testing.T, start func(t *testing.T) Rig) {
	t.Run("stops within a second", func(t *testing.T) { testStop(t, start(t)) })
	t.Run("stops within a second while the sink blocks", func(t *testing.T) { testStopBlocked(t, start(t)) })
	t.Run("returns an error when the server is lost", func(t *testing.T) { testLoss(t, start(t)) })
	t.Run("keeps the order", func(t *testing.T) { testOrder(t, start(t)) })
	t.Run("passes Bad through", func(t *testing.T) { testBad(t, start(t)) })
	t.Run("brings again what the sink refused", func(t *testing.T) { testRefused(t, start(t)) })
	t.Run("leaves no goroutine", func(t *testing.T) { testGoroutines(t, start(t)) })
}

func testStop(t *testing.T, r Rig) {
	sink := &Sink{}
	x := r.run(t, sink)
	r.up(t, x, sink)
	x.stop()
}

func testStopBlocked(t *testing.T, r Rig) {
	sink := &Sink{}
	x := r.run(t, sink)
	r.up(t, x, sink)
	sink.Block()
	r.Set(plant.Int(1), plant.Good)
	sink.Wait(t, "a blocked Put", func(s *Sink) bool { return s.Waiting() > 0 })
	x.stop()
}

func testLoss(t *testing.T, r Rig) {
	sink := &Sink{}
	x := r.run(t, sink)
	defer x.cancel()
	r.up(t, x, sink)
	r.Lose()
	x.fails()

	again := r.run(t, sink)
	sink.Reset()
	r.up(t, again, sink)
	again.stop()
}

func testOrder(t *testing.T, r Rig) {
	const n = 50
	sink := &Sink{}
	x := r.run(t, sink)
	r.up(t, x, sink)
	for i := range int64(n) {
		r.Set(plant.Int(i+1), plant.Good)
	}
	sink.WaitValue(t, r.Tag, plant.Int(n))
	x.stop()

	next := int64(1)
	for _, s := range sink.Samples() {
		v, _ := s.Value.Int()
		if s.Tag != r.Tag || v < 1 || v == next-1 {
			continue // the value before the test or a repeat
		}
		if v != next {
			t.Fatalf("value %d: got %d in its place", next, v)
		}
		next++
	}
}

func testBad(t *testing.T, r Rig) {
	if r.NoStatus {
		t.Skip("the protocol carries no status")
	}
	sink := &Sink{}
	x := r.run(t, sink)
	r.up(t, x, sink)
	r.Set(plant.Int(7), plant.BadSensorFailure)
	sink.Wait(t, "a sample with BadSensorFailure", func(s *Sink) bool {
		for _, x := range s.Samples() {
			if x.Tag == r.Tag && x.Status == plant.BadSensorFailure {
				return true
			}
		}
		return false
	})
	x.stop()
}

func testRefused(t *testing.T, r Rig) {
	sink := &Sink{}
	first := r.run(t, sink)
	r.up(t, first, sink)
	first.stop()
	acked := r.settledAcks() // the server may still be reading the last of them

	sink.Reset()
	sink.Fail(errRefused)
	x := r.run(t, sink)
	defer x.cancel()
	var err error
	poll(t, "status up or the end of Run", func() bool {
		select {
		case err = <-x.done:
			return true
		default:
			return x.status.Health("").Up
		}
	})
	r.Set(plant.Int(9), plant.Good)
	if err == nil {
		err = x.fails()
	}
	if !errors.Is(err, errRefused) {
		t.Errorf("Run: got error %v, want one that wraps the sink's", err)
	}
	if got := r.acks(); got != acked {
		t.Errorf("acknowledgements while the sink refused: got %d, want none", got-acked)
	}

	sink.Fail(nil)
	again := r.run(t, sink)
	sink.WaitValue(t, r.Tag, plant.Int(9))
	again.stop()
}

// acks returns how many acknowledgements the server got, 0 when it cannot
// tell.
func (r Rig) acks() int {
	if r.Acked == nil {
		return 0
	}
	return r.Acked()
}

// settledAcks returns the acknowledgements once no more come for a while.
func (r Rig) settledAcks() int {
	every := time.NewTicker(5 * time.Millisecond)
	defer every.Stop()
	last, same := r.acks(), 0
	for same < 20 {
		<-every.C
		if n := r.acks(); n != last {
			last, same = n, 0
			continue
		}
		same++
	}
	return last
}

func testGoroutines(t *testing.T, r Rig) {
	sink := &Sink{}
	// The first round starts what lives as long as the server and the Go
	// runtime; only the second is measured.
	warm := r.run(t, sink)
	r.up(t, warm, sink)
	warm.stop()
	before := settledGoroutines(t)

	for _, lose := range []bool{false, true} {
		sink.Reset()
		x := r.run(t, sink)
		r.up(t, x, sink)
		if lose {
			r.Lose()
			x.fails()
			x.cancel()
		} else {
			x.stop()
		}
	}
	if after := settledGoroutines(t); after > before {
		buf := make([]byte, 1<<20)
		t.Errorf("goroutines: got %d after, want at most %d\n%s", after, before, buf[:runtime.Stack(buf, true)])
	}
}
