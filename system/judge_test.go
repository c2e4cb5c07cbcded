package system

import (
	"errors"
	"testing"
	"time"

	"andon/alerts"
	"andon/alerts/outbox"
	"andon/bus"
	"andon/collector"
	"andon/influx"
	"andon/plant"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func newJudge() (*judge, *plant.Area) {
	area := &plant.Area{Name: "packing", Path: "northfield/packing", Site: "northfield"}
	return &judge{cfg: DefaultConfig(), site: area.Site, first: area, watched: map[string]bool{"plc": true}, grown: map[string]growth{}}, area
}

// well is a moment at which nothing is wrong.
func well(area *plant.Area) figures {
	return figures{now: noon, started: noon.Add(-2 * time.Hour),
		writers: []writing{{area: area, known: true, lag: influx.Lag{Position: 1000, Known: true}, standing: influx.Standing{Wrote: noon},
			stream: bus.StreamInfo{Messages: 900, Bytes: 90, First: 101, Last: 1000, MaxBytes: 100, MaxAge: 100 * time.Minute}}},
		engines: []stepping{{area, time.Second, true}},
		sources: []collector.Health{{Source: "plc", Up: true}, {Source: "told-by-a-rule"}},
		disks:   []room{{"/data", 50 << 30, 100 << 30}}}
}

func TestWhenSomethingIsWrongWithAndon(t *testing.T) {
	waits := func(w *writing, age time.Duration, messages uint64) {
		w.oldest, w.lag.Position, w.lag.Messages = plant.At(noon.Add(-age)), 1000-messages, messages
	}
	for name, c := range map[string]struct {
		rule        string
		change      func(*figures)
		holds, over bool
	}{
		"all is well: stream":                {"stream-blocked", func(*figures) {}, false, true},
		"all is well: InfluxDB":              {"influx-behind", func(*figures) {}, false, true},
		"all is well: queue":                 {"queue-full", func(*figures) {}, false, true},
		"the stream takes nothing":           {"stream-blocked", func(f *figures) { f.blocked = errors.New("no space left") }, true, false},
		"the records take nothing":           {"records-blocked", func(f *figures) { f.unwritten = errors.New("no space left") }, true, false},
		"data wait for 6 minutes":            {"influx-behind", func(f *figures) { waits(&f.writers[0], 6*time.Minute, 10) }, true, false},
		"data wait for 4 minutes":            {"influx-behind", func(f *figures) { waits(&f.writers[0], 4*time.Minute, 10) }, false, false},
		"data wait for 2 minutes":            {"influx-behind", func(f *figures) { waits(&f.writers[0], 2*time.Minute, 10) }, false, true},
		"InfluxDB was not asked yet":         {"influx-behind", func(f *figures) { f.writers[0].standing = influx.Standing{} }, false, false},
		"InfluxDB is away for a moment":      {"influx-behind", func(f *figures) { f.writers[0].standing.Fault = "refused" }, false, false},
		"InfluxDB refuses the token":         {"influx-refuses", func(f *figures) { f.writers[0].standing = influx.Standing{Fault: "401", Held: true} }, true, false},
		"InfluxDB is away, not refusing":     {"influx-refuses", func(f *figures) { f.writers[0].standing.Fault = "connection" }, false, false},
		"90 % of the messages wait":          {"queue-full", func(f *figures) { waits(&f.writers[0], time.Minute, 810) }, true, false},
		"80 % of the stream wait":            {"queue-full", func(f *figures) { waits(&f.writers[0], time.Minute, 750) }, false, false},
		"85 % of the age is over":            {"queue-full", func(f *figures) { waits(&f.writers[0], 85*time.Minute, 1) }, true, false},
		"the stream was not asked":           {"queue-full", func(f *figures) { f.writers[0].known = false }, false, false},
		"retention took what waits":          {"data-lost", func(f *figures) { waits(&f.writers[0], time.Hour, 950) }, true, false},
		"retention took what the reader saw": {"data-lost", func(f *figures) { f.writers[0].skipped = 3 }, true, false},
		"nothing lost for two hours":         {"data-lost", func(*figures) {}, false, true},
		"nothing lost, started just now":     {"data-lost", func(f *figures) { f.started = noon }, false, false},
		"a line refused":                     {"lines-refused", func(f *figures) { f.writers[0].standing.Refused = 1 }, true, false},
		"an engine 31 s behind":              {"engine-behind", func(f *figures) { f.engines[0].behind = 31 * time.Second }, true, false},
		"an engine that never began":         {"engine-behind", func(f *figures) { f.engines[0].known = false }, true, false},
		"a source away":                      {"source-away:plc", func(f *figures) { f.sources[0].Up = false }, true, false},
		"4 % of the disk free":               {"disk-low", func(f *figures) { f.disks[0].free = 4 << 30 }, true, false},
		"5.5 % of the disk free":             {"disk-low", func(f *figures) { f.disks[0].free = 55 << 30 / 10 }, false, false},
		"half a GiB of a small disk free":    {"disk-low", func(f *figures) { f.disks[0] = room{"/data", 1 << 29, 4 << 30} }, true, false},
		"a second disk full":                 {"disk-low", func(f *figures) { f.disks = append(f.disks, room{"/records", 0, 1 << 40}) }, true, false},
		"the room is not known":              {"disk-low", func(f *figures) { f.disks = nil }, false, false},
	} {
		j, area := newJudge()
		f := well(area)
		c.change(&f)
		found := false
		for _, x := range j.all(f) {
			if x.rule != c.rule {
				continue
			}
			found = true
			if x.holds != c.holds || x.over != c.over {
				t.Errorf("%s: got holds %v and over %v, want %v and %v", name, x.holds, x.over, c.holds, c.over)
			}
			if x.holds && (x.message == "" || x.response == "") {
				t.Errorf("%s: got message %q and response %q, want both", name, x.message, x.response)
			}
		}
		if !found {
			t.Errorf("%s: got no finding for %s", name, c.rule)
		}
	}
}

func TestASourceOfWhichARuleTellsIsNotToldTwiceNorAConditionThatIsOff(t *testing.T) {
	j, area := newJudge()
	j.cfg.DiskLow.Enabled = false
	for _, x := range j.all(well(area)) {
		if x.rule == "source-away:told-by-a-rule" || x.rule == "disk-low" {
			t.Errorf("got a finding for %s, want none", x.rule)
		}
	}
}

func TestWhatIsLostHoldsUntilNothingWasLostForAWhile(t *testing.T) {
	j, area := newJudge()
	at := func(after time.Duration, skipped uint64) (holds, over bool) {
		f := well(area)
		f.now, f.writers[0].skipped = noon.Add(after), skipped
		x := j.lost(f, f.writers[0])
		return x.holds, x.over
	}
	for _, c := range []struct {
		after       time.Duration
		skipped     uint64
		holds, over bool
	}{{0, 5, true, false}, {50 * time.Minute, 5, true, false}, {55 * time.Minute, 6, true, false}, {114 * time.Minute, 6, true, false}, {115 * time.Minute, 6, false, true}} {
		if holds, over := at(c.after, c.skipped); holds != c.holds || over != c.over {
			t.Errorf("after %s: got holds %v and over %v, want %v and %v", c.after, holds, over, c.holds, c.over)
		}
	}
}

func TestAConditionHasDelaysAndTheBookHearsItsEndAfterItsBeginning(t *testing.T) {
	track := &track{}
	x := finding{rule: "disk-low", subject: "northfield", delay: 10 * time.Second}
	see := func(second int, holds, over bool) {
		x.holds, x.over = holds, over
		track.see(x, noon.Add(time.Duration(second)*time.Second), 30*time.Second)
	}
	wants := func(when string, active, any bool) {
		t.Helper()
		if a, n := track.wants(); a != active || n != any {
			t.Errorf("%s: the book is to hear %v (active %v), want %v (%v)", when, n, a, any, active)
		}
	}
	see(0, true, false)
	see(9, true, false)
	see(10, false, true) // a moment before the delay is over
	see(11, true, false)
	see(20, true, false)
	wants("9 s after a break", false, false)
	see(21, true, false)
	wants("10 s after a break", true, true)
	if track.began != plant.At(noon.Add(11*time.Second)) {
		t.Errorf("began: got %s, want it from the break on", track.began)
	}
	see(30, false, true)
	see(60, false, true)
	wants("over before the book heard of it", true, true)
	track.done(true)
	wants("then", false, true)
	see(61, true, false)
	see(71, true, false)
	wants("begun again before the book heard of the end", false, false)
	see(80, false, true)
	see(110, false, true)
	wants("over again", false, true)
	track.done(false)
	wants("at the end", false, false)
}

func TestAnAlarmThatTheBookGotAfterAllIsNotToldDirectlyAnyMore(t *testing.T) {
	_, area := newJudge()
	track := &track{finding: finding{rule: "engine-behind", subject: area.Path, area: area, priority: plant.PriorityHigh}}
	track.begin(plant.At(noon))
	w := &Watcher{o: Options{Queue: outbox.NewMemory()}}
	track.call = &call{alarm: track.alarm, queue: w.o.Queue}
	w.o.Queue.Add([]alerts.Message{{ID: "1", Alarm: track.alarm, To: "phone"}})
	track.failed(noon) // the command came too late, but it came
	track.remember(alerts.Alarm{ID: track.alarm, Active: true})
	w.handOver(track)
	if due, err := w.o.Queue.Due(t.Context(), noon, 1); track.call != nil || len(due) != 0 || err != nil {
		t.Errorf("got a call %v and messages %v, %v; want none", track.call, due, err)
	}
	if _, any := track.wants(); any {
		t.Error("the book is to hear it again")
	}
}
