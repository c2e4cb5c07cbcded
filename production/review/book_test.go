package review_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/production/review"
)

// chained is a chain of some edits.
func chained(t testing.TB, n int) []review.Edit {
	t.Helper()
	d, tree := definitions(t)
	b := review.NewBook(d, tree.FindArea("packing"))
	for i := range n {
		args := fmt.Sprintf(`{"start":%q,"reason":"no_operator"}`, at(18, 40+i))
		cmd := plant.Command{ID: fmt.Sprintf("c%d", i), Verb: "stop.assign", Target: productiontest.A1, User: "Anna", Time: later, Args: json.RawMessage(args)}
		if err := b.Command(later, uint64(i+1), cmd); err != nil {
			t.Fatal(err)
		}
	}
	return b.Drain()
}

func TestAChainShowsWhereItWasTamperedWith(t *testing.T) {
	whole := chained(t, 8)
	if err := review.Verify(whole); err != nil {
		t.Fatalf("whole chain: %v", err)
	}
	rapid.Check(t, func(t *rapid.T) {
		edits := append([]review.Edit(nil), whole...)
		i := rapid.IntRange(0, len(edits)-2).Draw(t, "edit")
		e := &edits[i]
		how := rapid.SampledFrom([]string{"user", "comment", "time", "reason", "target", "seq", "hash", "prev", "remove", "swap", "insert"}).Draw(t, "how")
		switch how {
		case "user":
			e.User = "Ben"
		case "comment":
			e.Comment += "."
		case "time":
			e.Time++
		case "reason":
			e.Args.Reason = "cleaning"
		case "target":
			e.Equipment = productiontest.A2
		case "seq":
			e.Seq++
		case "hash":
			e.Hash = strings.Repeat("0", 64)
		case "prev":
			e.Prev = e.Hash
		case "remove":
			edits = append(edits[:i], edits[i+1:]...)
		case "swap":
			edits[i], edits[i+1] = edits[i+1], edits[i]
		case "insert":
			edits = append(edits[:i], append([]review.Edit{edits[i]}, edits[i:]...)...)
		}
		var broken *review.BrokenError
		if err := review.Verify(edits); !errors.As(err, &broken) {
			t.Fatalf("%s of edit %d: got %v, want where the chain is broken", how, i+1, err)
		} else if want := edits[min(i, len(edits)-1)].Seq; how != "insert" && broken.Seq != want {
			t.Fatalf("%s of edit %d: got the break at %d, want %d", how, i+1, broken.Seq, want)
		}
	})
}

