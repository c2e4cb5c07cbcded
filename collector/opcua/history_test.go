package opcua_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"andon/collector/collectortest"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// historian makes a rig whose sources leave nothing at the server: what changes
// while they are away is only in its history.
func historian(t *testing.T, o opcuatest.Options) *rig {
	t.Helper()
	r := newRig(t, o)
	r.config.KeepFor = 0
	return r
}

// addKept makes a variable whose history the server keeps.
func (r *rig) addKept(name string, v any) *plant.Tag {
	r.t.Helper()
	tag := r.add(name, plant.KindInt, v)
	tag.Role = plant.RoleState
	r.server.Historize("LineA.A1." + name)
	return tag
}

// past returns the values of a tag that were read from the history, in the
// order in which they came.
func (r *rig) past(tag *plant.Tag) []int64 {
	var list []int64
	for _, b := range r.sink.Batches() {
		for _, s := range b.Samples {
			if v, ok := s.Value.Int(); ok && s.Tag == tag && b.Backfilled {
				list = append(list, v)
			}
		}
	}
	return list
}

// told returns the gaps and the known times that the sink got.
func (r *rig) told() (gaps []plant.Gap, known []plant.Known) {
	for _, b := range r.sink.Batches() {
		gaps, known = append(gaps, b.Gaps...), append(known, b.Known...)
	}
	return gaps, known
}

// waitVerdict waits until that many gaps and known times were told together.
func (r *rig) waitVerdict(n int) (gaps []plant.Gap, known []plant.Known) {
	r.t.Helper()
	r.sink.Wait(r.t, fmt.Sprintf("%d gaps and known times", n), func(*collectortest.Sink) bool {
		gaps, known = r.told()
		return len(gaps)+len(known) >= n
	})
	return gaps, known
}

// waitContact waits for a contact: from then on the source knows from when on
// something is missing.
func (r *rig) waitContact() {
	r.t.Helper()
	r.sink.Wait(r.t, "a contact", func(s *collectortest.Sink) bool { return len(s.Contacts()) > 0 })
}

// numbers returns the numbers from first to last.
func numbers(first, last int64) []int64 {
	var list []int64
	for i := first; i <= last; i++ {
		list = append(list, i)
	}
	return list
}

// change sets a variable to each of some numbers.
func (r *rig) change(tag *plant.Tag, list []int64) {
	r.t.Helper()
	for _, v := range list {
		r.set(tag, v, 0)
	}
}

func TestWhatChangedWhileAndonWasStoppedIsReadFromTheServersHistory(t *testing.T) {
	t.Parallel()
	r := historian(t, opcuatest.Options{})
	tag := r.addKept("Total", int64(0))
	calm := r.addKept("State", int64(6)) // does not change
	x := r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.sink.WaitValue(t, calm, plant.Int(6))
	r.waitContact()
	x.stop()
	stopped := plant.At(time.Now())
	r.change(tag, numbers(1, 450)) // more than one answer of the server has
	started := plant.At(time.Now())
	r.start()
	gaps, known := r.waitVerdict(1)
	if len(gaps) != 0 || len(known) != 1 || known[0].Equipment != "northfield/packing/lineA/A1" {
		t.Fatalf("got gaps %v and known %v, want one known time", gaps, known)
	}
	if known[0].From > stopped || known[0].To < started {
		t.Errorf("got %v known, want all from %v to %v", known[0].Interval, stopped, started)
	}
	// The last value came by itself, as the present one.
	if got := r.past(tag); !slices.Equal(got, numbers(1, 449)) {
		t.Errorf("got %d values from the history, want 1 to 449 once and in order: %v", len(got), got)
	}
	if got := r.past(calm); len(got) != 0 {
		t.Errorf("got %v from the history of what did not change, want nothing", got)
	}
	if got := r.server.Counts(); got.Continuations != 0 || r.event("backfilled") != 449 || r.event("gap") != 0 {
		t.Errorf("got %d continuation points left, %v backfilled and %v gaps, want 0, 449, 0", got.Continuations, r.event("backfilled"), r.event("gap"))
	}
	r.count(tag, 451, 470) // and the present goes on
}

func TestValuesFlowWhileTheHistoryIsRead(t *testing.T) {
	t.Parallel()
	r := historian(t, opcuatest.Options{})
	r.config.History.ValuesPerSecond = 1 // it takes minutes
	tag := r.addKept("Total", int64(0))
	x := r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.waitContact()
	x.stop()
	r.change(tag, numbers(1, 450))
	x = r.start()
	r.sink.Wait(t, "the first of the history", func(*collectortest.Sink) bool { return len(r.past(tag)) > 0 })
	r.count(tag, 451, 500)
	if got := len(r.past(tag)); got != 100 {
		t.Errorf("got %d values from the history, want only the first 100", got)
	}
	x.stop() // at once, though there is much to read

	r.config.History.ValuesPerSecond = 100_000
	r.start()
	_, known := r.waitVerdict(1)
	if len(known) == 0 {
		t.Fatal("got nothing known, want all, in the next process")
	}
	got := r.past(tag)
	slices.Sort(got)
	if got = slices.Compact(got); !slices.Equal(got[:449], numbers(1, 449)) {
		t.Errorf("got %v from the history, want 1 to 449", got)
	}
}

