package engine

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/store"
)

// doubted is a plant of ten days of which all machines' last eight days are in
// doubt, in kept windows that say something else than the facts.
func (k *keeper) doubted() {
	k.t.Helper()
	msgs := k.tenDays()
	k.feed(msgs, 500)
	k.revise()
	k.exec(`UPDATE kpis SET hash = 'of before'`)
	if err := k.r.doubt(k.t.Context(), k.r.core.now); err != nil {
		k.t.Fatal(err)
	}
	k.feed(k.until(msgs, msgs[len(msgs)-1].Time.Add(20*time.Minute)), 500) // all is gathered
}

// twin is another process in the same state, with records of its own.
func (k *keeper) twin() *keeper {
	k.t.Helper()
	path := filepath.Join(k.t.TempDir(), "andon.db")
	if _, err := k.file().ExecContext(k.t.Context(), `VACUUM INTO ?`, path); err != nil {
		k.t.Fatal(err)
	}
	records, err := store.Open(k.t.Context(), path)
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { records.Close() })
	twin := &keeper{station: &station{t: k.t, tree: k.tree, area: k.area, bus: OpenBus(k.t, k.tree), store: records, path: path, log: newNotes()}}
	twin.begin()
	return twin
}

// read counts the windows times machines that a round read.
func (b *batch) read() int {
	all := map[windowKey][]*job{}
	for _, j := range b.jobs {
		all[j.key()] = append(all[j.key()], j)
	}
	n := 0
	for _, jobs := range all {
		n += machines(jobs)
	}
	return n
}

// rounds does what a process does, until nothing is left or for a number of
// rounds.
func (k *keeper) rounds(most int) (n int) {
	k.t.Helper()
	for ; n < most; n++ {
		b, err := k.v.batch(k.t.Context())
		if err != nil {
			k.t.Fatal(err)
		}
		if read := b.read(); read > 2*machinesPerRound {
			k.t.Errorf("round %d read %d windows of machines, want at most %d", n, read, 2*machinesPerRound)
		}
		if more, _, err := k.v.round(k.t.Context()); err != nil || !more {
			return n
		}
	}
	return n
}

// What follows begins with the same ten days, which are lived once.
func TestADoubtOfEightDays(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "packing")
	k.doubted()
	killed, asked := k.twin(), k.twin()
	t.Run("is looked at in several rounds with one revision of each window", func(t *testing.T) { isLookedAtOnce(t, k, killed) })
	t.Run("waits for what people say", func(t *testing.T) { waitsForPeople(t, asked) })
}

func isLookedAtOnce(t *testing.T, whole, killed *keeper) {
	if n := whole.rounds(1000); n < 2 || len(whole.dirty()) != 0 {
		t.Fatalf("got %d rounds and %v left, want several and none", n, whole.dirty())
	}
	want, second := whole.kept(), 0
	for _, r := range whole.revisions(lineA, production.WindowHour) {
		switch {
		case r.Revision == 2 && r.Why == "the stream was worked through again":
			second++
		case r.Revision != 1:
			t.Errorf("got revision %d of %s because %q, want one more because of the stream", r.Revision, r.Start, r.Why)
		}
	}
	if want := 8*24 - 1; second != want { // the last hour was not over
		t.Errorf("second revisions of hours of the line: got %d, want %d", second, want)
	}

	killed.rounds(1)
	if len(killed.dirty()) == 0 {
		t.Fatal("nothing is left after the first round, want the rest of the doubt")
	}
	killed.begin()
	killed.revise()
	if diff := cmp.Diff(want, killed.kept()); diff != "" || len(killed.dirty()) != 0 {
		t.Errorf("revisions when the process dies after a round (-whole +killed):\n%.2000s", diff)
	}
}

func waitsForPeople(t *testing.T, k *keeper) {
	k.rounds(1)
	now, hour := k.r.core.now, plant.Interval{From: at(237*60, 0), To: at(238*60, 0)}
	d := store.Dirty{Kind: store.DirtySaid, Equipment: productiontest.A1, Start: hour.From, End: hour.To, Why: "Anna assigned jam", First: now, Last: now}
	if err := k.store.Amend(t.Context(), store.Commit{Dirty: []store.Dirty{d}}); err != nil {
		t.Fatal(err)
	}
	k.rounds(1)
	for _, left := range k.dirty() {
		if left.Kind == store.DirtySaid {
			t.Error("what Anna said waits for the doubt, want it looked at first")
		}
	}
	k.revise()
	var got []string
	for _, r := range k.revisions(productiontest.A1, production.WindowHour) {
		if r.Start == hour.From {
			got = append(got, r.Why)
		}
	}
	if want := []string{"settled", "Anna assigned jam; the stream was worked through again"}; !slices.Equal(got, want) {
		t.Errorf("revisions of the hour because of %q, want %q", got, want)
	}
}
