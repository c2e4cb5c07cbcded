package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/csv"
	"errors"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"andon/configs"
	"andon/engine"
	"andon/engine/recording"
	"andon/plant"
	"andon/production/productiontest"
	"andon/store"
)

const (
	hourFrom = "2026-03-02T08:00:00Z"
	hourTo   = "2026-03-02T09:00:00Z"
)

// keptHour puts the facts of the scripted hour into records, with a first
// revision of some windows that says nothing, and returns their file.
func keptHour(t *testing.T) string {
	t.Helper()
	samples := recordHour(t, "hour.ndjson")
	t.Setenv("ANDON_DATA", t.TempDir())
	cfg, err := configs.Load(northfield)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := plant.NewTree(cfg.Plant)
	if err != nil {
		t.Fatal(err)
	}
	records, err := store.Open(t.Context(), string(cfg.Store.Path))
	if err != nil {
		t.Fatal(err)
	}
	defer records.Close()
	file, err := os.Open(samples)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := engine.Replay(t.Context(), engine.ReplayOptions{Config: engine.Config{Production: cfg.Production, Rules: cfg.Rules, Alerts: cfg.Alerts},
		Tree: tree, Samples: recording.New(bufio.NewReader(file), tree), Store: records}); err != nil {
		t.Fatal(err)
	}
	var rows []store.KPI
	for _, path := range []string{productiontest.A1, productiontest.B1, "northfield/packing/lineA", "northfield/moulding", "northfield"} {
		rows = append(rows, store.KPI{Path: path, Window: "hour", Start: productiontest.Start, End: productiontest.Start.Add(time.Hour),
			Revision: 1, Why: "settled", Body: []byte(`{}`)})
	}
	if err := records.Revise(t.Context(), store.Revised{KPIs: rows}); err != nil {
		t.Fatal(err)
	}
	return string(cfg.Store.Path)
}

// andon runs a command line on Northfield and returns what it printed.
func andon(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out, errs bytes.Buffer
	err := run(t.Context(), append(args, "-c", northfield), &out, &errs)
	if err != nil && !errors.Is(err, errQuiet) {
		t.Logf("andon %v: %s", args, errs.String())
	}
	return out.String(), err
}

func TestKPICommandsSayWhatTimeTheyWant(t *testing.T) {
	for _, args := range [][]string{
		{"kpi"}, {"kpi", "--from", hourFrom, "--to", hourFrom}, {"kpi", "--from", hourFrom, "--to", hourTo, "--window", "week"},
		{"kpi", "--from", hourFrom, "--to", hourTo, "--revision", "0"}, {"kpi", "--from", hourFrom, "--to", hourTo, "--format", "xml"},
		{"kpi", "recompute"}, {"kpi", "recompute", "--verify", "--reason", "x"}, {"kpi", "explain", "--equipment", productiontest.A1},
	} {
		if _, err := andon(t, args...); err == nil {
			t.Errorf("%v: got no refusal", args)
		}
	}
}

func TestRecomputingNothingIsNoProof(t *testing.T) {
	keptHour(t)
	for _, x := range []struct {
		args []string
		want string
	}{
		{[]string{"--verify", "--equipment", "northfield/nothere/**"}, "nothing of the plant matches"},
		{[]string{"--reason", "x", "--equipment", "northfield/nothere/**"}, "nothing of the plant matches"},
		{[]string{"--reason", "   "}, "--reason"}, {[]string{"--reason", "two\nlines"}, "--reason"},
	} {
		if _, err := andon(t, append([]string{"kpi", "recompute"}, x.args...)...); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%v: got %v, want an error with %q", x.args, err, x.want)
		}
	}
}

func TestRecomputedKPIsStandTheTestUntilSomebodyTampersWithThem(t *testing.T) {
	path := keptHour(t)
	out, err := andon(t, "kpi", "recompute", "--verify")
	if !errors.Is(err, errQuiet) || !strings.Contains(out, "inputs_hash") || !strings.Contains(out, "5 KPIs recomputed") {
		t.Fatalf("verify of empty revisions: got %v and %q, want the differences", err, out)
	}
	if out, err := andon(t, "kpi", "recompute", "--reason", "they were empty"); err != nil || !strings.HasPrefix(out, "5 new revisions\n") {
		t.Fatalf("recompute: got %q, %v; want 5 new revisions", out, err)
	}
	if out, err := andon(t, "kpi", "recompute", "--verify"); err != nil || !strings.Contains(out, "5 KPIs recomputed: all as their facts say") {
		t.Fatalf("verify: got %q, %v; want all well", out, err)
	}
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`UPDATE kpis SET body = replace(body, '"good_quantity":810', '"good_quantity":811') WHERE revision = 2 AND path = ?`, productiontest.B1); err != nil {
		t.Fatal(err)
	}
	out, err = andon(t, "kpi", "recompute", "--verify")
	if want := "B1 hour 2026-03-02T08:00:00Z revision 2: good_quantity: stored 811, recomputed 810"; !errors.Is(err, errQuiet) || !strings.Contains(out, want) {
		t.Errorf("verify of a tampered row: got %v and %q, want %q", err, out, want)
	}
}

func TestKPIsOfEveryLevelAreListedFromTheRecords(t *testing.T) {
	keptHour(t)
	out, err := andon(t, "kpi", "--from", hourFrom, "--to", hourTo, "--format", "csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	oee := map[string]string{}
	for _, row := range rows[1:] {
		oee[row[0]] = row[4]
	}
	for path, want := range map[string]float64{productiontest.A1: .665552, productiontest.B1: .675, "northfield/packing/lineA": .665552, "northfield": .670713} {
		if got, err := strconv.ParseFloat(oee[path], 64); err != nil || math.Abs(got-want) > 5e-7 {
			t.Errorf("OEE of %s: got %q, want %f", path, oee[path], want)
		}
	}
	table, err := andon(t, "kpi", "--from", hourFrom, "--to", hourTo, "--window", "hour", "--revision", "all", "--equipment", productiontest.A1)
	if err != nil || !strings.Contains(table, "settled") || strings.Count(table, "\n") != 2 {
		t.Errorf("table: got %v and\n%swant the header and one revision", err, table)
	}
}
