package review_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"andon/production/productiontest"
	"andon/production/review"
)

// forge gives e a hash of its own again, as who knows how it is made would.
func forge(t *testing.T, e *review.Edit) {
	t.Helper()
	e.Hash = ""
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	e.Hash = hex.EncodeToString(sum[:])
}

// A forgery changes a chain, and shows at an edit.
type forgery struct {
	forge func([]review.Edit) []review.Edit
	at    int64 // number of the edit that is named
}

// changedEdits says something else in an edit.
func changedEdits(t *testing.T) map[string]forgery {
	return map[string]forgery{
		"another user": {func(e []review.Edit) []review.Edit {
			e[3].User = "Otto"
			forge(t, &e[3])
			return e
		}, 5},
		"another user of the first": {func(e []review.Edit) []review.Edit {
			e[0].User = "Otto"
			forge(t, &e[0])
			return e
		}, 2},
		"one with nothing before it": {func(e []review.Edit) []review.Edit {
			e[3].Prev = ""
			forge(t, &e[3])
			return e
		}, 4},
		"one that follows another": {func(e []review.Edit) []review.Edit {
			e[3].Prev = e[1].Hash
			forge(t, &e[3])
			return e
		}, 4},
		"something before the first": {func(e []review.Edit) []review.Edit {
			e[0].Prev = strings.Repeat("a", 64)
			forge(t, &e[0])
			return e
		}, 1},
	}
}

// movedEdits removes, moves and inserts.
func movedEdits(t *testing.T) map[string]forgery {
	return map[string]forgery{
		"the one in the middle gone": {func(e []review.Edit) []review.Edit { return slices.Delete(e, 3, 4) }, 5},
		"the one in the middle gone and the numbers closed up": {func(e []review.Edit) []review.Edit {
			e = slices.Delete(e, 3, 4)
			for i := 3; i < len(e); i++ {
				e[i].Seq--
				forge(t, &e[i])
			}
			return e
		}, 4},
		"the first gone and the numbers closed up": {func(e []review.Edit) []review.Edit {
			e = e[1:]
			for i := range e {
				e[i].Seq--
				forge(t, &e[i])
			}
			return e
		}, 1},
		"two in another order": {func(e []review.Edit) []review.Edit {
			e[3], e[4] = e[4], e[3]
			return e
		}, 5},
		"two in another order with the numbers of their places": {func(e []review.Edit) []review.Edit {
			e[3], e[4] = e[4], e[3]
			e[3].Seq, e[4].Seq = 4, 5
			forge(t, &e[3])
			forge(t, &e[4])
			return e
		}, 4},
		"one put in": {func(e []review.Edit) []review.Edit {
			more := e[3]
			more.ID, more.Prev, more.Seq = "more", e[3].Hash, 5
			forge(t, &more)
			e = slices.Insert(e, 4, more)
			for i := 5; i < len(e); i++ {
				e[i].Seq++
				forge(t, &e[i])
			}
			return e
		}, 6},
	}
}

func TestAForgedEditBreaksTheChainAtTheNextOne(t *testing.T) {
	all := changedEdits(t)
	maps.Copy(all, movedEdits(t))
	for name, x := range all {
		var broken *review.BrokenError
		if err := review.Verify(x.forge(chained(t, 8))); !errors.As(err, &broken) || broken.Seq != x.at {
			t.Errorf("%s: got %v, want the chain broken at edit %d", name, err, x.at)
		}
	}
}

func TestWhatIsCutOffAtTheEndShowsAgainstAHeadThatIsKnown(t *testing.T) {
	whole := chained(t, 8)
	heads := []review.Head{{Seq: 3, Hash: whole[2].Hash}, {Seq: 8, Hash: whole[7].Hash}}
	if lost := review.Lost(whole, heads); len(lost) != 0 {
		t.Errorf("whole chain: got %+v lost, want nothing", lost)
	}
	cut := whole[:7]
	if err := review.Verify(cut); err != nil {
		t.Errorf("cut chain: got %v, want it whole for who knows no head", err)
	}
	if lost := review.Lost(cut, heads); !reflect.DeepEqual(lost, heads[1:]) {
		t.Errorf("cut chain: got %+v lost, want the last head", lost)
	}
	anew := slices.Clone(whole)
	prev := ""
	for i := range anew {
		anew[i].User, anew[i].Prev = "Otto", prev
		forge(t, &anew[i])
		prev = anew[i].Hash
	}
	if err := review.Verify(anew); err != nil {
		t.Errorf("chain written anew: got %v, want it whole for who knows no head", err)
	}
	if lost := review.Lost(anew, heads); len(lost) != 2 {
		t.Errorf("chain written anew: got %+v lost, want both heads", lost)
	}
}

// Edits that an andon before kept have nothing of what was added since.
func TestAnEditOfAnOlderAndonKeepsItsHash(t *testing.T) {
	old := `{"seq":1,"id":"c1","command":"c1","pos":7,"kind":"assign","equipment":"` + productiontest.A1 + `","stop":"s1","anchor":"2026-03-02T08:18:40Z",` +
		`"from":"2026-03-02T08:18:40Z","to":"2026-03-02T08:24:40Z","source":"operator","user":"Anna","comment":"","time":"2026-03-02T11:00:00Z",` +
		`"given":"2026-03-02T11:00:00Z","args":{"reason":"no_operator"},"prev":"","hash":""}`
	sum := sha256.Sum256([]byte(old))
	var e review.Edit
	if err := json.Unmarshal([]byte(old), &e); err != nil {
		t.Fatal(err)
	}
	e.Hash = hex.EncodeToString(sum[:])
	if err := review.Verify([]review.Edit{e}); err != nil {
		t.Errorf("got %v, want it whole", err)
	}
}
