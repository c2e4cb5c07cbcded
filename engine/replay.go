package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"andon/alerts"
	"andon/engine/recording"
	"andon/plant"
	"andon/production"
	"andon/store"
)

// ReplayOptions are what a replay needs.
type ReplayOptions struct {
	Config  Config
	Tree    *plant.Tree
	Samples *recording.Reader
	Store   *store.Store   // holds the facts; must be empty
	Range   plant.Interval // one more window for KPIs, none when empty
	// Commands are what people did meanwhile and after, in order of time.
	Commands []plant.Command
}

// A Report is what a recording led to. Its lists are in order of time.
type Report struct {
	Samples int            // those that could be used
	Covers  plant.Interval // from the first to the last sample
	Unused  Unused
	Stops   []StopRecord
	KPIs    []production.KPI
	// Revisions are the same KPIs as files and the API show them, each with
	// the hash of its inputs.
	Revisions []Revision
	Orders    []production.Attainment // that began, at the end
	Alarms    []AlarmRecord
}

// An AlarmRecord is an alarm with its history and with the messages that
// people would have got.
type AlarmRecord struct {
	alerts.Alarm
	Transitions []alerts.Transition `json:"transitions"`
	Messages    []MessageRecord     `json:"messages"`
}

// A MessageRecord is one message that somebody would have got.
type MessageRecord struct {
	ID   string        `json:"id"`
	Kind alerts.Kind   `json:"kind"`
	To   string        `json:"to"`
	Step int           `json:"step"`
	Time plant.Instant `json:"time"`
}

// maxPause bounds the silence in a recording: the clock ticks through it, and
// one wrong time stamp would tick for years.
const maxPause = 366 * 24 * time.Hour

// replayCommitEvery is how many messages one commit of a replay covers.
const replayCommitEvery = 5000

// Replay feeds recorded samples through the engine: no network and no wall
// clock. Stream time is the greatest event time so far, and the clock ticks
// each second of it. The same recording and configuration give the same
// report. It is empty, but for what was unused, when no sample can be used.
func Replay(ctx context.Context, o ReplayOptions) (*Report, error) {
	p := &replay{o: o, stops: map[string]StopRecord{}, alarms: map[string]*AlarmRecord{}}
	for _, area := range o.Tree.Areas {
		c, err := newCore(o.Config, o.Tree, area)
		if err != nil {
			return nil, err
		}
		p.cores = append(p.cores, c)
	}
	p.pending = make([][]plant.Sample, len(p.cores))
	p.coreOf = coresByTag(o.Tree)
	if err := p.feed(ctx); err != nil {
		return nil, err
	}
	return p.report(ctx)
}

// coresByTag returns the index of each tag's area.
func coresByTag(tree *plant.Tree) []int {
	of := make([]int, len(tree.Tags()))
	for _, tag := range tree.Tags() {
		of[tag.ID] = slices.Index(tree.Areas, tag.Equipment.Line.Area)
	}
	return of
}

// A replay is one run of Replay.
type replay struct {
	o       ReplayOptions
	cores   []*core
	pending [][]plant.Sample // by core
	coreOf  []int            // by tag
	now     plant.Instant
	next    plant.Instant // of the next tick
	covers  plant.Interval
	samples int
	unused  Unused
	pos     uint64
	given   int // of o.Commands
	stops   map[string]StopRecord
	alarms  map[string]*AlarmRecord
}

func (p *replay) feed(ctx context.Context) error {
	for {
		s, err := p.o.Samples.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if !p.usable(s) {
			continue
		}
		if err := p.sample(ctx, s); err != nil {
			return err
		}
	}
	p.flush()
	p.step(plant.Message{Kind: plant.KindTick})
	if err := p.command(endOfTime); err != nil {
		return err
	}
	return p.commit(ctx)
}

