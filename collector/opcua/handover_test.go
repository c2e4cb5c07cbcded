package opcua_test

import (
	"os"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// kill ends a source so that its server does not hear of it, as kill -9 does:
// it does not answer the request to close the session.
func (r *rig) kill(x *running) {
	r.t.Helper()
	r.server.Intercept(func(req ua.Request) ua.StatusCode {
		if _, ok := req.(*ua.CloseSessionRequest); ok {
			return ua.StatusBadServiceUnsupported
		}
		return ua.StatusOK
	})
	x.stop()
	r.server.Intercept(nil)
}

// values returns the numbers that the sink got of a tag.
func (r *rig) values(tag *plant.Tag) map[int64]bool {
	seen := map[int64]bool{}
	for _, s := range r.samples(tag) {
		if v, ok := s.Value.Int(); ok {
			seen[v] = true
		}
	}
	return seen
}

// A counter counts on while one process after the other reads it; end ends a
// process and the next one starts 30 counts later.
func countOn(t *testing.T, end func(r *rig, x *running)) {
	r := newRig(t, opcuatest.Options{})
	tag := r.add("Total", plant.KindInt, int64(0))
	x := r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	const last = 1000
	for i := range int64(last) {
		<-tick.C
		r.set(tag, i+1, 0)
		switch i % 200 {
		case 140:
			r.sink.Block() // what came but was not taken must come again
		case 150:
			go r.sink.Unblock()
			end(r, x)
		case 180:
			x = r.start()
		}
	}
	r.sink.WaitValue(t, tag, plant.Int(last))
	seen := r.values(tag)
	for i := range int64(last) {
		if !seen[i] {
			t.Fatalf("value %d of %d is missing", i, last)
		}
	}
	if got := r.server.Counts(); got.Transferred != 5 || got.Subscriptions != 1 || r.event("lost") != 0 {
		t.Errorf("got %d transfers, %d subscriptions and %v lost notifications, want 5, 1 and none", got.Transferred, got.Subscriptions, r.event("lost"))
	}
}

func TestNothingIsLostWhileAndonIsKilledAndStartedAgain(t *testing.T) {
	t.Parallel()
	countOn(t, func(r *rig, x *running) { r.kill(x) })
}

func TestNothingIsLostWhileAndonIsStoppedAndStartedAgain(t *testing.T) {
	t.Parallel()
	countOn(t, func(r *rig, x *running) { x.stop() })
}

func TestAQuietEquipmentIsTakenOverToo(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	tag := r.add("Total", plant.KindInt, int64(0))
	for i := range int64(3) {
		x := r.start()
		r.count(tag, 100*i+1, 100*i+40)
		r.wait("all acknowledged", func() bool { return r.server.Unacknowledged() == 0 })
		r.kill(x)
	}
	r.start()
	r.count(tag, 500, 540)
	if got := r.server.Counts().Transferred; got != 3 || r.event("lost") != 0 {
		t.Errorf("got %d transfers and %v lost notifications, want 3 and none", got, r.event("lost"))
	}
}

func TestTagsThatCameAndWentWithTheRestart(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	speed := r.add("Speed", plant.KindInt, int64(1))
	total := r.add("Total", plant.KindInt, int64(2))
	r.start().stop()
	r.set(total, int64(3), 0)
	r.set(total, int64(4), 0)
	r.tags = r.tags[1:] // nobody wants the speed any more
	level := r.add("Level", plant.KindInt, int64(5))
	r.sink.Reset()
	x := r.start()
	r.sink.WaitValue(t, total, plant.Int(4))
	r.sink.WaitValue(t, level, plant.Int(5))
	if !r.values(total)[3] {
		t.Error("the total's value while andon was away is missing")
	}
	if got := r.server.Counts(); got.MonitoredItems != 2 || got.Transferred != 1 {
		t.Errorf("got %d items and %d transfers, want 2 and 1", got.MonitoredItems, got.Transferred)
	}
	r.count(level, 10, 30)
	x.stop()
	r.tags = append(r.tags, speed) // and now somebody does
	r.sink.Reset()
	r.start()
	r.sink.WaitValue(t, speed, plant.Int(1))
	r.count(level, 40, 60)
	r.count(total, 40, 60)
}

func TestAnItemIsTakenOverByWhatIsLeftOfItsTags(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.server.Add("LineA.A1.Temps", []int32{1, 2})
	r.part("first", plant.KindInt, "[0]", "Temps")
	second := r.part("second", plant.KindInt, "[1]", "Temps")
	r.start().stop()
	for _, v := range [][]int32{{3, 4}, {5, 6}} {
		if err := r.server.Set("LineA.A1.Temps", opcuatest.Value{V: v}); err != nil {
			t.Fatal(err)
		}
	}
	r.tags = r.tags[1:] // nobody wants the first any more
	r.sink.Reset()
	r.start()
	r.sink.WaitValue(t, second, plant.Int(6))
	if !r.values(second)[4] {
		t.Error("the value while andon was away is missing")
	}
	if got := r.server.Counts(); got.MonitoredItems != 1 || got.Transferred != 1 {
		t.Errorf("got %d items and %d transfers, want 1 and 1", got.MonitoredItems, got.Transferred)
	}
}

func TestWhatAServerStartedAnewGaveToOthersIsLeftAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	tag := r.add("Total", plant.KindInt, int64(0))
	x := r.start()
	r.kill(x)
	addr := r.server.Addr()
	r.server.Close()
	r.server = opcuatest.Start(t, opcuatest.Options{Listen: addr})
	r.server.Add("LineA.A1.Total", int64(7))
	r.start()
	r.sink.WaitValue(t, tag, plant.Int(7))
	if got := r.server.Counts(); got.Transferred != 0 || got.Subscriptions != 1 {
		t.Errorf("got %d transfers and %d subscriptions, want none and a new one", got.Transferred, got.Subscriptions)
	}
}

func TestNothingIsLeftAtAServerThatCannotTransfer(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.add("Total", plant.KindInt, int64(0))
	r.start().stop()
	r.wait("one subscription left", func() bool { return r.server.Counts().Subscriptions == 1 })
	for i := range 2 {
		r.server.Intercept(fault[*ua.TransferSubscriptionsRequest](1, ua.StatusBadServiceUnsupported))
		x := r.start()
		r.server.Intercept(nil)
		x.stop()
		if got := r.server.Counts().Subscriptions; got != 1 {
			t.Errorf("stop %d: got %d subscriptions left, want only the first one, which times out", i, got)
		}
	}
}

func TestANoteThatCannotBeReadIsNoReasonNotToStart(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"cut off":     `{"endpoint":"opc.tcp`,
		"not a note":  `[]`,
		"odd handles": `{"items":[{"handle":4294967295,"filter":-1}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, opcuatest.Options{})
			tag := r.add("Total", plant.KindInt, int64(0))
			if err := os.WriteFile(r.note, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			r.start()
			r.sink.WaitValue(t, tag, plant.Int(0))
		})
	}
}
