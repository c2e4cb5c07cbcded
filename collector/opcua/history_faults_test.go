package opcua_test

import (
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/collectortest"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

func TestALostNotificationIsReadFromTheHistory(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.server.Intercept(fault[*ua.RepublishRequest](1, ua.StatusBadMessageNotAvailable))
	tag := r.addKept("Total", int64(0))
	r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.waitContact()
	r.wait("a keep-alive", func() bool { return r.event("keep_alive") > 0 })
	r.count(tag, 10, 11) // with the number that it announced
	r.server.DropNext(1)
	r.set(tag, int64(1), 0)
	r.wait("the message is dropped", func() bool { return r.server.Unacknowledged() > 0 })
	r.set(tag, int64(2), 0)
	r.sink.Wait(t, "the lost value", func(*collectortest.Sink) bool { return slices.Contains(r.past(tag), 1) })
	if gaps, _ := r.told(); len(gaps) != 0 || r.event("lost") != 1 {
		t.Errorf("got gaps %v and %v lost, want none and 1", gaps, r.event("lost"))
	}
}

// Values have the time of their source, and the clocks of equipment differ from
// the server's.
func TestALostNotificationOfEquipmentWithAnotherTimeIsReadFromTheHistory(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]time.Duration{"behind": -3 * time.Minute, "ahead": 3 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loseFrom(t, off)
		})
	}
}

// loseFrom loses a notification of equipment whose clock is off.
func loseFrom(t *testing.T, off time.Duration) {
	t.Helper()
	r := newRig(t, opcuatest.Options{})
	r.server.Intercept(fault[*ua.RepublishRequest](1, ua.StatusBadMessageNotAvailable))
	began := time.Now().Add(off)
	tell := func(tag *plant.Tag, v int) {
		r.setValue(tag, opcuatest.Value{V: int64(v), Source: began.Add(time.Duration(v) * time.Second)})
	}
	tag := r.addKept("Total", int64(0))
	tell(tag, 1)
	r.start()
	r.sink.WaitValue(t, tag, plant.Int(1))
	r.waitContact()
	r.wait("a keep-alive", func() bool { return r.event("keep_alive") > 0 })
	tell(tag, 2) // with the number that it announced
	r.sink.WaitValue(t, tag, plant.Int(2))
	r.server.DropNext(1)
	tell(tag, 3)
	r.wait("the message is dropped", func() bool { return r.server.Unacknowledged() > 0 })
	tell(tag, 4)
	r.sink.Wait(t, "the lost value", func(*collectortest.Sink) bool { return slices.Contains(r.past(tag), 3) })
	if off < 0 && slices.Contains(r.past(tag), 1) {
		t.Error("a value from long before was read again")
	}
}

func TestALostNotificationIsAGapWithoutHistory(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.server.Intercept(fault[*ua.RepublishRequest](1, ua.StatusBadMessageNotAvailable))
	tag := r.add("Total", plant.KindInt, int64(0))
	r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.waitContact()
	r.wait("a keep-alive", func() bool { return r.event("keep_alive") > 0 })
	r.count(tag, 10, 11) // with the number that it announced
	r.server.DropNext(1)
	r.set(tag, int64(1), 0)
	r.wait("the message is dropped", func() bool { return r.server.Unacknowledged() > 0 })
	r.set(tag, int64(2), 0)
	gaps, _ := r.waitVerdict(1)
	if gaps[0].Cause != plant.GapLostNotification || gaps[0].Tags != 1 {
		t.Errorf("got %+v, want a lost notification", gaps[0])
	}
}

func TestAServerThatNumbersItsKeepAlivesLosesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{CountsKeepAlives: true})
	tag := r.addKept("Total", int64(0))
	r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.wait("three keep-alives that seem lost", func() bool { return r.event("lost") >= 3 })
	r.set(tag, int64(1), 0)
	r.sink.WaitValue(t, tag, plant.Int(1))
	if gaps, _ := r.told(); len(gaps) != 0 || r.server.Counts().HistoryReads != 0 {
		t.Errorf("got gaps %v and %d calls for history, want none", gaps, r.server.Counts().HistoryReads)
	}
}

func TestWhatTheServersQueueLostIsReadFromTheHistory(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.config.QueueSize = 3
	tag := r.addKept("Total", int64(0))
	plain := r.add("Speed", plant.KindInt, int64(0))
	r.swift = true
	r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.waitContact()
	var changes []opcuatest.Change
	for i := range int64(20) {
		changes = append(changes, opcuatest.Change{Node: "LineA.A1.Total", Value: opcuatest.Value{V: i + 1}},
			opcuatest.Change{Node: "LineA.A1.Speed", Value: opcuatest.Value{V: i + 1}})
	}
	if err := r.server.SetAll(changes); err != nil {
		t.Fatal(err)
	}
	r.sink.WaitValue(t, tag, plant.Int(20))
	r.sink.WaitValue(t, plain, plant.Int(20))
	gaps, known := r.waitVerdict(1)
	if len(gaps) != 1 || gaps[0].Cause != plant.GapOverflow || gaps[0].Tags != 1 || len(known) != 0 {
		t.Errorf("got gaps %v and known %v, want one gap of the tag without history", gaps, known)
	}
	all := r.values(tag)
	for i := range int64(21) {
		if !all[i] {
			t.Errorf("value %d is missing", i)
		}
	}
}

