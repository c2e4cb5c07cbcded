package faults_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"andon/plant"
)

// catchUp bounds how long andon may take until InfluxDB has everything.
func catchUp() time.Duration { return either(time.Minute, 5*time.Minute) }

// lasts is how long a fault lasts, and kills how often andon is killed in it.
func lasts() time.Duration { return either(8*time.Second, time.Minute) }

func kills() int { return either(2, 6) }

// during starts andon and the plant, lets a fault last while andon is killed,
// heals it and lets the plant go on for a while.
func (r *rig) during(fault time.Duration, begin, end func()) {
	r.t.Helper()
	if r.opcua != "" {
		r.tell(0) // from when andon subscribes
	}
	r.start()
	r.ready(30 * time.Second)
	if r.opcua == "" {
		r.tell(0)
	}
	r.live(2*time.Second, 0)
	begin()
	r.live(fault, kills())
	end()
	r.live(2*time.Second, 0)
}

// through lasts as long as the fault of the proxy, and returns how long that
// was.
func (r *rig) through(f fault) time.Duration {
	r.t.Helper()
	var begin time.Time
	var took time.Duration
	r.during(lasts(), func() {
		begin = time.Now()
		r.proxy.become(f)
	}, func() {
		if r.proxy.hits.Load() == 0 {
			r.t.Error("andon did not notice the fault")
		}
		r.proxy.become(nil)
		took = time.Since(begin)
	})
	return took
}

func TestWhenInfluxDBIsStoppedNothingIsLost(t *testing.T) {
	r := newRig(t, options{direct: true})
	r.during(either(15*time.Second, 10*time.Minute), r.db.Stop, func() {
		r.db.Restart()
		r.catchesUp()
	})
	r.settled(catchUp(), nil)
}

func TestWhenInfluxDBIsNotAvailableNothingIsLostOnOPCUA(t *testing.T) {
	r := newRig(t, options{opcua: true})
	r.through(answers(http.StatusServiceUnavailable, "engine is closed"))
	r.settled(catchUp(), nil)
}

// A power cut: InfluxDB has what it said that it took.
func TestWhenInfluxDBIsKilledAgainAndAgainNothingIsLost(t *testing.T) {
	r := newRig(t, options{direct: true})
	r.start()
	r.ready(30 * time.Second)
	r.tell(0)
	for range either(3, 15) {
		r.live(lasts()/3, 0)
		r.db.Kill()
		r.live(time.Second, 1)
		r.db.Restart()
	}
	r.live(2*time.Second, 0)
	r.settled(catchUp(), nil)
}

func TestWhenInfluxDBIsNotAvailableNothingIsLost(t *testing.T) {
	r := newRig(t, options{})
	r.through(answers(http.StatusServiceUnavailable, "engine is closed"))
	r.settled(catchUp(), nil)
}

func TestWhenInfluxDBAsksForPatienceItIsGivenAndNothingIsLost(t *testing.T) {
	r := newRig(t, options{})
	took := r.through(answers(http.StatusTooManyRequests, "too many requests", "Retry-After", "2"))
	// Each start of andon may ask at once, and then once in two seconds.
	if most := int64(took/(2*time.Second)) + int64(r.kills) + 2; r.proxy.hits.Load() > most {
		t.Errorf("andon asked %d times within %s, want it at most %d times", r.proxy.hits.Load(), took, most)
	}
	r.settled(catchUp(), nil)
}

func TestWhenInfluxDBHangsNothingIsLost(t *testing.T) {
	r := newRig(t, options{})
	r.through(hangs)
	r.settled(catchUp(), nil)
}

func TestWhenInfluxDBHangsNothingIsLostOnOPCUA(t *testing.T) {
	r := newRig(t, options{opcua: true})
	r.through(hangs)
	r.settled(catchUp(), nil)
}

// What InfluxDB wrote without andon hearing of it is written again, and is
// there once all the same.
func TestWhenAnswersOfInfluxDBAreLostNothingIsThereTwice(t *testing.T) {
	r := newRig(t, options{})
	r.through(losesAnswers)
	r.settled(catchUp(), nil)
}

// A web server before InfluxDB refuses what has more than 2,000 bytes, when
// much is waiting.
func TestWhenRequestsAreTooLargeTheyAreDividedAndNothingIsLost(t *testing.T) {
	r := newRig(t, options{})
	r.through(first(lasts()/2, refuses, takesAtMost(2000)))
	r.settled(catchUp(), nil)
}

// InfluxDB 1.8 refuses a part of a write: it takes all other lines of the
// batch. Here it does so from the beginning to the end.
func TestWhenInfluxDBRefusesSingleValuesTheyAloneAreDeadLetters(t *testing.T) {
	refusesSingleValues(newRig(t, options{}))
}

func TestWhenInfluxDBRefusesSingleValuesTheyAloneAreDeadLettersOnOPCUA(t *testing.T) {
	refusesSingleValues(newRig(t, options{opcua: true}))
}

func refusesSingleValues(r *rig) {
	r.t.Helper()
	r.proxy.become(dislikes(func(line string) bool {
		return strings.HasPrefix(line, "telemetry,") && strings.Contains(line, ",equipment=m007") && strings.Contains(line, "flow=") && ill(stamp(r.t, line))
	}))
	r.during(lasts(), func() {}, func() {})
	r.settled(catchUp(), func(tag string, at plant.Instant) bool { return tag == "load/hall/line1/m007/flow" && ill(at) })
}

// ill picks every third millisecond.
func ill(at plant.Instant) bool { return int64(at)/1e6%3 == 0 }

func stamp(t *testing.T, line string) plant.Instant {
	ns, err := strconv.ParseInt(strings.TrimSpace(line[strings.LastIndex(line, " ")+1:]), 10, 64)
	if err != nil {
		t.Errorf("line %q: %v", line, err)
	}
	return plant.Instant(ns)
}

// Somebody else has written the flow as an integer. Some servers answer such
// a conflict with 500, which elsewhere means an outage.
func TestWhenAFieldHasAnotherTypeItsValuesGoToAFieldOfTheirOwn(t *testing.T) {
	r := newRig(t, options{})
	resp, err := http.Post(r.db.URL()+"/write?db=plant", "text/plain", strings.NewReader("telemetry,equipment="+stranger+" flow=1i"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		t.Fatalf("write of a stranger: %s", resp.Status)
	}
	r.proxy.become(turns(http.StatusBadRequest, http.StatusInternalServerError))
	r.during(lasts(), func() {}, func() {})
	r.settled(catchUp(), nil)
	if rows := r.db.Query("plant", `SELECT COUNT("flow") FROM "telemetry" WHERE "equipment" <> '`+stranger+`'`); len(rows) > 0 {
		t.Errorf("InfluxDB took %v values of the wrong type", rows)
	}
}

// Each request meets another trouble, or none.
func TestWhenEverythingGoesWrongInTurnNothingIsLost(t *testing.T) {
	r := newRig(t, options{})
	r.through(oneOf(r.random, passes, answers(http.StatusServiceUnavailable, "engine is closed"), losesAnswers, refuses, takesAtMost(2000),
		answers(http.StatusTooManyRequests, "too many requests", "Retry-After", "1"), hangs, passes))
	r.settled(catchUp(), nil)
}
