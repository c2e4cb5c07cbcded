package review

import (
	"fmt"

	"andon/plant"
)

// A ChangedError refuses a command because somebody said something else since
// its editor looked.
type ChangedError struct {
	Stop string // id, "" when the command speaks of a time or an edit
	Last Edit   // of what was said: its number is the revision now
	Text string // of Last, for people
}

// Error says who said what, and what the revision is now.
func (e *ChangedError) Error() string {
	return fmt.Sprintf("revision: it was changed since you looked, the last was %s; look again, the revision is %d now", e.Text, e.Last.Seq)
}

// An UndoneError refuses to take back what was taken back before.
type UndoneError struct {
	Edit string // id
	By   Edit   // that took it back
}

// Error says who took it back and how to do it again.
func (e *UndoneError) Error() string {
	return fmt.Sprintf("edit: %s took %.64s back already; to do it again, take back %.64s", e.By.User, e.Edit, e.By.ID)
}

// Revision returns the number of the last edit that speaks of a stop of the
// equipment in v, 0 when none does. It rises with all that is said of the stop
// or of the time it is in, except of counts.
func Revision(edits []Edit, equipment string, v plant.Interval) int64 {
	e, _ := lastOf(edits, equipment, v, false)
	return e.Seq
}

// lastOf returns the last edit that speaks of the time v of one equipment, of
// what was counted only when counts is true.
func lastOf(edits []Edit, equipment string, v plant.Interval, counts bool) (last Edit, found bool) {
	ofCounts := map[string]bool{}
	for _, e := range edits {
		if e.Equipment != equipment {
			continue
		}
		if e.Kind == KindAdjust || e.Kind == KindUndo && ofCounts[e.Args.Edit] {
			ofCounts[e.ID] = true
		}
		if (counts || !ofCounts[e.ID]) && e.From < v.To && max(e.To, e.From+1) > v.From {
			last, found = e, true
		}
	}
	return last, found
}

// Time returns the time of the stop that r names, as far as r says: up to the
// end of time without an End, for the stop may last.
func (r Ref) Time() plant.Interval {
	if r.End == 0 { // it may still last
		return plant.Interval{From: r.Start, To: endless}
	}
	return plant.Interval{From: r.Start, To: max(r.End, r.Start+1)}
}

// unchanged refuses a command whose editor saw an older revision of a stop.
func (b *Book) unchanged(equipment string, ref Ref) error {
	if ref.Revision == nil {
		return nil
	}
	last, found := lastOf(b.of[equipment], equipment, ref.Time(), false)
	return b.notAfter(*ref.Revision, last, found, ref.Stop)
}

// unchangedIn refuses a command whose editor saw an older revision of the time
// v of some equipment.
func (b *Book) unchangedIn(revision *int64, paths []string, v plant.Interval) error {
	for _, path := range paths {
		if revision == nil {
			return nil
		}
		last, found := lastOf(b.of[path], path, v, true)
		if err := b.notAfter(*revision, last, found, ""); err != nil {
			return err
		}
	}
	return nil
}

func (b *Book) notAfter(revision int64, last Edit, found bool, stop string) error {
	if !found || last.Seq <= revision {
		return nil
	}
	return &ChangedError{Stop: stop, Last: last, Text: Text(b.defs, []Edit{last}, b.of[last.Equipment])}
}
