package queue

import (
	"context"

	"andon/influx"
	"andon/plant"
)

// A Plan is what of one area is to be written to InfluxDB again: everything
// from a time of the stream on that InfluxDB was given before.
type Plan struct {
	Area     string `json:"area"`          // its path
	From     Moment `json:"from"`          // stream time of the first message
	Position uint64 `json:"from_position"` // of the first message
	To       uint64 `json:"to_position"`   // what InfluxDB has at present
	Messages uint64 `json:"messages"`
	Bytes    uint64 `json:"bytes"` // of the stream, by its average
	// Gone says that the stream begins after the time that was asked for:
	// retention removed what was before.
	Gone bool `json:"gone"`
}

// Plan returns what Replay from a time of the stream on would write again, an
// area each. The error wraps ErrUnknownArea for one that the plant does not
// have.
func (q *Queue) Plan(ctx context.Context, area string, from plant.Instant) ([]Plan, error) {
	areas, err := q.areas(area)
	if err != nil {
		return nil, err
	}
	var all []Plan
	for _, a := range areas {
		p, err := q.plan(ctx, a, from)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func (q *Queue) plan(ctx context.Context, a *plant.Area, from plant.Instant) (Plan, error) {
	p := Plan{Area: a.Path}
	info, err := q.o.Bus.Info(ctx, a)
	if err != nil {
		return p, err
	}
	if p.To, err = q.written(ctx, a); err != nil {
		return p, err
	}
	if p.Position, err = q.o.Bus.PositionAt(ctx, a, from); err != nil {
		return p, err
	}
	p.To = min(p.To, info.Last)
	p.Gone = info.First > 1 && from < info.FirstTime
	if info.Messages == 0 || p.Position > p.To {
		return p, nil
	}
	p.From = Moment(max(from, info.FirstTime))
	p.Messages = p.To + 1 - p.Position
	p.Bytes = uint64(float64(p.Messages) * float64(info.Bytes) / float64(info.Messages))
	return p, nil
}

// Replay has InfluxDB get everything from a time of the stream on again, and
// returns what that is. A running andon begins at once, a stopped one with its
// next start; both go on after a restart. Points that InfluxDB has stay as
// they are.
func (q *Queue) Replay(ctx context.Context, area string, from plant.Instant) ([]Plan, error) {
	plans, err := q.Plan(ctx, area, from)
	if err != nil {
		return nil, err
	}
	for _, p := range plans {
		if p.Messages == 0 {
			continue
		}
		if err := q.rewriteFrom(ctx, p.Area, p.Position); err != nil {
			return nil, err
		}
	}
	return plans, nil
}

// StopReplay ends writing again; what is not written yet is not.
func (q *Queue) StopReplay(ctx context.Context, area string) error {
	areas, err := q.areas(area)
	if err != nil {
		return err
	}
	for _, a := range areas {
		if err := q.rewriteFrom(ctx, a.Path, 0); err != nil {
			return err
		}
	}
	return nil
}

// rewriteFrom writes again from a position on, nothing for 0.
func (q *Queue) rewriteFrom(ctx context.Context, path string, pos uint64) error {
	areas, err := q.areas(path)
	if err != nil {
		return err
	}
	if p, runs := q.part(areas[0]); runs {
		if pos == 0 {
			return p.Rewriter.Stop(ctx)
		}
		return p.Rewriter.Start(ctx, pos)
	}
	name := influx.RewriteName(areas[0].Name)
	saved, err := q.o.Bus.LoadPosition(ctx, name)
	if err != nil {
		return err
	}
	if pos != 0 && saved != 0 {
		pos = min(pos, saved)
	}
	return q.o.Bus.SavePosition(ctx, name, pos)
}
