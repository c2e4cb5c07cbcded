package engine

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"andon/alerts"
	"andon/plant"
	"andon/production"
	"andon/production/review"
	"andon/rules"
)

// Config is what the computations are told.
type Config struct {
	Production production.Config
	Rules      rules.Config
	Alerts     alerts.Config
}

// A core is the deterministic part: messages in, changes out. It is not safe
// for concurrent use.
type core struct {
	area  *plant.Area
	prod  *production.Area
	rules *rules.Set
	book  *alerts.Book
	// What people say of stops and counts, and what that means.
	review    *review.Book
	defs      *review.Definitions
	lost      []review.Head // of what people said: noted by snapshots, and gone
	explainer *explainer
	zone      *time.Location
	recompute []recomputeOrder        // given since the last drain
	system    *alerts.SystemCondition // of the message being taken
	horizon   time.Duration           // how far back prod has all facts

	now   plant.Instant  // stream time, see clock
	ahead plant.Instant  // of a message too far ahead to be believed alone; 0 for none
	leapt plant.Interval // the last leap of stream time
	told  toldBefore
	held  plant.Instant // since when escalations wait for starting equipment; 0 when they do not
}

// longestHold bounds how long escalations wait for equipment that is just
// starting again.
const longestHold = 10 * time.Second

func newCore(cfg Config, tree *plant.Tree, area *plant.Area) (*core, error) {
	prod, err := production.New(cfg.Production, tree, area)
	if err != nil {
		return nil, fmt.Errorf("production of %s: %w", area.Path, err)
	}
	set, err := rules.New(cfg.Rules, tree, area)
	if err != nil {
		return nil, fmt.Errorf("rules of %s: %w", area.Path, err)
	}
	c := &core{area: area, prod: prod, rules: set, book: alerts.NewBook(cfg.Alerts, area), defs: review.NewDefinitions(cfg.Production, tree)}
	c.review = review.NewBook(c.defs, area)
	c.review.Look(c)
	c.horizon = cfg.Production.Horizon
	c.explainer, c.zone = newExplainer(cfg.Production, area), tree.Zone
	prod.SetReview(c.reviewed)
	return c, nil
}

// step takes one message. The error is the refusal of a command, nothing
// else can go wrong.
func (c *core) step(m plant.Message) error {
	if m.Kind == plant.KindDerived {
		return nil
	}
	c.clock(m)
	var refused error
	switch m.Kind {
	case plant.KindTelemetry:
		if m.Backfilled {
			c.prod.ApplyPast(c.now, m.Samples, m.Contacts)
		} else {
			c.prod.Apply(c.now, m.Samples, m.Contacts)
		}
		c.prod.Know(m.Known)
	case plant.KindTick:
		c.prod.Tick(c.now)
	case plant.KindCommand:
		refused = c.command(m)
	}
	c.hold()
	in := rules.Input{Samples: m.Samples, Contacts: m.Contacts, Events: m.Events}
	if m.Backfilled {
		in.Samples = nil // they say nothing of the present, and are no sign of life
	}
	in.States, in.Passed = c.prod.TakeStates()
	conditions := append(c.rules.Eval(c.now, in), c.prod.Conditions()...)
	c.explainer.see(m.Samples, conditions)
	c.alarm(m, conditions)
	if m.Kind == plant.KindTick {
		if err := c.explain(m.Pos); err != nil {
			return err
		}
	}
	return refused
}

// command hands a command to whom its verb is for.
func (c *core) command(m plant.Message) error {
	switch {
	case strings.HasPrefix(m.Command.Verb, "order."):
		return c.prod.Command(c.now, *m.Command)
	case m.Command.Verb == plant.VerbSystemCondition:
		return c.takeSystem(*m.Command)
	case m.Command.Verb == VerbRecompute:
		return c.takeRecompute(*m.Command)
	case review.Takes(m.Command.Verb):
		return c.review.Command(c.now, m.Pos, *m.Command)
	}
	if c.told.Pos != 0 && c.told.covers(m) {
		return nil
	}
	return c.book.Command(c.now, *m.Command)
}

