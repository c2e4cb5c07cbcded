package faults_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"
	"time"

	"andon/collector/mqtt/mqtttest"
)

// liveWithin is what "live" means here: some moments, not the minutes that
// InfluxDB is behind. It is generous because tests share small machines.
const liveWithin = 10 * time.Second

// InfluxDB takes a quarter of what the plant tells. Alarms and the board do
// not wait for it, neither while it is slow nor while andon catches up.
func TestWhileInfluxDBIsSlowAlarmsAndTheBoardAreLiveAndThenItCatchesUp(t *testing.T) {
	r := newRig(t, options{})
	machine := r.broker.Connect(t, mqtttest.ClientOptions{})
	r.start()
	r.ready(30 * time.Second)
	r.tell(0)
	r.live(2*time.Second, 0)
	r.isLive(machine)

	begin := time.Now()
	r.proxy.become(slowly(rate() / tags / 4))
	r.live(lasts(), 0)
	if behind := time.Since(r.newest()); behind < lasts()/4 {
		t.Errorf("InfluxDB is %s behind after %s, it was not slow", behind, time.Since(begin))
	}
	eventually(t, time.Minute, "InfluxDB gets what it can take", func() error {
		if got := r.newest().Sub(begin); got < lasts()/20 {
			return fmt.Errorf("it got %s of %s", got, time.Since(begin))
		}
		return nil
	})
	r.isLive(machine)
	r.live(lasts(), kills())
	r.isLive(machine)

	r.proxy.become(nil)
	r.catchesUp()
	r.isLive(machine)
	r.settled(catchUp(), nil)
}

// isLive lets a machine pass a limit and stop, and wants the alarm and the
// board to say so.
func (r *rig) isLive(machine *mqtttest.Client) {
	r.t.Helper()
	for _, step := range []struct {
		heat, state, wantState string
		wantOpen               int
	}{{"900", `"STOPPED"`, "stopped", 1}, {"20", `"RUN"`, "run", 0}} {
		begin := time.Now()
		r.say(machine, "temperature", step.heat)
		r.say(machine, "state", step.state)
		eventually(r.t, liveWithin, "an alarm of now", func() error { return r.openAlarms(step.wantOpen) })
		alarm := time.Since(begin)
		eventually(r.t, liveWithin, "the board of now", func() error { return r.boardSays(step.wantState) })
		r.t.Logf("alarm after %s, board after %s, InfluxDB %s behind", alarm.Round(time.Millisecond), time.Since(begin).Round(time.Millisecond),
			time.Since(r.newest()).Round(time.Millisecond))
	}
}

func (r *rig) openAlarms(want int) error {
	var list struct {
		Alarms []struct{ Rule, Equipment, State string }
	}
	if err := r.getJSON("/api/v1/alarms?open=true&equipment="+spare, &list); err != nil {
		return err
	}
	n := 0
	for _, a := range list.Alarms {
		if a.Rule == "too-hot" && a.State == "unacknowledged" { // returned, it waits for a person
			n++
		}
	}
	if n != want {
		return fmt.Errorf("%d open alarms, want %d: %+v", n, want, list.Alarms)
	}
	return nil
}

func (r *rig) boardSays(state string) error {
	var board struct {
		Equipment []struct{ Path, State string }
	}
	if err := r.getJSON("/api/v1/board", &board); err != nil {
		return err
	}
	for _, e := range board.Equipment {
		if e.Path == spare && e.State == state {
			return nil
		}
	}
	return fmt.Errorf("want %s to be %s: %+v", spare, state, board.Equipment)
}

func (r *rig) getJSON(path string, v any) error {
	_, body, err := r.get(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, v)
}

// newest returns the time of the newest telemetry in InfluxDB of the machines
// that tell.
func (r *rig) newest() time.Time {
	r.t.Helper()
	var newest int64
	for _, row := range r.db.Query("plant", `SELECT LAST("total") FROM "telemetry" WHERE "equipment" <> 'm021' GROUP BY "equipment"`) {
		ns, err := strconv.ParseInt(row["time"], 10, 64)
		if err != nil {
			r.t.Fatalf("time %q: %v", row["time"], err)
		}
		newest = max(newest, ns)
	}
	return time.Unix(0, newest)
}

// catchesUp waits until InfluxDB has what had waited for it, tells how much faster than
// real time that went, and fails when it was slower than promised.
func (r *rig) catchesUp() {
	r.t.Helper()
	begin, from := time.Now(), r.newest()
	eventually(r.t, catchUp(), "what has waited is in InfluxDB", func() error {
		if newest := r.newest(); newest.Before(begin) {
			return fmt.Errorf("%s behind", begin.Sub(newest))
		}
		return nil
	})
	took, got := time.Since(begin), r.newest().Sub(from)
	times := got.Seconds() / took.Seconds()
	r.t.Logf("%s of telemetry, %.0f values, reached InfluxDB within %s: %.0f times real time", got.Round(time.Millisecond),
		got.Seconds()*float64(rate()), took.Round(time.Millisecond), times)
	// A short backlog is written faster than it is waited for: a second of
	// pause before the next try, and the tests beside this one.
	if least := either(2., 20.); times < least {
		r.t.Errorf("caught up at %.1f times real time, want at least %.0f", times, least)
	}
}
