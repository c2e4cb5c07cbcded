package engine

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/production/review"

	"github.com/google/go-cmp/cmp"
)

// said is a command of Anna's.
func said(id, verb, target, args, comment string, when plant.Instant) *plant.Command {
	return &plant.Command{ID: id, Verb: verb, Target: target, User: "Anna", Comment: comment, Time: when, Args: json.RawMessage(args)}
}

// reviewedHour is the hour, then what people say of it, and a tick each.
func (s *station) reviewedHour(commands ...*plant.Command) []plant.Message {
	msgs := s.hour()
	now := msgs[len(msgs)-1].Time
	for _, c := range commands {
		now = now.Add(1e9)
		msgs = append(msgs, plant.Message{Pos: uint64(len(msgs) + 1), Time: now, Kind: plant.KindCommand, Command: c})
		msgs = append(msgs, plant.Message{Pos: uint64(len(msgs) + 1), Time: now, Kind: plant.KindTick})
	}
	return msgs
}

func (s *station) kpi(path string) production.KPI {
	s.t.Helper()
	k, err := kpi(s.t.Context(), kpiQuery{store: s.store, prod: s.definitions(), defs: s.r.defs, equipment: s.tree.FindEquipment(path),
		window: plant.Interval{From: at(0, 0), To: at(60, 0)}, name: "hour", now: s.r.core.now})
	if err != nil {
		s.t.Fatal(err)
	}
	return k
}