// hold lets escalations wait a moment while equipment is starting: that its
// stop is over shows only once the run has lasted, and nobody should be called
// to what was over when their turn came.
func (c *core) hold() {
	switch {
	case !c.prod.Starting():
		c.held = 0
		c.book.Hold(0)
	case c.held == 0:
		c.held = c.now
		fallthrough
	default:
		c.book.Hold(c.held.Add(longestHold))
	}
}

// changes is what steps led to since the last drain.
type changes struct {
	production.Changes
	alerts  alerts.Changes
	edits   []review.Edit
	touched []touched
	// recompute is what people want renewed.
	recompute []recomputeOrder
}

func (c *core) drain() changes {
	ch := changes{Changes: c.prod.Drain(), alerts: c.book.Drain(), edits: c.review.Drain(), recompute: c.recompute}
	c.recompute = nil
	ch.touched = c.touchedBy(ch.edits)
	return ch
}

func (c *changes) empty() bool {
	return len(c.Rewrites) == 0 && len(c.Stops) == 0 && len(c.Orders) == 0 && len(c.edits) == 0 && len(c.recompute) == 0 && c.alerts.Empty()
}

// snapshotFormat rises when a snapshot of an older andon cannot be read.
const snapshotFormat = 1

type snapshot struct {
	Format     int            `json:"format"`
	Now        plant.Instant  `json:"now"`
	Ahead      plant.Instant  `json:"ahead,omitzero"`
	Leapt      plant.Interval `json:"leapt"`
	Told       toldBefore     `json:"told"`
	Held       plant.Instant  `json:"held"`
	Production []byte         `json:"production"`
	Rules      []byte         `json:"rules"`
	Alerts     []byte         `json:"alerts"`
	Reasons    []byte         `json:"reasons,omitempty"` // of rules that give them
	Heads      []review.Head  `json:"heads,omitempty"`   // of what people said
}

// snapshot returns the state after the last step.
func (c *core) snapshot() ([]byte, error) {
	s := snapshot{Format: snapshotFormat, Now: c.now, Ahead: c.ahead, Leapt: c.leapt, Told: c.told, Held: c.held, Heads: c.heads()}
	var err error
	if s.Production, err = c.prod.Snapshot(); err != nil {
		return nil, fmt.Errorf("snapshot production: %w", err)
	}
	if s.Rules, err = c.rules.Snapshot(); err != nil {
		return nil, fmt.Errorf("snapshot rules: %w", err)
	}
	if s.Alerts, err = c.book.Snapshot(); err != nil {
		return nil, fmt.Errorf("snapshot alerts: %w", err)
	}
	if s.Reasons, err = c.explainer.snapshot(); err != nil {
		return nil, fmt.Errorf("snapshot reason rules: %w", err)
	}
	return json.Marshal(s)
}

// restore sets the state that snapshot returned.
func (c *core) restore(data []byte) error {
	var s snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("read snapshot: %w", err)
	}
	if s.Format != snapshotFormat {
		return fmt.Errorf("read snapshot: want format %d, got %d", snapshotFormat, s.Format)
	}
	if err := c.prod.Restore(s.Production); err != nil {
		return fmt.Errorf("restore production: %w", err)
	}
	if err := c.rules.Restore(s.Rules); err != nil {
		return fmt.Errorf("restore rules: %w", err)
	}
	if err := c.book.Restore(s.Alerts); err != nil {
		return fmt.Errorf("restore alerts: %w", err)
	}
	if err := c.explainer.restore(s.Reasons); err != nil {
		return err
	}
	c.now, c.ahead, c.leapt, c.told, c.held = s.Now, s.Ahead, s.Leapt, s.Told, s.Held
	if c.held != 0 {
		c.book.Hold(c.held.Add(longestHold))
	}
	return nil
}
