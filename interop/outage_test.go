package interop_test

import (
	"testing"
	"time"

	"andon/plant"
)

// counting starts a count at the server of the given length, a value every
// 2 ms, and returns the rig, the tag and what waits for all that was told.
func counting(t *testing.T, to int) (*rig, *plant.Tag, func() []change) {
	t.Helper()
	s := startServer(t)
	r := newRig(t, s)
	total := r.tag("Total", plant.KindInt)
	r.start()
	r.last(total)
	first := s.do(command{"op": "told", "node": "Total"}).Told
	rest := s.begin(command{"op": "count", "node": "Total", "from": 1, "to": to, "every": 2})
	return r, total, func() []change { return append(first, rest().Told...) }
}

// reached waits until a count has come so far.
func (r *rig) reached(tag *plant.Tag, n int64) {
	r.t.Helper()
	r.wait("the count", func() bool {
		v, _ := r.last(tag).Value.Int()
		return v >= n
	})
}

func TestNothingIsLostWhenConnectionsAreCut(t *testing.T) {
	t.Parallel()
	r, total, told := counting(t, 3000)
	for i, n := range []int64{300, 900, 1500, 2100} {
		r.reached(total, n)
		r.server.do(command{"op": "cut"})
		r.transferred(i + 1)
	}
	r.compare(total, told())
	r.allTransferred(4)
}

func TestNothingIsLostWhileTheServerHangs(t *testing.T) {
	t.Parallel()
	r, total, told := counting(t, 3000)
	r.reached(total, 300)
	r.server.freeze() // it tells nothing meanwhile, but what it has told waits in it
	r.wait("the silence", func() bool { return !r.up() })
	r.server.thaw()
	r.compare(total, told())
	r.allTransferred(1)
}

func TestNothingIsLostWhenTheServerClosesSessions(t *testing.T) {
	t.Parallel()
	r, total, told := counting(t, 3000)
	for i, n := range []int64{300, 1200} {
		r.reached(total, n)
		r.server.do(command{"op": "end_sessions", "keep": true})
		r.transferred(i + 1)
	}
	r.compare(total, told())
	r.allTransferred(2)
}

// transferred waits for the n-th transfer of a subscription. On a busy machine
// everything may have come before the last fault, and the next one would come
// before what mends it.
func (r *rig) transferred(n int) {
	r.t.Helper()
	r.wait("a transfer", func() bool { return r.event("transfer") >= float64(n) })
}

// allTransferred wants that the server gave its subscription over at least n
// times, lost nothing, and has no subscription left over.
func (r *rig) allTransferred(n int) {
	r.t.Helper()
	r.transferred(n)
	if lost, overflow := r.event("lost"), r.event("overflow"); lost != 0 || overflow != 0 {
		r.t.Errorf("got %v lost and %v overflows, want none", lost, overflow)
	}
	if got := r.server.do(command{"op": "counts"}).Subscriptions; got != 1 {
		r.t.Errorf("subscriptions at the server: got %d, want 1", got)
	}
}

func TestNothingIsLostWhileAndonIsRestarted(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	r := newRig(t, s)
	total := r.tag("Total", plant.KindInt)
	told := s.do(command{"op": "told", "node": "Total"}).Told
	stop := r.start()
	r.last(total)
	for i := range 3 {
		away := s.begin(command{"op": "count", "node": "Total", "from": 1000*i + 1, "to": 1000*i + 600, "every": 2})
		r.reached(total, int64(1000*i+100))
		stop()
		told = append(told, away().Told...) // the rest of it while andon is away
		stop = r.start()
		r.transferred(i + 1)
	}
	r.compare(total, told)
	r.allTransferred(3)
}

// Its subscriptions are gone with it, so what it told before anybody listened
// again is not to be had; but nothing is invented, and everything comes after.
func TestAServerStartedAnewIsFoundAgain(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	r := newRig(t, s)
	total := r.tag("Total", plant.KindInt)
	told := s.do(command{"op": "told", "node": "Total"}).Told
	r.start()
	r.last(total)
	told = append(told, s.do(command{"op": "count", "node": "Total", "from": 1, "to": 200, "every": 1}).Told...)
	r.compare(total, told)
	s.stop()
	r.wait("the loss", func() bool { return !r.up() })
	s.start()
	began := time.Now()
	told = append(told, s.do(command{"op": "told", "node": "Total"}).Told...)
	r.wait("a session", r.up)
	t.Logf("up again %v after the server", time.Since(began).Round(time.Millisecond))
	r.wait("the present value", func() bool { return r.last(total).Value == plant.Int(0) })
	told = append(told, s.do(command{"op": "count", "node": "Total", "from": 1001, "to": 1200, "every": 1}).Told...)
	r.compare(total, told)
}