func TestReadingTheHistoryBearsTheServersLimits(t *testing.T) {
	t.Parallel()
	r := historian(t, opcuatest.Options{Limits: opcuatest.Limits{HistoryNodes: 3}, Reported: opcuatest.Limits{HistoryNodes: 8}})
	var tags []*plant.Tag
	for i := range 10 {
		tags = append(tags, r.addKept(fmt.Sprintf("Total%d", i), int64(0)))
	}
	x := r.start()
	for _, tag := range tags {
		r.sink.WaitValue(t, tag, plant.Int(0))
	}
	r.waitContact()
	x.stop()
	for _, tag := range tags {
		r.change(tag, numbers(1, 5))
	}
	r.start()
	gaps, known := r.waitVerdict(1)
	if len(gaps) != 0 || len(known) != 1 {
		t.Errorf("got gaps %v and known %v, want all known", gaps, known)
	}
	for _, tag := range tags {
		if got := r.past(tag); !slices.Equal(got, numbers(1, 4)) {
			t.Errorf("%s: got %v from the history, want 1 to 4", tag.Path, got)
		}
	}
	if got := r.server.Counts().LargestHistoryRead; got != 2 {
		t.Errorf("most nodes in one call: got %d, want 8, halved twice", got)
	}
}

func TestContinuationPointsAreReleasedWhenReadingIsBrokenOff(t *testing.T) {
	t.Parallel()
	r := historian(t, opcuatest.Options{})
	tag := r.addKept("Total", int64(0))
	x := r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.waitContact()
	x.stop()
	r.change(tag, numbers(1, 450))
	var faults atomic.Int32
	r.server.Intercept(func(req ua.Request) ua.StatusCode {
		h, ok := req.(*ua.HistoryReadRequest)
		if ok && !h.ReleaseContinuationPoints && len(h.NodesToRead[0].ContinuationPoint) > 0 && faults.Add(1) <= 2 {
			return ua.StatusBadTimeout
		}
		return ua.StatusOK
	})
	r.start()
	r.waitVerdict(1)
	if got := r.server.Counts().Continuations; got != 0 || faults.Load() < 3 {
		t.Errorf("got %d continuation points left after %d tries, want none", got, faults.Load())
	}
	all := r.values(tag)
	for i := range int64(451) {
		if !all[i] {
			t.Errorf("value %d is missing", i)
		}
	}
}

func TestReadingTheHistoryGoesOnAfterACut(t *testing.T) {
	t.Parallel()
	r := historian(t, opcuatest.Options{})
	r.config.History.ValuesPerSecond = 500
	tag := r.addKept("Total", int64(0))
	x := r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.waitContact()
	x.stop()
	r.change(tag, numbers(1, 950))
	r.server.Intercept(fault[*ua.TransferSubscriptionsRequest](1, ua.StatusBadServiceUnsupported))
	r.supervise()
	for _, n := range []int{100, 300, 500} {
		r.sink.Wait(t, "more of the history", func(*collectortest.Sink) bool { return len(r.past(tag)) >= n })
		r.server.Cut()
	}
	r.waitVerdict(1)
	r.sink.Wait(t, "all of the history", func(*collectortest.Sink) bool {
		got := r.past(tag)
		slices.Sort(got)
		return len(slices.Compact(got)) >= 949
	})
	if got := len(r.past(tag)); got > 1400 {
		t.Errorf("got %d values from the history, want little of it twice", got)
	}
	if gaps, _ := r.told(); len(gaps) != 0 {
		t.Errorf("got gaps %v, want none", gaps)
	}
}

func TestANoteOfLastValuesThatCannotBeReadIsNoReasonNotToStart(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"cut off":     `{"heard":"2026`,
		"not a note":  `[]`,
		"odd numbers": `{"heard":"2026-03-02T08:00:00Z","tags":[{"tag":"x","last":-5}],"holes":[{"cause":"?","missing":[{"tag":7},{"tag":-1},{"tag":0}]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			r := historian(t, opcuatest.Options{})
			tag := r.addKept("Total", int64(0))
			if err := os.WriteFile(r.times, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			r.start()
			r.sink.WaitValue(t, tag, plant.Int(0))
		})
	}
}
