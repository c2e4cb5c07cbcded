package interop_test

import (
	"testing"
	"time"

	"andon/collector/opcua"
	"andon/plant"
)

// Each publishing interval has a subscription of its own; all of them are
// handed over, when connections are cut and when andon is started again.
func TestNothingOfTwoPublishingIntervalsIsLost(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	r := newRig(t, s)
	fast, slow := r.tag("Total", plant.KindInt), r.tag("UInt32", plant.KindInt)
	r.config.Groups = []opcua.Group{{Tags: slow.Path, PublishingInterval: 200 * time.Millisecond, Deadband: &opcua.Deadband{Absolute: 0.5}}}
	told := map[*plant.Tag][]change{}
	for _, tag := range r.tags {
		told[tag] = s.do(command{"op": "told", "node": tag.Name}).Told
	}
	stop := r.start()
	r.last(fast)
	r.last(slow)
	for i := range 3 {
		rest := map[*plant.Tag]func() line{}
		for _, tag := range r.tags {
			rest[tag] = s.begin(command{"op": "count", "node": tag.Name, "from": 1000*i + 1, "to": 1000*i + 600, "every": 2})
		}
		r.reached(fast, int64(1000*i+100))
		s.do(command{"op": "cut"})
		r.transferred(4*i + 2)
		r.reached(slow, int64(1000*i+300))
		stop()
		for _, tag := range r.tags {
			told[tag] = append(told[tag], rest[tag]().Told...) // the rest of it while andon is away
		}
		stop = r.start()
		r.transferred(4*i + 4)
	}
	for _, tag := range r.tags {
		r.compare(tag, told[tag])
	}
	if lost, overflow := r.event("lost"), r.event("overflow"); lost != 0 || overflow != 0 {
		t.Errorf("got %v lost and %v overflows, want none", lost, overflow)
	}
	if got := s.do(command{"op": "counts"}).Subscriptions; got != 2 {
		t.Errorf("subscriptions at the server: got %d, want 2", got)
	}
}
