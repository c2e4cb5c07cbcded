package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"andon/plant"
	"andon/store"
)

// VerbRecompute is the verb of a command that has kept KPIs computed again. Its
// target is an area, whose stream keeps it; what it renews may be of others.
const VerbRecompute = "kpi.recompute"

// ErrBadRecompute says that a command to recompute makes no sense.
var ErrBadRecompute = errors.New("cannot recompute")

// A RecomputeArgs says which kept KPIs to compute again, and why.
type RecomputeArgs struct {
	From      plant.Instant `json:"from"` // windows that start in this time, all for 0
	To        plant.Instant `json:"to"`
	Equipment string        `json:"equipment,omitempty"` // pattern of paths, "" for all
	Reason    string        `json:"reason"`
}

// A recomputeOrder is a command to recompute that was taken.
type recomputeOrder struct {
	RecomputeArgs
	user string
	at   plant.Instant // stream time
}

// why is what the new revisions say, and by which they are found.
func (x recomputeOrder) why() string { return RecomputeWhy(x.user, x.Reason) }

// RecomputeWhy returns what a revision says that somebody had made.
func RecomputeWhy(user, reason string) string {
	if user == "" {
		return "recomputed: " + reason
	}
	return user + ": recomputed: " + reason
}

// takeRecompute notes a command to recompute for the reviser.
func (c *core) takeRecompute(cmd plant.Command) error {
	x := recomputeOrder{user: cmd.User, at: c.now}
	if err := json.Unmarshal(cmd.Args, &x.RecomputeArgs); err != nil {
		return fmt.Errorf("read args: %w: %w", ErrBadRecompute, err)
	}
	if x.Reason = strings.TrimSpace(x.Reason); x.Reason == "" {
		return fmt.Errorf("%w: want a reason", ErrBadRecompute)
	}
	if x.From == 0 && x.To == 0 {
		x.From, x.To = 1, endOfTime
	}
	if x.To <= x.From {
		return fmt.Errorf("%w: want to after from", ErrBadRecompute)
	}
	c.recompute = append(c.recompute, x)
	return nil
}

// recomputeStep bounds what one round renews, by the starts of windows.
const recomputeStep = time.Hour

// recomputing returns the next windows that a command to recompute is about,
// and what is left of it then; nil when nothing is.
func (v *reviser) recomputing(ctx context.Context, d store.Dirty) (jobs []*job, rest *store.Dirty, err error) {
	from, err := v.kpis.store.NextKPI(ctx, d.Start)
	if err != nil || from == 0 || from >= d.End {
		return nil, nil, err
	}
	to := min(from.Truncate(recomputeStep).Add(recomputeStep), d.End)
	rows, err := v.kpis.store.KPIs(ctx, store.KPIFilter{Span: plant.Interval{From: from, To: to}, Limit: store.All})
	if err != nil {
		return nil, nil, err
	}
	for _, k := range rows {
		p, err := v.kpis.place(k.Path)
		if err != nil || !matches(d.Equipment, k.Path) {
			continue // the plant has it no longer, or nobody asked for it
		}
		jobs = append(jobs, &job{place: p, kind: k.Window, window: plant.Interval{From: k.Start, To: k.End}, before: &k, rows: []store.Dirty{d}})
	}
	d.Start = to
	return jobs, &d, nil
}

// matches reports whether a pattern, "" for all, means a path.
func matches(pattern, path string) bool {
	return pattern == "" || pattern == path || plant.Match(pattern, path)
}