func TestABookGoesOnWhereItsEditsEnd(t *testing.T) {
	want := chained(t, 6)
	d, tree := definitions(t)
	b := review.NewBook(d, tree.FindArea("packing"))
	var kept []review.Edit // as the records keep them
	for _, e := range want[:3] {
		body, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var back review.Edit
		if err := json.Unmarshal(body, &back); err != nil {
			t.Fatal(err)
		}
		kept = append(kept, back)
	}
	if err := b.Load(kept); err != nil {
		t.Fatal(err)
	}
	for i := range 6 { // the stream comes again from its start
		args := fmt.Sprintf(`{"start":%q,"reason":"no_operator"}`, at(18, 40+i))
		if err := b.Command(later, uint64(i+1), plant.Command{ID: fmt.Sprintf("c%d", i), Verb: "stop.assign", Target: productiontest.A1,
			User: "Anna", Time: later, Args: json.RawMessage(args)}); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.Drain(); !reflect.DeepEqual(got, want[3:]) {
		t.Errorf("after the restart: got %+v, want %+v", got, want[3:])
	}
}

func TestCommandsThatMakeNoSenseAreRefused(t *testing.T) {
	r := newRoom(t, "packing")
	fault := review.Ref{Start: at(18, 40)}
	n := int64(5)
	for field, c := range map[string]struct {
		verb, target, comment string
		args                  review.CommandArgs
	}{
		"verb":     {"stop.explode", productiontest.A1, "", review.CommandArgs{}},
		"target":   {"stop.comment", productiontest.B1, "x", review.CommandArgs{Ref: fault}},
		"start":    {"stop.assign", productiontest.A1, "", review.CommandArgs{Reason: "staff"}},
		"reason":   {"stop.assign", productiontest.A1, "", review.CommandArgs{Ref: fault, Reason: "staff"}},
		"comment":  {"stop.assign", productiontest.A1, "", review.CommandArgs{Ref: fault, Reason: "audit"}},
		"at":       {"stop.split", productiontest.A1, "", review.CommandArgs{Ref: fault, At: at(18, 44)}},
		"stops":    {"stop.merge", productiontest.A1, "", review.CommandArgs{Stops: []review.Ref{fault}}},
		"edit":     {"stop.undo", productiontest.A1, "", review.CommandArgs{Edit: "nothing"}},
		"from":     {"stop.sign_off", productiontest.A1, "", review.CommandArgs{}},
		"scrap":    {"count.adjust", productiontest.A1, "", review.CommandArgs{From: at(0, 0), To: at(1, 0)}},
		"produced": {"count.adjust", productiontest.A1, "", review.CommandArgs{From: at(0, 0), To: at(1, 0), Adjustment: review.Adjustment{Scrap: 1, Good: &n, Produced: &n}}},
	} {
		var refused *review.RefusedError
		if err := r.say(c.verb, c.target, c.args, c.comment); !errors.As(err, &refused) || refused.Field != field {
			t.Errorf("%s of %+v: got %v, want it refused for %s", c.verb, c.args, err, field)
		}
	}
	retired := review.CommandArgs{Ref: fault, Reason: "old"}
	if err := r.say("stop.assign", productiontest.A1, retired, ""); err == nil || !strings.Contains(err.Error(), "not valid") {
		t.Errorf("a retired reason: got %v, want it refused", err)
	}
	if err := r.book.Command(later, 1, plant.Command{ID: "x", Verb: "stop.comment", Target: productiontest.A1, Comment: "x", Args: json.RawMessage(`{"start":"2026-03-02T08:00:00Z"}`)}); err == nil {
		t.Error("nobody's command: got it taken")
	}
	if got := r.book.Drain(); len(got) != 0 {
		t.Errorf("book: got %d edits, want none", len(got))
	}
}

func TestOneCommandExplainsManyStopsAndIsUndoneAsOne(t *testing.T) {
	r := newRoom(t, "packing")
	before := r.apply(productiontest.A1)
	r.must("stop.assign", productiontest.A1, review.CommandArgs{Reason: "no_operator", Stops: []review.Ref{{Start: at(10, 0)}, {Start: at(18, 40)},
		{Equipment: productiontest.A3, Start: at(50, 0)}}})
	edits := r.book.Drain()
	if len(edits) != 3 || edits[2].Equipment != productiontest.A3 || edits[0].Command != edits[2].Command {
		t.Fatalf("edits: got %+v, want three of one command", edits)
	}
	if s := stopAt(t, r.apply(productiontest.A3), at(50, 0)); s.Reason != "no_operator" {
		t.Errorf("labeller: got %s, want no_operator", s.Reason)
	}
	r.must("stop.undo", productiontest.A1, review.CommandArgs{Edit: edits[0].Command})
	if got := r.apply(productiontest.A1); !reflect.DeepEqual(got.Stops, before.Stops) {
		t.Error("after undo: got other stops than before")
	}
	if n := len(r.book.Drain()); n != 3 {
		t.Errorf("undo: got %d edits, want 3", n)
	}
}

func TestSuggestionsAreWhatSimilarStopsHad(t *testing.T) {
	stop := func(id, reason, code string, seconds int, person bool) review.Stop {
		s := review.Stop{Stop: production.Stop{ID: id, From: at(0, 0), To: at(0, seconds), State: plant.StateStopped, Code: code, Reason: reason,
			ReasonSource: "state", Product: "P500"}}
		if person {
			s.ReasonSource, s.Assigned = review.SourceOperator, &review.Mark{User: "Anna"}
		}
		return s
	}
	of := stop("x", "stopped", "17", 130, false)
	history := []review.Stop{stop("1", "jam", "17", 140, true), stop("2", "jam", "17", 200, true), stop("3", "film", "17", 250, true),
		stop("4", "cleaning", "17", 3000, true), stop("5", "film", "18", 140, true), stop("6", "stopped", "17", 140, false), of}
	got := review.Suggest(of, history, 2, later)
	if len(got) != 2 || got[0].Reason != "jam" || got[0].Count != 2 || got[0].Confidence < .66 || got[0].Confidence > .67 || got[1].Reason != "film" {
		t.Errorf("got %+v, want jam with 2/3, then film", got)
	}
	if got := review.Suggest(stop("y", "stopped", "99", 130, false), history, 2, later); len(got) != 0 {
		t.Errorf("a code never seen: got %+v, want nothing", got)
	}
}
