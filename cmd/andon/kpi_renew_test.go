package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/configs"
	"andon/plant"
	"andon/store"
)

// wrong puts a first revision that says nothing into the records of the
// configuration, as a definition that was wrong would have left one.
func (n *liveNorthfield) wrong(path string, start plant.Instant) {
	n.t.Helper()
	records, err := store.Open(n.t.Context(), filepath.Join(n.dir, "andon", "andon.db"))
	if err != nil {
		n.t.Fatal(err)
	}
	defer records.Close()
	row := store.KPI{Path: path, Window: "hour", Start: start, End: start.Add(time.Hour), Revision: 1, Why: "settled", Body: []byte(`{"path":"nowhere"}`)}
	if err := records.Revise(n.t.Context(), store.Revised{KPIs: []store.KPI{row}}); err != nil {
		n.t.Fatal(err)
	}
}

// command runs a command line beside the daemon.
func (n *liveNorthfield) command(args ...string) (string, error) {
	var out, errs bytes.Buffer
	err := run(n.t.Context(), append(args, "-c", n.config), &out, &errs)
	return out.String() + errs.String(), err
}

func TestRecomputeLetsTheDaemonDoItWhileOneRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("starts andon")
	}
	n := newLiveNorthfield(t, recentStart(t))
	for _, env := range n.env {
		name, value, _ := strings.Cut(env, "=")
		t.Setenv(name, value)
	}
	daemon := n.andon()
	eventually(t, 30*time.Second, "andon lives", func() error {
		if status, err := n.get("/healthz", nil); err != nil || status != http.StatusOK {
			return errors.Join(err, errors.New("no answer"))
		}
		return nil
	})
	hour := plant.At(time.Now().Add(-5 * time.Hour)).Truncate(time.Hour)
	n.wrong(a1, hour)
	out, err := n.command("kpi", "recompute", "--reason", "it was empty", "--user", "Anna")
	if err != nil || out != "1 new revisions\n" {
		t.Fatalf("while andon runs: got %q, %v; want one new revision", out, err)
	}
	q := url.Values{"path": {a1}, "window": {"hour"}, "from": {hour.String()}, "to": {hour.Add(time.Hour).String()}}
	var list struct {
		Revisions []struct {
			Revision int
			Why      string
			Hash     string `json:"inputs_hash"`
		}
	}
	if status, err := n.get("/api/v1/kpis/history?"+q.Encode(), &list); err != nil || status != http.StatusOK || len(list.Revisions) != 2 ||
		list.Revisions[1].Why != "Anna: recomputed: it was empty" || list.Revisions[1].Hash == "" {
		t.Errorf("history: got %d %v %+v, want a second revision that says who and why", status, err, list)
	}
	if out, err := n.command("kpi", "recompute", "--verify"); err != nil {
		t.Errorf("verify while andon runs: got %q, %v; want all well", out, err)
	}
	if out, err := n.command("kpi", "recompute", "--reason", "once more", "--user", "Anna"); err != nil || !strings.HasPrefix(out, "0 new revisions\n") {
		t.Errorf("once more: got %q, %v; want no new revision", out, err)
	}
	if out, err := n.command("run"); err == nil || !strings.Contains(err.Error(), "another andon runs") {
		t.Errorf("second andon on the same records: got %q, %v; want it refused", out, err)
	}
	for _, window := range []string{"shift", "last_hour"} {
		var now struct {
			Window string
			Hash   string `json:"inputs_hash"`
		}
		eventually(t, 30*time.Second, "running KPIs with the hash of their inputs", func() error {
			status, err := n.get("/api/v1/kpis?equipment="+a1+"&window="+window, &now)
			if err != nil || status != http.StatusOK || now.Window != window || len(now.Hash) != 64 {
				return fmt.Errorf("running %s: got %d %w %+v", window, status, err, now)
			}
			return nil
		})
	}
	daemon.stop()

	n.wrong(b1, hour)
	if out, err := n.command("kpi", "recompute", "--reason", "empty, too", "--user", "Anna"); err != nil || !strings.HasPrefix(out, "1 new revisions\nandon does not run") {
		t.Errorf("once andon is stopped: got %q, %v; want one new revision", out, err)
	}
}

func TestRecomputeSaysWhatToDoWhenNobodyMayTellTheDaemon(t *testing.T) {
	keptHour(t)
	cfg, err := configs.Load(northfield)
	if err != nil {
		t.Fatal(err)
	}
	hold, err := store.HoldRecords(t.Context(), string(cfg.Store.Path))
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Release()
	if _, err := andon(t, "kpi", "recompute", "--reason", "x"); err == nil || !strings.Contains(err.Error(), "set web.token, or stop andon") {
		t.Errorf("got %v, want what to do", err)
	}
	if _, err := andon(t, "kpi", "recompute", "--verify"); !errors.Is(err, errQuiet) {
		t.Errorf("verify: got %v, want the differences", err)
	}
}
