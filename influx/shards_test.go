package influx_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"andon/influx/influxtest"
	"andon/plant"
)

// InfluxDB gives a field one type per shard, so a configuration that changed
// last week leaves two.
func TestOneBatchWithTimesOfTwoShardsThatDifferInType(t *testing.T) {
	db := realInfluxDB(t)
	const week = 7 * 86400
	at := func(n int) string { return strconv.FormatInt(int64(start)+int64(n)*1e9, 10) }
	for _, line := range []string{series + "state=6 " + at(-week), series + "state=6i " + at(0)} {
		resp, err := http.Post(db.URL()+"/api/v2/write?bucket=plant&precision=ns", "text/plain", strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	s := newStream()
	n := s.samples(sample(t, a1+"state", plant.Int(5), 10-week), sample(t, a1+"state", plant.Int(9), 10),
		sample(t, a1+"state", plant.Int(5), 20-week), sample(t, a1+"state", plant.Int(9), 20))
	w := run(t, s, config(t, db.URL()))
	w.written(n)
	if dead := w.deadLetters(); len(dead) > 0 {
		t.Errorf("dead letters: got %d, want none: %s", len(dead), dead[0].Reason)
	}
	values := map[string]int{}
	for _, row := range db.Query("plant", `SELECT * FROM "telemetry"`) {
		values[row["state"]]++
	}
	if values["5"] != 2 || values["9"] != 2 {
		t.Errorf("values of the field: got %v, want two of 5 and two of 9", values)
	}
}

func TestABacklogOlderThanANewerServersRetentionIsOneRequestABatch(t *testing.T) {
	server := influxtest.NewServer(t)
	server.Refuse(influxtest.Refusal{Status: http.StatusUnprocessableEntity, Partial: true, Bad: func(string) bool { return true },
		Text: "failure writing points to database: partial write: dropped 1000 points outside retention policy of duration 72h0m0s - " +
			"oldest point telemetry,area=packing at 2026-03-02T08:00:00Z dropped because it violates a Retention Policy Lower Bound"})
	s := newStream()
	for i := range 5 {
		s.samples(speeds(t, i*1000, 1000)...)
	}
	w := run(t, s, config(t, server.URL))
	w.written(5)
	w.stop()
	if requests, dead := len(server.Requests()), len(w.deadLetters()); requests > 10 || dead > 0 {
		t.Errorf("got %d requests and %d dead letters, want a few and none", requests, dead)
	}
}

func TestStatusesAreAskedForOnceABusyServerAnswers(t *testing.T) {
	server := influxtest.NewServer(t)
	server.RefuseQueries(http.StatusServiceUnavailable, http.StatusTooManyRequests)
	s := newStream()
	w := run(t, s, config(t, server.URL))
	w.written(s.samples(speeds(t, 0, 10)...))
	if got := server.Queries(); got != 3 {
		t.Errorf("queries: got %d, want another one after each of 2 refusals", got)
	}
}
