package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/store"
)

// A keeper revises the KPIs of a station when the test says so.
type keeper struct {
	*station
	v         *reviser
	asItComes bool // as a daemon that is never busy
}

func newKeeper(t *testing.T, area string) *keeper {
	t.Helper()
	k := &keeper{station: newStation(t, area)}
	k.begin()
	return k
}

// newFillerKeeper is one of a line that is the filler alone: for days on end,
// where it is not the size that matters.
func newFillerKeeper(t *testing.T) *keeper {
	t.Helper()
	c := productiontest.Plant()
	c.Areas[0].Lines[0].Equipment = c.Areas[0].Lines[0].Equipment[:1]
	tree, err := plant.NewTree(c)
	if err != nil {
		t.Fatal(err)
	}
	k := &keeper{station: newStationIn(t, tree, "packing")}
	k.begin()
	return k
}

// begin is a new process.
func (k *keeper) begin() {
	k.t.Helper()
	k.restart()
	kpis, err := NewKPIs(k.r.o.Config.Production, k.tree, k.store)
	if err != nil {
		k.t.Fatal(err)
	}
	k.v = newReviser(Options{Config: k.r.o.Config, Bus: k.bus, Store: k.store, Log: slog.New(k.log), Metrics: NewMetrics(prometheus.NewRegistry())}, kpis,
		func(area *plant.Area) (plant.Instant, bool) {
			if area == k.area {
				return plant.Instant(k.r.asOf.Load()), true
			}
			return 0, true
		})
	if k.asItComes {
		k.r.look = func(context.Context, patience) { k.revise() }
	}
}

// revise works until nothing is left to do.
func (k *keeper) revise() {
	k.t.Helper()
	for more := true; more; {
		var err error
		if more, _, err = k.v.round(k.t.Context()); err != nil {
			k.t.Fatal(err)
		}
	}
}

// until goes on with ticks up to a time.
func (k *keeper) until(msgs []plant.Message, end plant.Instant) []plant.Message {
	for now := msgs[len(msgs)-1].Time.Add(time.Minute); now <= end; now = now.Add(time.Minute) {
		msgs = append(msgs, plant.Message{Pos: uint64(len(msgs) + 1), Time: now, Kind: plant.KindTick})
	}
	return msgs
}

// revisions returns all revisions of a path and kind.
func (k *keeper) revisions(path, kind string) []store.KPI {
	k.t.Helper()
	all, err := k.store.KPIs(k.t.Context(), store.KPIFilter{Path: path, Window: kind, Revision: -1})
	if err != nil {
		k.t.Fatal(err)
	}
	return all
}

// told is what failures print of revisions.
func told(all []store.KPI) string {
	var b strings.Builder
	for _, k := range all {
		fmt.Fprintf(&b, "\n%s %s %s revision %d: %s", k.Path, k.Window, k.Start, k.Revision, k.Why)
	}
	return b.String()
}

// wantHour checks figures of one revision.
func (k *keeper) wantHour(r store.KPI, oee, quality float64) {
	k.t.Helper()
	var got struct {
		OEE     float64 `json:"oee_index"`
		Quality float64 `json:"quality_ratio"`
	}
	if err := json.Unmarshal(r.Body, &got); err != nil {
		k.t.Fatal(err)
	}
	if math.Abs(got.OEE-oee) > 5e-7 || math.Abs(got.Quality-quality) > 5e-7 {
		k.t.Errorf("%s, revision %d: got OEE %f and quality %f, want %f and %f", r.Path, r.Revision, got.OEE, got.Quality, oee, quality)
	}
}

// lab says at 11:00 that 10 more of the moulder's units were scrap.
func lab(pos int) plant.Message {
	c := said("lab", "count.adjust", productiontest.B1, `{"from":"2026-03-02T08:00:00Z","to":"2026-03-02T09:00:00Z","scrap":10}`, "lab", at(180, 0))
	return plant.Message{Pos: uint64(pos), Time: at(180, 0), Kind: plant.KindCommand, Command: c}
}