func TestAServerWithoutHistoryLeavesAGap(t *testing.T) {
	t.Parallel()
	r := historian(t, opcuatest.Options{})
	tag := r.add("Total", plant.KindInt, int64(0))
	r.add("Speed", plant.KindInt, int64(0))
	kept := r.addKept("State", int64(6))
	x := r.start()
	r.sink.WaitValue(t, kept, plant.Int(6))
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.waitContact()
	x.stop()
	stopped := plant.At(time.Now())
	r.change(kept, numbers(7, 9))
	started := plant.At(time.Now())
	r.start()
	gaps, _ := r.waitVerdict(1)
	if len(gaps) != 1 {
		t.Fatalf("got gaps %v, want one", gaps)
	}
	g := gaps[0]
	if g.Area != "northfield/packing" || g.Source != "packing" || g.Cause != plant.GapOutage || g.Tags != 2 || g.From > stopped || g.To < started {
		t.Errorf("got %+v, want an outage of two tags of packing from %v to %v", g, stopped, started)
	}
	if got := r.past(kept); !slices.Equal(got, []int64{7, 8}) {
		t.Errorf("got %v from the history of the third, want 7 and 8", got)
	}
	if got := r.event("gap"); got != 1 {
		t.Errorf("gaps counted: got %v, want 1", got)
	}
}

func TestEquipmentIsKnownOnlyWhenAllThatFactsAreMadeOfIs(t *testing.T) {
	t.Parallel()
	r := historian(t, opcuatest.Options{})
	kept, plain := r.addKept("State", int64(6)), r.add("Mode", plant.KindInt, int64(1))
	plain.Role = plant.RoleMode
	x := r.start()
	r.sink.WaitValue(t, kept, plant.Int(6))
	r.sink.WaitValue(t, plain, plant.Int(1))
	r.waitContact()
	x.stop()
	r.start()
	gaps, known := r.waitVerdict(1)
	if len(gaps) != 1 || gaps[0].Tags != 1 || len(known) != 0 {
		t.Errorf("got gaps %v and known %v, want one gap of one tag and nothing known", gaps, known)
	}
}

func TestAGapIsToldAtOnceWhereNobodyWantsTheHistory(t *testing.T) {
	t.Parallel()
	r := historian(t, opcuatest.Options{})
	r.config.History.Backfill = false
	tag := r.addKept("Total", int64(0))
	x := r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.waitContact()
	x.stop()
	r.start()
	gaps, known := r.waitVerdict(1)
	if len(gaps) != 1 || len(known) != 0 || r.server.Counts().HistoryReads != 0 {
		t.Errorf("got gaps %v, known %v after %d calls, want a gap and no call", gaps, known, r.server.Counts().HistoryReads)
	}
}

func TestAServerThatWasAwayItselfHasNothingOfThatTime(t *testing.T) {
	t.Parallel()
	r := historian(t, opcuatest.Options{})
	tag := r.addKept("Total", int64(0))
	x := r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.waitContact()
	x.stop()
	stopped := plant.At(time.Now())
	addr := r.server.Addr()
	r.server.Close()
	r.server = opcuatest.Start(t, opcuatest.Options{Listen: addr})
	r.server.Add("LineA.A1.Total", int64(7))
	r.server.Historize("LineA.A1.Total")
	r.change(tag, numbers(8, 10))
	r.start()
	gaps, known := r.waitVerdict(2)
	if len(gaps) != 1 || gaps[0].Cause != plant.GapServerRestart || gaps[0].From > stopped {
		t.Fatalf("got gaps %+v, want one from the stop on, of the server's restart", gaps)
	}
	if len(known) != 1 || known[0].From != gaps[0].To {
		t.Errorf("got known %v, want the time since the server is back, %v", known, gaps[0].To)
	}
	if got := r.past(tag); !slices.Equal(got, []int64{7, 8, 9}) {
		t.Errorf("got %v from the history, want what the new server has", got)
	}
}

func TestPartsOfOneNodeAreReadFromItsHistoryTogether(t *testing.T) {
	t.Parallel()
	r := historian(t, opcuatest.Options{})
	r.server.Add("LineA.A1.Zones", []int32{0, 100})
	r.server.Historize("LineA.A1.Zones")
	first := r.addTag("Zone0", plant.KindInt, "part=[0];ns=2;s=LineA.A1.Zones")
	second := r.addTag("Zone1", plant.KindInt, "part=[1];ns=2;s=LineA.A1.Zones")
	first.Role, second.Role = plant.RoleState, plant.RoleMode
	x := r.start()
	r.sink.WaitValue(t, second, plant.Int(100))
	r.waitContact()
	x.stop()
	for i := range int32(5) {
		if err := r.server.Set("LineA.A1.Zones", opcuatest.Value{V: []int32{i + 1, i + 101}}); err != nil {
			t.Fatal(err)
		}
	}
	r.start()
	if gaps, known := r.waitVerdict(1); len(gaps) != 0 || len(known) != 1 {
		t.Errorf("got gaps %v and known %v, want all known", gaps, known)
	}
	if a, b := r.past(first), r.past(second); !slices.Equal(a, numbers(1, 4)) || !slices.Equal(b, numbers(101, 104)) {
		t.Errorf("got %v and %v from the history, want 1 to 4 and 101 to 104", a, b)
	}
}
