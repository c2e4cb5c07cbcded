package engine_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"andon/engine"
	"andon/engine/recording"
	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

const line1 = `{"tag":"` + productiontest.A1 + `/state","ts":"2026-03-02T08:00:00Z","value":6`

// replay replays lines of a recording.
func replay(t *testing.T, lines []string) (*engine.Report, error) {
	t.Helper()
	tree := engine.Northfield(t)
	records, _ := engine.OpenStore(t)
	return engine.Replay(t.Context(), engine.ReplayOptions{Config: engine.NorthfieldConfig(), Tree: tree, Store: records,
		Samples: recording.New(strings.NewReader(strings.Join(lines, "")), tree)})
}

func mustReplay(t *testing.T, lines []string) *engine.Report {
	t.Helper()
	r, err := replay(t, lines)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func theHour(t *testing.T) []plant.Sample {
	return productiontest.Northfield(engine.Northfield(t), productiontest.Start)
}

func linesOf(t *testing.T, samples []plant.Sample) []string {
	lines := bytes.SplitAfter(engine.Recorded(t, samples), []byte("\n"))
	out := make([]string, 0, len(lines))
	for _, l := range lines {
		out = append(out, string(l))
	}
	return out
}

// same compares reports; equipment is known by its path.
func same(t *testing.T, want, got *engine.Report) {
	t.Helper()
	opts := gocmp.Options{cmpopts.IgnoreFields(production.Stop{}, "Equipment"), cmpopts.EquateComparable(plant.Value{})}
	if diff := gocmp.Diff(want, got, opts...); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

func TestTwoReplaysOfOneHourGiveOneReport(t *testing.T) {
	t.Parallel()
	lines := linesOf(t, theHour(t))
	want := mustReplay(t, lines)
	if len(want.Stops) == 0 || len(want.Alarms) == 0 || len(want.KPIs) == 0 || want.Covers.Duration() != time.Hour {
		t.Fatalf("report: got %d stops, %d alarms, %d KPIs over %v; want some of each over an hour",
			len(want.Stops), len(want.Alarms), len(want.KPIs), want.Covers)
	}
	same(t, want, mustReplay(t, lines))
}

func TestTheOrderOfTagsAtOneTimeDoesNotMatter(t *testing.T) {
	t.Parallel()
	samples := theHour(t)
	want := mustReplay(t, linesOf(t, samples))
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(samples), func(i, j int) { samples[i], samples[j] = samples[j], samples[i] })
	slices.SortStableFunc(samples, func(a, b plant.Sample) int { return cmp.Compare(a.Time, b.Time) })
	same(t, want, mustReplay(t, linesOf(t, samples)))
}

func TestASampleFiveMinutesLateChangesNeitherStopsNorKPIs(t *testing.T) {
	t.Parallel()
	samples := theHour(t)
	want := mustReplay(t, linesOf(t, samples))
	fault := productiontest.Start.Add(18*time.Minute + 40*time.Second)
	i := slices.IndexFunc(samples, func(s plant.Sample) bool { return s.Tag.Path == productiontest.A1+"/state" && s.Time == fault })
	late := samples[i]
	samples = slices.Delete(samples, i, i+1)
	j := slices.IndexFunc(samples, func(s plant.Sample) bool { return s.Time > fault.Add(5*time.Minute) })
	got := mustReplay(t, linesOf(t, slices.Insert(samples, j, late)))
	if got.Unused.OutOfOrder != 1 || got.Unused.TooLate != 0 {
		t.Errorf("unused: got %+v, want one out of order", got.Unused)
	}
	want.Alarms, got.Alarms = nil, nil // people were called later
	got.Unused = want.Unused
	same(t, want, got)
}

func TestAJumpOverAYearIsRefused(t *testing.T) {
	_, err := replay(t, append(linesOf(t, theHour(t)[:50]), strings.Replace(line1, "2026", "2062", 1)+"}\n"))
	if err == nil || !strings.Contains(err.Error(), productiontest.A1+"/state") || !strings.Contains(err.Error(), "2062") {
		t.Errorf("got %v, want an error that names the tag and the time", err)
	}
}

func TestASampleOfAClockThatWasNeverSetIsNotWhatTheReportCovers(t *testing.T) {
	t.Parallel()
	lines := linesOf(t, theHour(t))
	want := mustReplay(t, lines)
	got := mustReplay(t, append(lines[:len(lines):len(lines)], strings.Replace(line1, "2026", "1970", 1)+"}\n"))
	if u := got.Unused; u.TooLate != 1 || u.OutOfOrder != 1 {
		t.Errorf("unused: got %+v, want one too late and out of order", u)
	}
	got.Unused = want.Unused
	same(t, want, got)
}

func TestAReplayEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tree := engine.Northfield(t)
	records, _ := engine.OpenStore(t)
	_, err := engine.Replay(ctx, engine.ReplayOptions{Config: engine.NorthfieldConfig(), Tree: tree, Store: records,
		Samples: recording.New(bytes.NewReader(engine.Recorded(t, theHour(t))), tree)})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}