func (s *station) count(query string) (n int) {
	s.t.Helper()
	if err := s.file().QueryRowContext(s.t.Context(), query).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

func closeTo(t *testing.T, what string, got production.Ratio, want float64) {
	t.Helper()
	if !got.OK || math.Abs(got.Value-want) > 5e-7 {
		t.Errorf("%s: got %s, want %.6f", what, got, want)
	}
}

// faultOfTheFiller are the two things said of the stop at 8:18:40.
func faultOfTheFiller() []*plant.Command {
	return []*plant.Command{
		said("c1", "stop.split", productiontest.A1, `{"start":"2026-03-02T08:18:40Z","at":"2026-03-02T08:21:40Z"}`, "", at(61, 0)),
		said("c2", "stop.assign", productiontest.A1, `{"start":"2026-03-02T08:21:40Z","reason":"changeover"}`, "", at(61, 0)),
	}
}

func TestALateLabResultChangesTheRecordsKPIsAndLeavesTheCounts(t *testing.T) {
	t.Parallel()
	s := newStation(t, "moulding")
	msgs := s.reviewedHour(said("lab", "count.adjust", productiontest.B1,
		`{"from":"2026-03-02T08:00:00Z","to":"2026-03-02T09:00:00Z","scrap":10}`, "lab", at(61, 0)))
	s.feed(msgs[:len(msgs)-2], 50)
	before := s.rows()
	closeTo(t, "OEE before", s.kpi(productiontest.B1).OEEIndex, .675)
	s.feed(msgs, 50)
	k := s.kpi(productiontest.B1)
	closeTo(t, "quality", k.QualityRatio, .938967)
	closeTo(t, "OEE", k.OEEIndex, 2400.0/3600)
	if diff := cmp.Diff(before, s.rows()); diff != "" {
		t.Errorf("base records (-before +after):\n%s", diff)
	}
	dirty, err := s.store.DirtyTime(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, d := range dirty {
		found = found || d.Equipment == productiontest.B1 && d.Why == "Anna: 10 scrap added at B1 from 09:00:00 to 10:00:00 (lab)" && d.Start == at(0, 0) && d.End == at(60, 0)
	}
	if !found {
		t.Errorf("changed time: got %+v, want the hour with who and why", dirty)
	}
	for _, l := range s.present() {
		if l.Equipment.Path == productiontest.B1 && l.Line == nil && l.Good() != k.Quantities.Good {
			t.Errorf("live: got %d good, want %d", l.Good(), k.Quantities.Good)
		}
	}
}

func TestSplittingAStopReachesRecordsScreensAndPoints(t *testing.T) {
	t.Parallel()
	s := newStation(t, "packing")
	s.feed(s.reviewedHour(faultOfTheFiller()...), 50)
	s.commit(true)
	k := s.kpi(productiontest.A1)
	closeTo(t, "OEE", k.OEEIndex, 1990.0/2990)
	if k.Failures != 1 || k.DowntimeByReason["E-204"] != 180e9 || k.DowntimeByReason["changeover"] != 540e9 || k.Waterfall.Setup != 540e9 {
		t.Errorf("got %d failures, %v; want 1, 180 s of E-204 and 540 s of changeover", k.Failures, k.DowntimeByReason)
	}
	all := points(t, s.derived())
	stops := all["stop,area=packing,equipment=A1,line=lineA,site=northfield"]
	first, second := stops[at(18, 40)], stops[at(21, 40)]
	if first["duration_s"] != 180.0 || second["duration_s"] != 180.0 || second["reason"] != "changeover" || second["void"] != false {
		t.Errorf("stop points: got %v and %v, want the two parts", first, second)
	}
	minute := all["production,area=packing,equipment=A1,level=equipment,line=lineA,site=northfield"][at(22, 0)]
	if minute["setup_s"] != 60.0 || minute["fault_s"] != 0.0 {
		t.Errorf("minute point: got %v, want 60 s of setup", minute)
	}
	if n := s.count(`SELECT COUNT(*) FROM edits`); n != 2 {
		t.Errorf("edits: got %d rows, want 2", n)
	}
}

func TestUndoingASplitTakesItsPointsBack(t *testing.T) {
	t.Parallel()
	s := newStation(t, "packing")
	s.feed(s.reviewedHour(append(faultOfTheFiller(), said("c3", "stop.undo", productiontest.A1, `{"edit":"c1"}`, "", at(62, 0)))...), 50)
	s.commit(true)
	stops := points(t, s.derived())["stop,area=packing,equipment=A1,line=lineA,site=northfield"]
	if first, second := stops[at(18, 40)], stops[at(21, 40)]; first["duration_s"] != 360.0 || second["void"] != true {
		t.Errorf("stop points: got %v and %v, want the whole and a void part", first, second)
	}
	if k := s.kpi(productiontest.A1); k.DowntimeByReason["E-204"] != 360e9 {
		t.Errorf("downtime: got %v, want 360 s of E-204", k.DowntimeByReason)
	}
}

func TestARestartBetweenEditsLeavesTheSameRows(t *testing.T) {
	t.Parallel()
	rows := func(s *station) string {
		out := s.rows()
		db := s.file()
		got, err := db.QueryContext(t.Context(), `SELECT seq, id, pos, body FROM edits ORDER BY seq`)
		if err != nil {
			t.Fatal(err)
		}
		defer got.Close()
		for got.Next() {
			var seq, pos int
			var id, body string
			if err := got.Scan(&seq, &id, &pos, &body); err != nil {
				t.Fatal(err)
			}
			out += fmt.Sprintln("edit", seq, id, pos, body)
		}
		return out
	}
	whole := newStation(t, "packing")
	msgs := whole.reviewedHour(faultOfTheFiller()...)
	whole.feed(msgs, 50)
	whole.commit(true)
	want, kpis := rows(whole), whole.kpi(productiontest.A1)
	for _, cut := range []int{len(msgs) - 1, len(msgs) - 2, len(msgs) - 3, len(msgs) - 5} {
		s := newStation(t, "packing")
		s.feed(msgs[:cut], 50)
		s.restart() // without a last snapshot: part of the stream comes again
		s.feed(msgs, 50)
		s.commit(true)
		if diff := cmp.Diff(want, rows(s)); diff != "" {
			t.Errorf("cut at %d (-whole +cut):\n%s", cut, diff)
		}
		if diff := cmp.Diff(kpis, s.kpi(productiontest.A1)); diff != "" {
			t.Errorf("cut at %d, KPIs (-whole +cut):\n%s", cut, diff)
		}
		edits, err := readEdits(must(s.store.EditsUpTo(t.Context(), s.area.Path, 1<<62)))
		if err != nil || review.Verify(edits) != nil {
			t.Errorf("chain: got %v, %v", err, review.Verify(edits))
		}
	}
}

func TestTamperingWithEditsIsToldAndTheEngineGoesOn(t *testing.T) {
	t.Parallel()
	s := newStation(t, "packing")
	msgs := s.reviewedHour(faultOfTheFiller()...)
	s.feed(msgs[:len(msgs)-2], 50)
	s.exec(`UPDATE edits SET body = replace(body, 'Anna', 'Otto')`)
	s.restart()
	if n := s.log.count("ERROR edits in the records were changed by other than andon"); n != 1 {
		t.Errorf("log: got the tampering told %d times, want once", n)
	}
	s.feed(msgs, 50)
	if n := s.count(`SELECT COUNT(*) FROM edits`); n != 2 {
		t.Errorf("edits: got %d, want 2", n)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
