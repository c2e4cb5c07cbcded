package main

import (
	"context"
	"fmt"

	"andon/influx"
	"andon/plant"
	"andon/queue"
	"andon/store"
	"andon/system"
)

// writers makes one InfluxDB writer an area, each with its own position, and
// beside it one that writes again what people ask for. It returns too what is
// to be watched of the writers.
func (b *builder) writers(ctx context.Context) ([]queue.Part, []system.Writer, error) {
	metrics := influx.NewMetrics(b.reg)
	var all []queue.Part
	var watched []system.Writer
	for _, area := range b.tree.Areas {
		name := influx.PositionName(area.Name)
		pos, err := b.bus.LoadPosition(ctx, name)
		if err != nil {
			return nil, nil, fmt.Errorf("read position of %s: %w", name, err)
		}
		reader, err := b.bus.NamedReader(ctx, "influx", area, pos)
		if err != nil {
			return nil, nil, err
		}
		o := influx.Options{Config: b.cfg.Influx, Area: area.Name, Tree: b.tree, Reader: reader,
			Positions: b.bus, Last: b.last(area), Log: b.log, Metrics: metrics}
		w, err := influx.New(o)
		if err != nil {
			return nil, nil, err
		}
		again := influx.NewRewriter(influx.RewriterOptions{Options: o, Writer: w,
			Open: func(ctx context.Context, after uint64) (influx.ReadCloser, error) {
				return b.bus.NamedReader(ctx, "rewrite", area, after)
			}})
		watched = append(watched, system.Writer{Area: area, Of: w, Skipped: reader.Skipped})
		all = append(all, queue.Part{Area: area.Name, Writer: w, Rewriter: again})
	}
	return all, watched, nil
}

func (b *builder) last(area *plant.Area) func(context.Context) (uint64, error) {
	return func(ctx context.Context) (uint64, error) { return b.bus.Last(ctx, area) }
}

// runs returns what one stage runs together.
func runs(parts []queue.Part) []func(context.Context) error {
	var all []func(context.Context) error
	for _, p := range parts {
		all = append(all, p.Writer.Run, p.Rewriter.Run)
	}
	return all
}

// queue is the stream as people see it.
func (b *builder) queue(parts []queue.Part) *queue.Queue {
	return queue.New(queue.Options{Bus: b.bus, Tree: b.tree, EngineAt: engineAt(b.store), Letters: b.cfg.Influx.DeadLetter, Parts: parts})
}

// engineAt returns how far the engine is by the records.
func engineAt(records *store.Store) func(context.Context, *plant.Area) (uint64, error) {
	return func(ctx context.Context, area *plant.Area) (uint64, error) {
		p, err := records.Progress(ctx, area.Path)
		return p.Pos, err
	}
}