func (p *replay) sample(ctx context.Context, s plant.Sample) error {
	// What comes too late for production, such as with a clock that was never
	// set, is not covered: there would be an hour's KPI for every hour since.
	if timely := s.Time >= p.now.Add(-p.o.Config.Production.Horizon); timely && (p.covers.From == 0 || s.Time < p.covers.From) {
		p.covers.From = s.Time
	}
	p.covers.To = max(p.covers.To, s.Time)
	if p.next == 0 {
		p.now, p.next = s.Time, s.Time.Truncate(time.Second).Add(time.Second)
	}
	if s.Time.Sub(p.next) > maxPause {
		return fmt.Errorf("%s at %s: want at most %s after the sample before it; is its time right?", s.Tag.Path, s.Time, maxPause)
	}
	for p.next < s.Time { // what happens at a tick comes before it: intervals are half open
		if err := p.command(p.next); err != nil {
			return err
		}
		p.flush()
		p.now = p.next
		p.step(plant.Message{Kind: plant.KindTick})
		p.next = p.next.Add(time.Second)
		if p.pos%replayCommitEvery == 0 {
			if err := p.commit(ctx); err != nil {
				return err
			}
		}
	}
	p.now = max(p.now, s.Time)
	i := p.coreOf[s.Tag.ID]
	p.pending[i] = append(p.pending[i], s)
	return nil
}

// flush hands over the samples of the second that ended.
func (p *replay) flush() {
	p.pos++
	for i, c := range p.cores {
		if len(p.pending[i]) == 0 {
			continue
		}
		// A replay has no commands, so no step can be refused.
		_ = c.step(plant.Message{Pos: p.pos, Time: p.now, Kind: plant.KindTelemetry, Samples: p.pending[i]})
		p.pending[i] = p.pending[i][:0]
	}
}

// step hands the same message to every area.
func (p *replay) step(m plant.Message) {
	p.pos++
	m.Pos, m.Time = p.pos, p.now
	for _, c := range p.cores {
		_ = c.step(m) // no commands, nothing to refuse
	}
}

func (p *replay) commit(ctx context.Context) error {
	for _, c := range p.cores {
		ch := c.drain()
		row, err := records(c.area.Path, ch)
		if err != nil {
			return err
		}
		row.Pos, row.Time = p.pos, p.now
		if err := p.o.Store.Commit(ctx, row); err != nil {
			return err
		}
		p.keep(ch)
	}
	return nil
}

func (p *replay) keep(c changes) {
	for _, s := range c.Stops {
		if s.Void {
			delete(p.stops, s.ID)
			continue
		}
		p.stops[s.ID] = stopBody(s)
	}
	for _, a := range c.alerts.Alarms {
		p.alarm(a.ID).Alarm = a
	}
	for _, t := range c.alerts.Transitions {
		a := p.alarm(t.Alarm)
		a.Transitions = append(a.Transitions, t)
	}
	for _, m := range c.alerts.Messages {
		a := p.alarm(m.Alarm)
		a.Messages = append(a.Messages, MessageRecord{ID: m.ID, Kind: m.Kind, To: m.To, Step: m.Step, Time: m.Time})
	}
}

func (p *replay) alarm(id string) *AlarmRecord {
	if p.alarms[id] == nil {
		p.alarms[id] = &AlarmRecord{}
	}
	return p.alarms[id]
}

func (p *replay) report(ctx context.Context) (*Report, error) {
	p.countLate()
	r := &Report{Samples: p.samples, Covers: p.covers, Unused: p.unused}
	if r.Samples == 0 {
		return r, nil
	}
	for _, s := range p.stops {
		r.Stops = append(r.Stops, s)
	}
	if err := p.effective(ctx, r); err != nil {
		return nil, err
	}
	slices.SortFunc(r.Stops, func(a, b StopRecord) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Equipment, b.Equipment))
	})
	for _, a := range p.alarms {
		r.Alarms = append(r.Alarms, *a)
	}
	slices.SortFunc(r.Alarms, func(a, b AlarmRecord) int {
		return cmp.Or(cmp.Compare(a.Raised.Event, b.Raised.Event), cmp.Compare(a.Equipment, b.Equipment), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.ID, b.ID))
	})
	return r, p.kpis(ctx, r)
}
