package influxtest_test

import (
	"net/http"
	"strings"
	"testing"

	"andon/influx/influxtest"
)

func write(t *testing.T, url, lines string) {
	t.Helper()
	resp, err := http.Post(url, "text/plain", strings.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		t.Fatalf("write: got %s, want 204", resp.Status)
	}
}

func TestInfluxDBKeepsItsDataAndAddressOverRestartAndPowerCut(t *testing.T) {
	db := influxtest.Start(t)
	db.CreateDatabase("plant")
	write(t, db.URL()+"/write?db=plant", "telemetry,line=lineA speed=1.5,state=6i 1000")
	write(t, db.URL()+"/api/v2/write?bucket=plant/autogen&org=x&precision=ns", "telemetry,line=lineA text=\"a b\" 2000")
	url := db.URL()

	db.Restart()
	if db.URL() != url {
		t.Errorf("address after restart: got %s, want %s", db.URL(), url)
	}
	db.Kill()
	db.Restart()

	rows := db.Query("plant", `SELECT * FROM "telemetry"`)
	if len(rows) != 2 {
		t.Fatalf("rows after a restart and a power cut: got %v, want 2", rows)
	}
	if got := rows[0]; got["speed"] != "1.5" || got["state"] != "6" || got["time"] != "1000" || got["line"] != "lineA" {
		t.Errorf("first row: got %v", got)
	}
	if got := rows[1]; got["text"] != "a b" || len(got) != 3 {
		t.Errorf("second row: got %v", got)
	}
	if err := db.Process.Stop(); err != nil {
		t.Errorf("clean stop: got %v, want status 0", err)
	}
}

func TestQueryErrorIsReported(t *testing.T) {
	db := influxtest.Start(t)
	if _, err := db.Process.Query(t.Context(), "plant", "SELECT nothing"); err == nil {
		t.Error("query error: got nil")
	}
	if _, err := db.Process.Query(t.Context(), "plant", "SELECT x FROM y"); err == nil || !strings.Contains(err.Error(), "database not found") {
		t.Errorf("query of an absent database: got %v, want database not found", err)
	}
}
