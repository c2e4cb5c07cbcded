package faults_test

import (
	"net/http"
	"testing"
	"time"
)

// during starts andon and the plant, lets a fault last while andon is killed,
// heals it and lets the plant go on for a while.
func (r *rig) during(begin, end func()) {
	r.t.Helper()
	r.start()
	r.ready(30 * time.Second)
	before, fault, after := 3*time.Second, either(8*time.Second, time.Minute), 3*time.Second
	r.tell(before + fault + after)
	r.live(before, 0)
	begin()
	r.live(fault, either(2, 6))
	end()
	r.live(after, 0)
}

// through lasts as long as the fault of the proxy.
func (r *rig) through(f fault) {
	r.t.Helper()
	r.during(func() { r.proxy.become(f) }, func() {
		if r.proxy.hits.Load() == 0 {
			r.t.Error("andon did not notice the fault")
		}
		r.proxy.become(nil)
	})
}

// catchUp bounds how long andon may take until InfluxDB has everything.
const catchUp = time.Minute

func TestWhenInfluxDBAnswersUnavailableNothingIsLost(t *testing.T) {
	r := newRig(t, options{})
	r.through(answers(http.StatusServiceUnavailable, "engine is closed"))
	r.settled(catchUp, nil)
}
