package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/production/review"
	"andon/store"
)

// decade puts n stops of all equipment in turn into the records, ten seconds
// apart; only the first needs a reason, and people split and assigned one
// stop of the filler in 50.
func decade(t *testing.T, n int) (*Desk, *store.Store, plant.Instant) {
	t.Helper()
	tree := Northfield(t)
	s, _ := OpenStore(t)
	d := NewDesk(NorthfieldConfig().Production, tree, s)
	book := review.NewBook(d.defs, tree.FindArea("packing"))
	c := store.Commit{Area: "northfield/packing", Pos: 1, Time: at(0, 0)}
	all := tree.Equipment()
	for i := range n {
		from := at(0, 10*i)
		x := production.Stop{ID: fmt.Sprintf("s%06d", i), From: from, To: from.Add(20 * time.Second), State: plant.StateFault, Loss: production.LossFault,
			Reason: "E-204", ReasonName: "E-204", ReasonSource: "signal", Category: production.CategoryFault, Failure: true, Shift: "Early"}
		if i == 0 {
			x.Reason, x.ReasonSource = "fault", "state"
		}
		eq := all[i%len(all)].Path
		c.Stops = append(c.Stops, store.Stop{ID: x.ID, Equipment: eq, Start: x.From, End: x.To, State: "fault", Category: "fault", Body: jsonOf(t, x)})
		if eq == productiontest.A1 && i%(50*len(all)) == 0 && i > 0 {
			ref := fmt.Sprintf(`{"stop":%q,"start":%q,"at":%q}`, x.ID, x.From, x.From.Add(10*time.Second))
			cmd := plant.Command{ID: "c" + x.ID, Verb: "stop.split", Target: eq, User: "Anna", Time: x.To, Args: json.RawMessage(ref)}
			if err := book.Command(x.To, uint64(i), cmd); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, e := range book.Drain() {
		c.Edits = append(c.Edits, store.Edit{Seq: e.Seq, ID: e.ID, Pos: e.Pos, Time: e.Time, Equipment: e.Equipment, Start: e.From, End: e.To,
			Kind: string(e.Kind), User: e.User, Body: jsonOf(t, e)})
	}
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return d, s, at(0, 10*n)
}

func jsonOf(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAListGoesThroughADecadeOfStopsInBoundedSteps(t *testing.T) {
	t.Parallel()
	const n = 100_000
	d, _, now := decade(t, n)
	a1 := []*plant.Equipment{d.tree.FindEquipment(productiontest.A1)}
	for _, c := range []struct {
		name    string
		q       StopQuery
		answers int
		want    int
	}{
		{"the latest", StopQuery{Limit: 100}, 1, 100},
		{"the oldest", StopQuery{Window: plant.Interval{To: at(1, 0)}, Limit: 100}, 1, 6},
		{"those of one equipment in an hour long ago", StopQuery{Equipment: a1, Window: plant.Interval{From: at(60, 0), To: at(120, 0)}, Limit: 100}, 1, 52},
		{"those that need a reason", StopQuery{NeedsReason: true, Limit: 100}, n/maxLookedAt + 1, 1},
		{"those that need a reason of one equipment", StopQuery{NeedsReason: true, Equipment: a1, Limit: 100}, n/maxLookedAt/7 + 1, 1},
		{"those of an old hour by cost", StopQuery{Window: plant.Interval{From: at(60, 0), To: at(120, 0)}, Sort: SortCost, Limit: 500}, 1, 362},
	} {
		c.q.Now = now
		found, answers, longest := 0, 0, time.Duration(0)
		for {
			begun := time.Now()
			page, err := d.Stops(t.Context(), c.q)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			longest = max(longest, time.Since(begun))
			found, answers, c.q.Cursor = found+len(page.Stops), answers+1, page.Next
			if page.Next == "" || c.q.Limit == found || answers > n/maxLookedAt {
				break
			}
		}
		t.Logf("%s: %d stops in %d answers, the longest took %s", c.name, found, answers, longest)
		if found != c.want || answers != c.answers {
			t.Errorf("%s: got %d stops in %d answers, want %d in %d", c.name, found, answers, c.want, c.answers)
		}
	}
	if _, err := d.Stops(t.Context(), StopQuery{Sort: SortCost, Limit: 100, Now: now}); !errors.Is(err, ErrTooManyStops) {
		t.Errorf("the costliest of all: got %v, want ErrTooManyStops", err)
	}
}
