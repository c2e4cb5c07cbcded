package bus

import (
	"context"
	"fmt"

	"andon/plant"
)

// Put writes a batch and returns nil once all of it is on disk. Samples go to
// the area of their tag, contacts to every area with equipment that the source
// reads, events to every area, for only who reads them knows where they
// belong, and gaps and known times to the area that they are of. It blocks while NATS is away and fails when ctx is done or the bus is
// closed; part of the batch may be stored then. A tag outside every area of
// the site is an error of the caller, and nothing is stored. The batch belongs
// to the bus from the call on.
func (b *Bus) Put(ctx context.Context, batch plant.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	parts, err := b.route(batch)
	if err != nil {
		return err
	}
	for i, part := range parts {
		part.put.prompt, part.put.past = batch.Prompt, batch.Backfilled
		if !part.lane.add(part.put) {
			abandon(parts[:i])
			return ErrClosed
		}
		part.lane.m.waiting.Inc()
		defer part.lane.m.waiting.Dec()
	}
	for i, part := range parts {
		select {
		case err = <-part.put.done:
		case <-ctx.Done():
			err = ctx.Err()
		}
		if err != nil {
			abandon(parts[i:])
			return err
		}
	}
	return nil
}

// A part is what goes to one lane.
type part struct {
	lane *lane
	put  *put
}

func abandon(parts []part) {
	for _, p := range parts {
		p.put.gone.Store(true)
	}
}

// route splits a batch by area and keeps the order within each. Mostly all of
// it goes to one area and nothing is copied.
func (b *Bus) route(batch plant.Batch) ([]part, error) {
	var parts []part
	from := 0
	var now *lane
	var line *plant.Line // the last one whose area is of this tree
	for i := range batch.Samples {
		tag := batch.Samples[i].Tag
		if tag != nil && tag.Equipment.Line == line {
			continue // to the same lane
		}
		l, err := b.laneOf(tag)
		if err != nil {
			return nil, err
		}
		if line = tag.Equipment.Line; line.Area != l.area {
			line = nil
		}
		if l != now && now != nil {
			parts = addSamples(parts, now, batch.Samples[from:i:i])
			from = i
		}
		now = l
	}
	if now != nil {
		parts = addSamples(parts, now, batch.Samples[from:])
	}
	for _, c := range batch.Contacts {
		lanes := b.bySource[c.Source]
		if len(lanes) == 0 || len(c.Source) > maxPath {
			b.m.unrouted.Inc()
			continue
		}
		for _, l := range lanes {
			p := partOf(&parts, l)
			p.contacts = append(p.contacts, c)
		}
	}
	if len(batch.Events) > 0 {
		for _, l := range b.lanes {
			partOf(&parts, l).events = batch.Events
		}
	}
	return b.routeGaps(parts, batch), nil
}

// routeGaps adds the gaps and known times of a batch. Those of other plants
// are dropped and counted, as contacts of unknown sources are.
func (b *Bus) routeGaps(parts []part, batch plant.Batch) []part {
	for _, g := range batch.Gaps {
		l := b.byPath[g.Area]
		if l == nil || len(g.Source)+len(g.Cause) > maxPath {
			b.m.unrouted.Inc()
			continue
		}
		p := partOf(&parts, l)
		p.gaps = append(p.gaps, g)
	}
	for _, k := range batch.Known {
		var l *lane
		if eq := b.tree.FindEquipment(k.Equipment); eq != nil {
			l = b.byArea[eq.Line.Area]
		}
		if l == nil {
			b.m.unrouted.Inc()
			continue
		}
		p := partOf(&parts, l)
		p.known = append(p.known, k)
	}
	return parts
}

func addSamples(parts []part, l *lane, samples []plant.Sample) []part {
	p := partOf(&parts, l)
	if p.samples == nil {
		p.samples = samples
	} else {
		p.samples = append(p.samples, samples...)
	}
	return parts
}

// partOf returns what goes to l so far. Sites have few areas.
func partOf(parts *[]part, l *lane) *put {
	for _, p := range *parts {
		if p.lane == l {
			return p.put
		}
	}
	p := &put{done: make(chan error, 1)}
	*parts = append(*parts, part{l, p})
	return p
}

// laneOf returns the lane of the tag's area. A tag of an earlier configuration
// has an area of its own, which is found by its path.
func (b *Bus) laneOf(t *plant.Tag) (*lane, error) {
	if t == nil {
		return nil, fmt.Errorf("sample without a tag")
	}
	a := t.Equipment.Line.Area
	if l := b.byArea[a]; l != nil {
		return l, nil
	}
	l := b.byPath[a.Path]
	if l == nil || len(t.Path) > maxPath {
		return nil, fmt.Errorf("tag %.200q: want one in an area of site %s", t.Path, b.tree.Site)
	}
	return l, nil
}
