package faults_test

import (
	"errors"
	"net/http"
	"testing"
	"time"
)

// noSpace is what InfluxDB 1.8 answers when its disk is full.
const noSpace = "engine: error writing WAL entry: write /var/lib/influxdb/wal/plant/autogen/1/_00001.wal: no space left on device"

// InfluxDB 1.8 does not get over a full disk by itself: its write-ahead log
// repeats the error until it is started anew.
func TestWhenTheDiskOfInfluxDBIsFullNothingIsLost(t *testing.T) {
	fillsTheDiskOfInfluxDB(t, options{})
}

func TestWhenTheDiskOfInfluxDBIsFullNothingIsLostOnOPCUA(t *testing.T) {
	fillsTheDiskOfInfluxDB(t, options{opcua: true})
}

func fillsTheDiskOfInfluxDB(t *testing.T, o options) {
	t.Helper()
	dir, err := smallDisk(t, 256<<20)
	if err != nil {
		t.Logf("%v: InfluxDB's answer comes from the proxy", err)
		r := newRig(t, o)
		r.through(answers(http.StatusInternalServerError, noSpace))
		r.settled(catchUp(), nil)
		return
	}
	o.db, o.direct = dir, true
	r := newRig(t, o)
	var empty func()
	r.during(lasts(), func() { empty = fill(t, dir) }, func() {
		// andon may have been killed a moment ago and count from nothing.
		eventually(t, 30*time.Second, "andon notices the full disk", func() error {
			n, err := r.metric("andon_influx_retries_total")
			if err == nil && n == 0 {
				err = errors.New("no request was repeated")
			}
			return err
		})
		empty()
		r.db.Restart()
	})
	r.settled(catchUp(), nil)
}
