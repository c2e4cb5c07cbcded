package main

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/store"
)

// wrongHours puts a first revision that says nothing into the records for each
// of so many hours from start on.
func (n *liveNorthfield) wrongHours(path string, start plant.Instant, count int) {
	n.t.Helper()
	records, err := store.Open(n.t.Context(), n.recordsFile())
	if err != nil {
		n.t.Fatal(err)
	}
	defer records.Close()
	var rows []store.KPI
	for i := range count {
		at := start.Add(time.Duration(i) * time.Hour)
		rows = append(rows, store.KPI{Path: path, Window: "hour", Start: at, End: at.Add(time.Hour), Revision: 1, Why: "settled", Body: []byte(`{"path":"nowhere"}`)})
	}
	if err := records.Revise(n.t.Context(), store.Revised{KPIs: rows}); err != nil {
		n.t.Fatal(err)
	}
}

func (n *liveNorthfield) recordsFile() string { return filepath.Join(n.dir, "andon", "andon.db") }

// revised returns how many revisions the records have with a reason.
func (n *liveNorthfield) revised(why string) (int, error) {
	records, err := store.OpenReadOnly(n.t.Context(), n.recordsFile())
	if err != nil {
		return 0, err
	}
	defer records.Close()
	return records.RevisedFor(n.t.Context(), plant.Interval{From: 1, To: plant.At(time.Now())}, why)
}

// alive waits until the daemon answers.
func (n *liveNorthfield) alive() {
	n.t.Helper()
	eventually(n.t, time.Minute, "andon lives", func() error {
		if status, err := n.get("/healthz", nil); err != nil || status != http.StatusOK {
			return errors.Join(err, errors.New("no answer"))
		}
		return nil
	})
}

// The KPIs of a week are being worked out again when somebody restarts
// andon.
func TestStoppedWhileItRecomputesAndonEndsInTimeAndGoesOnAfterwards(t *testing.T) {
	if testing.Short() {
		t.Skip("starts andon")
	}
	const hours = 7 * 24
	n := newLiveNorthfield(t, recentStart(t))
	for _, env := range n.env {
		name, value, _ := strings.Cut(env, "=")
		t.Setenv(name, value)
	}
	first := n.andon() // it makes its records
	n.alive()
	first.stop()
	n.wrongHours(a1, plant.At(time.Now()).Truncate(time.Hour).Add(-(hours+5)*time.Hour), hours)
	n.stoppedWhileItRecomputes(hours)

	n.andon()
	n.alive()
	eventually(t, 2*time.Minute, "all hours are recomputed", func() error {
		if done, err := n.revised(emptyHours); err != nil || done < hours {
			return errors.Join(err, fmt.Errorf("%d of %d", done, hours))
		}
		return nil
	})
	if done, err := n.revised(emptyHours); err != nil || done != hours {
		t.Errorf("recomputed: got %d, %v; want each of %d once", done, err, hours)
	}
	if out, err := n.command("kpi", "recompute", "--verify"); err != nil {
		t.Errorf("verify: got %q, %v; want all well", out, err)
	}
}

// emptyHours is the reason of the recomputation.
const emptyHours = "they were empty"

// stoppedWhileItRecomputes starts andon, has it recompute all KPIs and stops it
// as soon as the first of so many hours are there. It wants it to end in time,
// and those who asked to hear that the rest comes later.
func (n *liveNorthfield) stoppedWhileItRecomputes(hours int) {
	n.t.Helper()
	daemon := n.andon()
	n.alive()
	told := make(chan error, 1)
	go func() { // ends with the daemon at the latest
		_, err := n.command("kpi", "recompute", "--reason", emptyHours, "--user", "Anna")
		told <- err
	}()
	eventually(n.t, time.Minute, "the first hours are recomputed", func() error {
		if done, err := n.revised(emptyHours); err != nil || done == 0 {
			return errors.Join(err, errors.New("none"))
		}
		return nil
	})
	began := time.Now()
	daemon.stop()
	if took := time.Since(began); took > 10*time.Second {
		n.t.Errorf("andon took %s to stop, want at most 10 s", took)
	}
	done, err := n.revised(emptyHours)
	n.t.Logf("andon stopped in %s with %d of %d hours recomputed", time.Since(began).Round(time.Millisecond), done, hours)
	if err != nil || done == 0 || done > hours {
		n.t.Errorf("recomputed when it stopped: got %d, %v", done, err)
	}
	if err := <-told; done < hours && (err == nil || !strings.Contains(err.Error(), "goes on when it starts again")) {
		n.t.Errorf("the command: got %v, want it to say that the rest comes later", err)
	}
}