func TestALateLabResultMakesASecondRevisionAndTheFirstStays(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "moulding")
	msgs := k.until(k.hour(), at(179, 0))
	k.feed(msgs, 100)
	k.revise()
	first := k.revisions(productiontest.B1, production.WindowHour)
	if len(first) == 0 || first[0].Start != at(0, 0) || first[0].Revision != 1 {
		t.Fatalf("revisions once the hour has settled: got %s, want one of the first hour", told(first))
	}
	k.wantHour(first[0], .675, .950704)
	msgs = k.until(append(msgs, lab(len(msgs)+1)), at(182, 0))
	k.feed(msgs, 100)
	k.revise()
	all := k.revisions(productiontest.B1, production.WindowHour)
	if len(all) != len(first)+1 || all[1].Revision != 2 || all[1].Why != "Anna: 10 scrap added at B1 from 09:00:00 to 10:00:00 (lab)" {
		t.Fatalf("revisions after the lab's word: got %s, want a second one of the first hour alone that says why", told(all))
	}
	k.wantHour(all[0], .675, .950704)
	k.wantHour(all[1], .666667, .938967)
	point := points(t, k.derived())["kpi,area=moulding,equipment=B1,level=equipment,line=lineB,site=northfield,window=hour"][at(0, 0)]
	if point["revision"] != int64(2) || math.Abs(point["oee"].(float64)-.666667) > 5e-7 {
		t.Errorf("point of the hour: got %v, want that of revision 2", point)
	}
	k.revise()
	if again := k.revisions(productiontest.B1, production.WindowHour); len(again) != len(all) {
		t.Errorf("revised once more: got %d revisions, want %d", len(again), len(all))
	}
}

func TestARevisionAfterTheSignOffIsACorrection(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "moulding")
	msgs := k.until(k.hour(), at(170, 0))
	sign := said("sign", "stop.sign_off", productiontest.B1, `{"from":"2026-03-02T08:00:00Z","to":"2026-03-02T09:00:00Z"}`, "", at(171, 0))
	msgs = append(msgs, plant.Message{Pos: uint64(len(msgs) + 1), Time: at(171, 0), Kind: plant.KindCommand, Command: sign})
	k.feed(msgs, 100)
	k.revise()
	// The hour was kept at its end and 15 minutes; here all is done at once.
	if _, err := k.file().Exec(`UPDATE kpis SET time = ?`, int64(at(75, 0))); err != nil {
		t.Fatal(err)
	}
	k.feed(k.until(append(msgs, lab(len(msgs)+1)), at(182, 0)), 100)
	k.revise()
	all, err := k.v.kpis.Select(t.Context(), Selection{Path: productiontest.B1, Window: production.WindowHour, Revision: AllRevisions,
		Span: plant.Interval{From: at(0, 0), To: at(60, 0)}})
	if err != nil || len(all) != 2 || all[0].Standing != Final || all[1].Standing != Correction {
		t.Errorf("got %+v, %v; want the final revision and a correction", len(all), err)
	}
}

func TestAPlantThatStartsIn1970KeepsNoKPIsOfTheYearsBetween(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "packing")
	msgs := k.fault()
	for i := range msgs {
		msgs[i].Time = msgs[i].Time.Add(-56 * 365 * 24 * time.Hour)
		for j := range msgs[i].Samples {
			msgs[i].Samples[j].Time = msgs[i].Samples[j].Time.Add(-56 * 365 * 24 * time.Hour)
		}
	}
	for range 2 { // a leap needs a second message
		msgs = append(msgs, plant.Message{Pos: uint64(len(msgs) + 1), Time: at(180, 0), Kind: plant.KindTick})
	}
	k.feed(k.until(msgs, at(181, 0)), 20)
	k.commit(true)
	jobs, err := k.v.over(t.Context(), pending{})
	if err != nil || len(jobs) == 0 {
		t.Fatalf("windows without a revision: got %d, %v; want those of the last month", len(jobs), err)
	}
	for _, j := range jobs {
		if j.window.From < at(180, 0).Add(-longestPause-24*time.Hour) {
			t.Fatalf("got the %s of %s, want the last month only", j.kind, j.window.From)
		}
	}
}
