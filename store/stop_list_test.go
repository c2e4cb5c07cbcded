package store_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/store"
)

// years are n stops of five equipment in turn, a minute apart.
func years(t *testing.T, s *store.Store, n int) {
	t.Helper()
	c := store.Commit{Area: "packing", Pos: 1, Time: minute(n)}
	for i := range n {
		c.Stops = append(c.Stops, store.Stop{ID: fmt.Sprintf("s%06d", i), Equipment: fmt.Sprintf("northfield/packing/lineA/A%d", i%5), Start: minute(i),
			End: minute(i).Add(20 * time.Second), State: "fault", Category: "fault", Body: []byte(`{}`)})
	}
	commit(t, s, c)
}

// plan is how SQLite would answer a query.
func plan(t *testing.T, path, query string) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id, parent, unused int
		var text string
		if err := rows.Scan(&id, &parent, &unused, &text); err != nil {
			t.Fatal(err)
		}
		out = append(out, text)
	}
	return strings.Join(out, "\n")
}

func TestListsOfStopsReadTheirIndexAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "andon.db")
	open(t, path)
	for query, want := range map[string]string{
		`SELECT start FROM stops WHERE equipment = 'a' AND void = 0 AND start < 9 ORDER BY start DESC LIMIT 9`: "SEARCH stops USING COVERING INDEX stops_of_equipment (equipment=? AND start<?)",
		`SELECT start FROM stops WHERE void = 0 AND start < 9 ORDER BY start DESC LIMIT 9`:                     "SEARCH stops USING COVERING INDEX stops_began (start<?)",
		`SELECT id FROM stops WHERE equipment = 'a' AND void = 0 AND start < 9 AND start >= 3`:                 "SEARCH stops USING COVERING INDEX stops_of_equipment (equipment=? AND start>? AND start<?)",
		`SELECT equipment FROM stops WHERE void = 0 AND start >= 3 AND start < 9`:                              "SEARCH stops USING COVERING INDEX stops_began (start>? AND start<?)",
		`SELECT body FROM edits WHERE equipment = 'a' AND start < 9 AND end >= 3`:                              "SEARCH edits USING INDEX edits_by_equipment (equipment=? AND start<?)",
	} {
		if got := plan(t, path, query); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", query, got, want)
		}
	}
}

func TestALookBackCountsTheStopsOfSomeEquipmentOnly(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "andon.db"))
	years(t, s, 100)
	a1, a2 := "northfield/packing/lineA/A1", "northfield/packing/lineA/A2"
	for _, c := range []struct {
		equipment []string
		before    plant.Instant
		n, want   int
		from      plant.Instant
	}{
		{[]string{a1}, minute(100), 3, 3, minute(86)},
		{[]string{a1, a2}, minute(100), 3, 3, minute(92)},
		{[]string{a1}, minute(11), 9, 2, minute(1)}, // the stop at 11 is not before 11
		{[]string{a1}, minute(1), 9, 0, 0},
		{nil, minute(100), 9, 0, 0},
		{make([]string, 40), minute(100), 3, 3, minute(97)}, // of so many all are looked at
	} {
		from, found, err := s.StopsBack(t.Context(), c.equipment, c.before, c.n)
		if err != nil || found != c.want || from != c.from {
			t.Errorf("%d of %d equipment before %s: got %d from %s, %v; want %d from %s", c.n, len(c.equipment), c.before, found, from, err, c.want, c.from)
		}
	}
}

func TestAStopThatBeganBeforeReachesIntoTheTime(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "andon.db"))
	stop := func(id string, from, to int, void bool) store.Stop {
		x := store.Stop{ID: id, Equipment: a1, Start: minute(from), State: "fault", Category: "fault", Void: void, Body: []byte(`{}`)}
		if to > 0 {
			x.End = minute(to)
		}
		return x
	}
	commit(t, s, store.Commit{Area: "packing", Pos: 1, Time: minute(90), Stops: []store.Stop{stop("early", 1, 9, false), stop("long", 10, 60, false),
		stop("taken back", 30, 40, true), stop("lasts", 70, 0, false)}})
	for _, c := range []struct {
		from, to int
		want     string
	}{{0, 1, ""}, {0, 2, "early"}, {9, 10, ""}, {20, 50, "long"}, {59, 71, "long lasts"}, {60, 70, ""}, {99, 100, "lasts"}, {5, 99, "early long lasts"}} {
		got, err := s.StopsOf(t.Context(), a1, plant.Interval{From: minute(c.from), To: minute(c.to)})
		var ids []string
		for _, x := range got {
			ids = append(ids, x.ID)
		}
		if strings.Join(ids, " ") != c.want || err != nil {
			t.Errorf("minutes %d to %d: got %q, %v; want %q", c.from, c.to, ids, err, c.want)
		}
	}
}
