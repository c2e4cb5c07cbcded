package engine

import (
	"strings"
	"testing"

	"andon/production/productiontest"
)

const tampered = "ERROR edits in the records were changed by other than andon"

// chain checks the edits of the station's area from the records.
func (s *station) chain() Chain {
	s.t.Helper()
	all, err := NewDesk(NorthfieldConfig().Production, s.tree, s.store).Chains(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range all {
		if c.Area == s.area.Path {
			return c
		}
	}
	s.t.Fatalf("no chain of %s", s.area.Path)
	return Chain{}
}

func TestAnEditThatIsMisfiledIsNamed(t *testing.T) {
	t.Parallel()
	s := newStation(t, "packing")
	s.feed(s.reviewedHour(faultOfTheFiller()...), 50)
	s.commit(true)
	if c := s.chain(); c.Broken != "" || c.Edits != 2 {
		t.Fatalf("before: got %+v, want two edits in a whole chain", c)
	}
	for column, change := range map[string][2]string{
		"equipment": {"'northfield/packing/lineA/A2'", "'" + productiontest.A1 + "'"},
		"start":     {"start + 1", "start - 1"}, "end": {"end + 1", "end - 1"}, "time": {"time + 1", "time - 1"}, "pos": {"pos + 1", "pos - 1"},
		"kind": {"'comment'", "'assign'"}, "user": {"'Otto'", "'Anna'"}, "id": {"'c9'", "'c2'"},
	} {
		s.exec(`UPDATE edits SET ` + column + ` = ` + change[0] + ` WHERE seq = 2`)
		if c := s.chain(); !strings.Contains(c.Broken, "edit 2 (c2)") || !strings.Contains(c.Broken, "column "+column) {
			t.Errorf("%s: got %q, want edit 2 and the column named", column, c.Broken)
		}
		told := s.log.count(tampered)
		s.restart()
		if s.log.count(tampered) != told+1 {
			t.Errorf("%s: got no word of it at the start", column)
		}
		s.exec(`UPDATE edits SET ` + column + ` = ` + change[1] + ` WHERE seq = 2`)
	}
	if c := s.chain(); c.Broken != "" {
		t.Errorf("put right: got %q, want it whole", c.Broken)
	}
	s.exec(`UPDATE edits SET end = end + 1 WHERE seq = 2`)
	audit, err := NewDesk(NorthfieldConfig().Production, s.tree, s.store).Edits(t.Context(), EditQuery{Path: productiontest.A1, Limit: 10})
	if err != nil || len(audit.Edits) != 2 || audit.Edits[0].Broken != "" || !strings.Contains(audit.Edits[1].Broken, "column end") {
		t.Errorf("audit: got %+v, %v; want the second edit marked", audit, err)
	}
}

func TestEditsCutOffAtTheEndAreMissedForGood(t *testing.T) {
	t.Parallel()
	s := newStation(t, "packing")
	msgs := s.reviewedHour(faultOfTheFiller()...)
	s.feed(msgs, 50)
	s.commit(true)
	s.exec(`DELETE FROM edits WHERE seq = 2`)
	missed := func(when string) {
		t.Helper()
		if c := s.chain(); !strings.Contains(c.Broken, "edit 2: it was the last one once") {
			t.Errorf("%s: got %q, want the last edit missed", when, c.Broken)
		}
	}
	missed("cut off")
	s.restart()
	if n := s.log.count(tampered); n != 1 {
		t.Errorf("log: got the loss told %d times, want once", n)
	}
	msgs = saidThen(msgs, said("c3", "stop.comment", productiontest.A1, `{"start":"2026-03-02T08:18:40Z"}`, "and on", 0))
	s.feed(msgs, 50)
	s.commit(true)
	missed("after another edit and a snapshot")
	s.restart()
	s.commit(true)
	missed("after another start")
}
