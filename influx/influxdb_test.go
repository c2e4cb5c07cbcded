package influx_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"andon/influx"
	"andon/influx/influxtest"
	"andon/plant"
)

func realInfluxDB(t *testing.T) *influxtest.DB {
	t.Helper()
	db := influxtest.Start(t)
	db.CreateDatabase("plant")
	return db
}

func wantRows(t *testing.T, got []influxtest.Row, want ...influxtest.Row) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestEveryKindOfValueLandsExactly(t *testing.T) {
	db := realInfluxDB(t)
	s := newStream()
	text := "two\nlines, \"quotes\" and \\ back = slash äöü"
	bad := sample(t, a1+"speed", plant.Float(7.25), 1)
	bad.Status = plant.UncertainLastUsableValue
	none := sample(t, a1+"speed", plant.Value{}, 2)
	none.Status = plant.BadNoCommunication
	s.samples(
		sample(t, a1+"speed", plant.Float(1234.5678901234567), 0),
		sample(t, a1+"state", plant.Int(-6), 0),
		sample(t, a1+"total", plant.Uint(math.MaxInt64), 0),
		sample(t, a1+"estop", plant.Bool(true), 0),
		sample(t, a1+"alarm_id", plant.Text(text), 0),
		bad, none,
		sample(t, a1+"speed", plant.Float(math.NaN()), 3),
		sample(t, a1+"speed", plant.Float(1e-300), 4),
		sample(t, a3+"state", plant.Text("RUN"), 6),
		sample(t, a1+"total", plant.Uint(math.MaxUint64), 5),
	)
	w := run(t, s, config(t, db.URL()))
	w.written(1)

	at := func(n int) string { return strconv.FormatInt(int64(start)+int64(n)*1e9, 10) }
	tags := func(equipment string, r influxtest.Row) influxtest.Row {
		r["site"], r["area"], r["line"], r["equipment"] = "northfield", "packing", "lineA", equipment
		return r
	}
	wantRows(t, db.Query("plant", `SELECT * FROM "telemetry"`),
		tags("A1", influxtest.Row{"time": at(0), "speed": "1234.5678901234567", "state": "-6", "total": "9223372036854775807", "estop": "true", "alarm_id": text}),
		tags("A1", influxtest.Row{"time": at(1), "speed": "7.25", "speed_status": strconv.Itoa(int(plant.UncertainLastUsableValue))}),
		tags("A1", influxtest.Row{"time": at(2), "speed_status": strconv.Itoa(int(plant.BadNoCommunication))}),
		tags("A1", influxtest.Row{"time": at(3), "speed_status": "0"}),
		tags("A1", influxtest.Row{"time": at(4), "speed": "1e-300"}),
		tags("A3", influxtest.Row{"time": at(6), "state_text": "RUN"}),
	)
	wantRows(t, db.Query("plant", `SHOW FIELD KEYS FROM "telemetry"`),
		influxtest.Row{"fieldKey": "alarm_id", "fieldType": "string"},
		influxtest.Row{"fieldKey": "estop", "fieldType": "boolean"},
		influxtest.Row{"fieldKey": "speed", "fieldType": "float"},
		influxtest.Row{"fieldKey": "speed_status", "fieldType": "integer"},
		influxtest.Row{"fieldKey": "state", "fieldType": "integer"},
		influxtest.Row{"fieldKey": "state_text", "fieldType": "string"},
		influxtest.Row{"fieldKey": "total", "fieldType": "integer"},
	)
	if got := w.metric("dropped_values_total"); got != 2 {
		t.Errorf("dropped: got %v, want NaN and the value above int64", got)
	}
}

// everything is what a restart must not change.
func everything(db *influxtest.DB) []influxtest.Row {
	return append(db.Query("plant", `SELECT * FROM "telemetry"`), db.Query("plant", `SELECT * FROM "stop"`)...)
}

