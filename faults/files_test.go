package faults_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"andon/collector/mqtt/mqtttest"
	"andon/plant"
)

// spoil makes garbage of a part of a file.
func spoil(t *testing.T, file string, from, to float64) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	at := int64(from * float64(info.Size()))
	garbage := bytes.Repeat([]byte("garbage "), int(float64(info.Size())*(to-from))/8+1)
	if _, err := f.WriteAt(garbage, at); err != nil {
		t.Fatal(err)
	}
}

// said waits until the log of andon has a text.
func (r *rig) said(text string) {
	r.t.Helper()
	eventually(r.t, 30*time.Second, "andon says "+text, func() error {
		log, err := os.ReadFile(r.andon.log)
		if err == nil && !strings.Contains(string(log), text) {
			err = fmt.Errorf("not said")
		}
		return err
	})
}

// noted wants a note of /readyz about what was set aside.
func (r *rig) noted(what string) {
	r.t.Helper()
	status, body, err := r.get("/readyz")
	if want := what + ": a damaged part was set aside"; err != nil || status != http.StatusOK || !strings.Contains(string(body), want) {
		r.t.Errorf("/readyz: got %d, %v, %s; want ready and the note %q", status, err, body, want)
	}
}

// What InfluxDB has already is damaged on the disk, right before much that it
// does not have yet. nats-server by itself would cut that off, too.
func TestWhenAFileOfTheStreamIsDamagedAllElseIsKept(t *testing.T) {
	r := newRig(t, options{})
	r.start()
	r.ready(30 * time.Second)
	r.tell(12 * time.Second)
	r.live(4*time.Second, 0)
	r.proxy.become(answers(http.StatusServiceUnavailable, "engine is closed"))
	r.live(4*time.Second, 0)
	r.kill()
	blocks, err := filepath.Glob(filepath.Join(r.data, "bus", "jetstream", "ANDON", "streams", "andon*", "msgs", "1.blk"))
	if err != nil || len(blocks) != 1 {
		t.Fatalf("files of the stream: got %v, %v; want one", blocks, err)
	}
	spoil(t, blocks[0], 0.1, 0.11)
	r.proxy.become(nil)
	r.start()
	r.ready(30 * time.Second)
	r.said("a file of the stream was damaged and is set aside")
	r.noted("the stream")
	r.settled(catchUp(), nil)
}

// The disk that has andon's stream and its records is full while the plant
// tells on. Nothing is acknowledged then; the broker keeps it.
func TestWhenTheDiskOfAndonIsFullNothingIsLost(t *testing.T) {
	dir, err := smallDisk(t, 256<<20)
	if err != nil {
		t.Skipf("%v", err)
	}
	r := newRig(t, options{dir: dir, extra: "system: {on_delay: 1s}\n"})
	r.start()
	r.ready(30 * time.Second)
	r.tell(either(25*time.Second, 150*time.Second))
	r.live(4*time.Second, 0)
	empty := fill(t, dir)
	r.blocked()
	r.live(either(3*time.Second, time.Minute), 0)
	empty()
	r.ready(30 * time.Second) // by itself
	eventually(t, 30*time.Second, "the alarm is among the others", func() error {
		_, body, err := r.get("/api/v1/alarms")
		if err == nil && !strings.Contains(string(body), `"rule":"stream-blocked"`) {
			err = fmt.Errorf("%s", body)
		}
		return err
	})

	empty = fill(t, dir) // again, and a start meanwhile
	r.blocked()
	r.kill()
	r.start() // it waits, or says why it cannot and is started again
	select {
	case <-r.andon.done:
		r.t.Logf("a start on the full disk: %s", lastLines(r.andon.log, 3))
		empty()
		r.start()
	case <-time.After(5 * time.Second):
		empty()
	}
	r.ready(30 * time.Second) // by itself
	r.live(2*time.Second, 1)
	r.settled(catchUp(), nil)
}

// blocked waits until andon says that the stream takes nothing, and raises the
// alarm.
func (r *rig) blocked() {
	r.t.Helper()
	eventually(r.t, 20*time.Second, "the full disk is told", func() error {
		status, body, err := r.get("/readyz")
		text := string(body)
		if err == nil && (status != http.StatusServiceUnavailable || !strings.Contains(text, "stream of") || !strings.Contains(text, "stream-blocked")) {
			err = fmt.Errorf("%d: %s", status, body)
		}
		return err
	})
}

