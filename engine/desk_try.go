package engine

import (
	"cmp"
	"context"
	"slices"

	"andon/plant"
	"andon/production/review"
	"andon/store"
)

// A StaleError says why a command would have no effect.
type StaleError struct{ Why string }

// Error says why.
func (e *StaleError) Error() string { return e.Why }

// Try reports why a review command would be refused or have no effect as the
// records are now: a *review.RefusedError, *review.ChangedError,
// *review.UndoneError or *StaleError. It changes nothing.
func (d *Desk) Try(ctx context.Context, cmd plant.Command, now plant.Instant) error {
	area := d.areaOf(cmd.Target)
	if area == nil {
		return &review.RefusedError{Field: "target", What: "the plant has no such equipment"}
	}
	known, err := d.about(ctx, area, cmd)
	if err != nil {
		return err
	}
	book := review.NewBook(d.defs, area)
	if err := book.Load(known); err != nil {
		return err
	}
	if err := book.Command(now, 0, cmd); err != nil {
		return err
	}
	for _, e := range book.Drain() {
		eq := d.tree.FindEquipment(e.Equipment)
		r, err := d.reading(ctx, eq, plant.Interval{From: e.From, To: max(e.To, e.From+1)})
		if err != nil {
			return err
		}
		r.edits = append(slices.Clone(r.edits), e)
		res := r.apply(d.defs)
		if st := res.Status[len(res.Status)-1]; st.Stale != "" {
			return &StaleError{st.Stale}
		}
	}
	return nil
}

// about returns the edits of an area that matter for whether a command is
// taken: those of the times that it speaks of.
func (d *Desk) about(ctx context.Context, area *plant.Area, cmd plant.Command) ([]review.Edit, error) {
	args, err := review.ReadArgs(cmd)
	if err != nil {
		return nil, err
	}
	var times []spokenTime
	switch {
	case args.Edit != "":
		named, err := d.store.EditsNamed(ctx, args.Edit)
		if err != nil {
			return nil, err
		}
		for _, row := range named {
			times = append(times, spokenTime{row.Equipment, plant.Interval{From: row.Start, To: max(row.End, row.Start+1)}})
		}
	case len(args.Stops) > 0:
		for _, ref := range args.Stops {
			times = append(times, spokenTime{cmp.Or(ref.Equipment, cmd.Target), ref.Time()})
		}
	case args.Start != 0:
		times = append(times, spokenTime{cmp.Or(args.Equipment, cmd.Target), args.Ref.Time()})
	default:
		times = append(times, spokenTime{cmd.Target, plant.Interval{From: args.From, To: args.To}})
	}
	return d.saidOf(ctx, area, times)
}

// A spokenTime is time of what is at and below a path.
type spokenTime struct {
	path string
	plant.Interval
}

// saidOf returns what was said of some times in an area, in order and each
// once.
func (d *Desk) saidOf(ctx context.Context, area *plant.Area, times []spokenTime) ([]review.Edit, error) {
	var rows []store.Edit
	for _, t := range times {
		found, err := d.store.Edits(ctx, t.path, t.Interval)
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	rows = slices.DeleteFunc(rows, func(e store.Edit) bool { return e.Area != area.Path })
	slices.SortFunc(rows, func(a, b store.Edit) int { return cmp.Compare(a.Seq, b.Seq) })
	return readEdits(slices.CompactFunc(rows, func(a, b store.Edit) bool { return a.Seq == b.Seq }))
}

func (d *Desk) areaOf(path string) *plant.Area {
	for _, area := range d.tree.Areas {
		if path == area.Path || len(path) > len(area.Path) && path[:len(area.Path)+1] == area.Path+"/" {
			return area
		}
	}
	return nil
}