func TestReplayedStreamChangesNothing(t *testing.T) {
	db := realInfluxDB(t)
	s := newStream()
	for i := range 20 {
		samples := speeds(t, i*100, 100)
		samples[50].Status = plant.Bad
		s.samples(samples...)
	}
	s.put(plant.Message{Kind: plant.KindDerived, Points: influx.AppendPoint(nil, influx.Point{Measurement: "stop",
		Tags: []influx.Label{{Key: "equipment", Value: "A1"}}, Fields: []influx.Field{{Key: "open", Value: plant.Bool(true)}}, Time: start})})

	var before []influxtest.Row
	for range 2 {
		w := run(t, s, config(t, db.URL()))
		w.written(21)
		w.stop()
		after := everything(db)
		if before != nil {
			wantRows(t, after, before...)
		}
		if len(after) != 2001 {
			t.Errorf("rows: got %d, want 2001", len(after))
		}
		before = after
		if err := s.SavePosition(t.Context(), "influx.packing", 0); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOutageOfInfluxDBLosesNothing(t *testing.T) {
	db := realInfluxDB(t)
	s := newStream()
	w := run(t, s, config(t, db.URL()))
	w.written(s.samples(speeds(t, 0, 1000)...))

	db.Stop()
	for i := 1; i < 10; i++ {
		s.samples(speeds(t, i*1000, 1000)...)
	}
	eventually(t, "the outage shows", func() bool { return w.Healthy() != nil })
	db.Restart()
	w.written(10)
	db.Kill() // a power cut: what was acknowledged is in its write-ahead log
	s.samples(speeds(t, 10_000, 1000)...)
	db.Restart()
	w.written(11)

	wantRows(t, db.Query("plant", `SELECT COUNT("speed"), MIN("speed"), MAX("speed") FROM "telemetry"`),
		influxtest.Row{"time": "0", "count": "11000", "min": "0.5", "max": "10999.5"})
	if dead := w.deadLetters(); len(dead) > 0 {
		t.Errorf("dead letters: got %d, want none", len(dead))
	}
}

func TestCrashBetweenWriteAndPositionLeavesNoDuplicates(t *testing.T) {
	db := realInfluxDB(t)
	s := newStream()
	s.setNoSaving(true)
	s.samples(speeds(t, 0, 500)...)
	w := run(t, s, config(t, db.URL()))
	w.written(1)
	w.stop()
	if got := s.saved(); got != 0 {
		t.Fatalf("position: got %d, want none", got)
	}

	s.setNoSaving(false)
	s.samples(speeds(t, 500, 500)...)
	w = run(t, s, config(t, db.URL()))
	w.written(2)
	w.stop()
	wantRows(t, db.Query("plant", `SELECT COUNT("speed"), SUM("speed") FROM "telemetry"`),
		influxtest.Row{"time": "0", "count": "1000", "sum": "500000"})
	if got := s.saved(); got != 2 {
		t.Errorf("position: got %d, want 2", got)
	}
}

func TestTypeThatTheDatabaseHasIsLearnedWithoutLoss(t *testing.T) {
	db := realInfluxDB(t)
	s := newStream()
	// An earlier configuration declared speed as an integer.
	s.put(plant.Message{Kind: plant.KindDerived, Points: []byte(series + "speed=1i " + strconv.FormatInt(int64(start)-1e9, 10) + "\n")})
	w := run(t, s, config(t, db.URL()))
	w.written(1)

	samples := speeds(t, 0, 1000)
	samples[500].Status = plant.Bad
	s.samples(append(samples, sample(t, a1+"state", plant.Int(6), 0))...)
	w.written(2)
	wantRows(t, db.Query("plant", `SELECT COUNT("speed") AS "old", COUNT("speed_float") AS "new", COUNT("speed_status") AS "status", COUNT("state") AS "state" FROM "telemetry"`),
		influxtest.Row{"time": "0", "old": "1", "new": "1000", "status": "2", "state": "1"})
	if dead := w.deadLetters(); len(dead) > 0 {
		t.Errorf("dead letters: got %v, want none", dead)
	}
	if got := w.metric("learned_fields_total"); got != 1 {
		t.Errorf("fields learned: got %v, want 1", got)
	}
}

func TestConflictInDerivedPointsCostsOnlyTheBadField(t *testing.T) {
	db := realInfluxDB(t)
	point := func(n int, duration plant.Value) []byte {
		return influx.AppendPoint(nil, influx.Point{Measurement: "stop", Tags: []influx.Label{{Key: "equipment", Value: "A1"}},
			Fields: []influx.Field{{Key: "duration_s", Value: duration}, {Key: "reason", Value: plant.Text("jam")}}, Time: start + plant.Instant(n)})
	}
	s := newStream()
	s.put(plant.Message{Kind: plant.KindDerived, Points: point(0, plant.Float(1.5))})
	w := run(t, s, config(t, db.URL()))
	w.written(1)
	s.put(plant.Message{Kind: plant.KindDerived, Points: append(point(1, plant.Text("long")), point(2, plant.Float(3))...)})
	s.samples(speeds(t, 0, 100)...)
	w.written(3)

	wantRows(t, db.Query("plant", `SELECT COUNT("duration_s"), COUNT("reason") FROM "stop"`), influxtest.Row{"time": "0", "count": "2", "count_1": "3"})
	wantRows(t, db.Query("plant", `SELECT COUNT("speed") FROM "telemetry"`), influxtest.Row{"time": "0", "count": "100"})
	dead := w.deadLetters()
	if len(dead) != 1 || !strings.Contains(dead[0].Line, `duration_s="long"`) || !strings.Contains(dead[0].Reason, "field type conflict") {
		t.Errorf("dead letters: got %v, want the one field with its reason", dead)
	}
}

func TestMissingDatabaseIsCreatedWhenWanted(t *testing.T) {
	db := influxtest.Start(t)
	s := newStream()
	s.samples(speeds(t, 0, 10)...)
	cfg := config(t, db.URL())
	w := run(t, s, cfg)
	eventually(t, "the missing database shows", func() bool {
		return w.Healthy() != nil && strings.Contains(w.Healthy().Error(), "database not found")
	})
	w.stop()
	cfg.Create = true
	w = run(t, s, cfg)
	w.written(1)
	wantRows(t, db.Query("plant", `SELECT COUNT("speed") FROM "telemetry"`), influxtest.Row{"time": "0", "count": "10"})
	if err := w.Healthy(); err != nil {
		t.Errorf("health: got %v", err)
	}
}

func TestStatusReturnsToGoodAfterARestart(t *testing.T) {
	db := realInfluxDB(t)
	s := newStream()
	bad := speeds(t, 0, 1)
	bad[0].Status = plant.BadNoCommunication
	s.samples(bad...)
	w := run(t, s, config(t, db.URL()))
	w.written(1)
	w.stop()
	s.samples(speeds(t, 1, 2)...)
	run(t, s, config(t, db.URL())).written(2)
	wantRows(t, db.Query("plant", `SELECT LAST("speed_status") FROM "telemetry"`),
		influxtest.Row{"time": fmt.Sprint(int64(start) + 1e9), "last": "0"})
}

func TestPointsOlderThanTheRetentionPolicyDoNotStopTheRest(t *testing.T) {
	db := influxtest.Start(t)
	db.Query("", `CREATE DATABASE "plant" WITH DURATION 876000h`)
	s := newStream()
	old := speeds(t, 0, 3)
	old[1].Time = plant.Instant(-2e18)
	s.samples(old...)
	w := run(t, s, config(t, db.URL()))
	w.written(1)
	wantRows(t, db.Query("plant", `SELECT COUNT("speed") FROM "telemetry"`), influxtest.Row{"time": "0", "count": "2"})
	if got := w.metric("dropped_values_total"); got != 1 {
		t.Errorf("dropped: got %v, want the old one", got)
	}
}