// alarms returns how many alarms are open on the spare machine.
func (r *rig) alarms() int {
	_, body, err := r.get("/api/v1/alarms?open=true&equipment=" + spare)
	if err != nil {
		return 0
	}
	return strings.Count(string(body), `"rule":"too-hot"`)
}

// alarmed waits for the alarm of the spare machine.
func (r *rig) alarmed(when string) {
	r.t.Helper()
	eventually(r.t, 30*time.Second, "the alarm "+when, func() error {
		if n := r.alarms(); n != 1 {
			return fmt.Errorf("%d open alarms, want 1", n)
		}
		return nil
	})
}

// The records are damaged while andon is down, and again while it runs.
func TestWhenTheRecordsAreDamagedAndonGoesOnWithoutThem(t *testing.T) {
	r := newRig(t, options{extra: "store: {backup: {every: 0s}}\n"})
	r.start()
	r.ready(30 * time.Second)
	r.tell(20 * time.Second)
	c := r.broker.Connect(t, mqtttest.ClientOptions{})
	r.say(c, "temperature", "600.5")
	r.alarmed("before")
	r.live(3*time.Second, 0)
	records := filepath.Join(r.data, "andon.db")
	r.kill()
	_ = os.Remove(records + "-wal") // it may have all of them
	spoil(t, records, 0, 0.5)
	r.start()
	r.ready(30 * time.Second)
	r.said("and there is no backup: new ones are begun")
	r.noted("the records")
	r.alarmed("after the records were damaged")

	for _, file := range []string{records, records + "-wal"} {
		spoil(t, file, 0, 1)
	}
	eventually(t, 30*time.Second, "the damage is met", func() error {
		_, _, _ = r.get("/api/v1/stops")
		log, err := os.ReadFile(r.andon.log)
		if err == nil && !strings.Contains(string(log), "andon sets them aside and starts again") {
			err = fmt.Errorf("not yet")
		}
		return err
	})
	r.ready(30 * time.Second)
	r.alarmed("after the records were damaged while andon ran")
	r.settled(catchUp(), nil)
}

// The clock of a machine steps by an hour, back and to right again, and ahead
// by as much as is believed, and by more. Every value that is believed is under
// the time that came with it.
func TestWhenTheClockOfAMachineStepsEveryValueHasItsTime(t *testing.T) {
	r := newRig(t, options{})
	r.start()
	r.ready(30 * time.Second)
	r.tell(6 * time.Second)
	c := r.broker.Connect(t, mqtttest.ClientOptions{})
	began, n := time.Now(), 0
	for _, by := range []time.Duration{0, -time.Hour, 0, 4 * time.Minute, -time.Hour, 0} {
		for range 20 {
			n++
			r.sayAt(c, "temperature", fmt.Sprintf("%d.5", n), began.Add(by+time.Duration(n)*time.Millisecond))
		}
	}
	r.live(3*time.Second, 1)
	r.ready(30 * time.Second)
	r.sayFromTheFuture(c)
	r.settled(catchUp(), nil)
}

// sayFromTheFuture lets a clock be an hour ahead, which is not believed: the
// value is under the time at which it came.
func (r *rig) sayFromTheFuture(c *mqtttest.Client) {
	r.t.Helper()
	l := truthLine{Tag: spare + "/temperature", Value: plant.Float(200.25)}
	begin := time.Now()
	c.Publish(spare, fmt.Sprintf(`{"ts":%d,"temperature":%s}`, begin.Add(time.Hour).UnixMilli(), l.Value))
	eventually(r.t, catchUp(), "the value from the future in InfluxDB", func() error {
		rows := r.db.Query("plant", `SELECT "temperature" FROM "telemetry" WHERE "equipment" = 'm021' AND "temperature" = 200.25`)
		if len(rows) != 1 {
			return fmt.Errorf("%d of them", len(rows))
		}
		ns, err := strconv.ParseInt(rows[0]["time"], 10, 64)
		l.Time = plant.Instant(ns)
		return err
	})
	if l.Time < plant.At(begin) || l.Time > plant.At(time.Now()) {
		r.t.Errorf("the value from the future is under %s, want the time at which it came", l.Time)
	}
	r.extra = append(r.extra, l)
}
