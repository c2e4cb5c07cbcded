package opcua

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/wire"
)

// poll reads the polled groups, each at the multiples of its interval since
// midnight UTC. It is one goroutine, so that a server gets one Read at a time;
// times that pass meanwhile are left out.
func (s *Source) poll(ctx context.Context, x *session, out *output) error {
	var groups []*group
	for _, g := range s.groups {
		if len(g.points) > 0 {
			groups = append(groups, g)
		}
	}
	if len(groups) == 0 {
		return nil
	}
	r := newReader(x, out)
	r.roll.show(s)
	due := make([]time.Time, len(groups))
	for i, g := range groups {
		due[i] = next(time.Now(), g.interval)
	}
	for {
		i := earliest(due)
		if !sleep(ctx, time.Until(due[i])) {
			return nil
		}
		if err := r.readGroup(ctx, groups[i]); err != nil {
			return err
		}
		last := due[i]
		due[i] = next(time.Now(), groups[i].interval)
		if missed := due[i].Sub(last)/groups[i].interval - 1; missed > 0 {
			s.metrics.pollsMissed.Add(float64(missed))
		}
	}
}

// next returns the first multiple of interval after now.
func next(now time.Time, interval time.Duration) time.Time {
	return now.Truncate(interval).Add(interval)
}

func earliest(due []time.Time) int {
	first := 0
	for i, t := range due {
		if t.Before(due[first]) {
			first = i
		}
	}
	return first
}

// sleep waits for d and reports whether ctx is still alive.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// A reader polls for one session. It is of one goroutine.
type reader struct {
	session    *session
	out        *output
	retryAt    time.Time // when to ask again for namespaces that were unknown
	registered registered
	alone      map[*point]bool // those whose value could not be had with others in one response
	failures   map[*group]int  // polls in a row that failed as a whole
	searchAt   time.Time       // when to look again for nodes for which the server refuses calls
	roll       *roll
}

// newReader makes a reader for session x.
func newReader(x *session, out *output) *reader {
	return &reader{session: x, out: out, retryAt: time.Now(), registered: newRegistered(x), alone: map[*point]bool{}, failures: map[*group]int{}, roll: newRoll(x.source.groups)}
}

// readGroup reads all points of g and puts their samples. Only the loss of
// the session or the Sink is an error.
func (r *reader) readGroup(ctx context.Context, g *group) error {
	defer r.roll.show(r.session.source)
	points, nodes := r.resolve(ctx, g)
	if len(nodes) == 0 {
		return nil
	}
	values, err := r.read(ctx, points, nodes)
	if err == nil {
		err = r.learn(ctx, points, values)
	}
	switch {
	case ctx.Err() != nil:
		return nil
	case fatal(err):
		return fmt.Errorf("session lost: %w", err)
	case err != nil:
		return r.fail(ctx, g, points, err)
	}
	r.failures[g] = 0
	r.session.source.metrics.polls.Inc()
	return r.put(ctx, points, values)
}

// learn finds out what the values of nodes are made of that the server did not
// have before.
func (r *reader) learn(ctx context.Context, points []*point, values []wire.ReadValue) error {
	var unknown []*point
	for i, first := range points {
		if nodeGone(values[i].Status) {
			continue
		}
		for p := first; p != nil; p = p.next {
			if p.needsType() && p.known.Load() == nil {
				unknown = append(unknown, p)
			}
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return r.session.learnTypes(ctx, unknown)
}

// read reads points by the ids that the server registered for them. Where it
// knows one of those no more, the point is read again by its own.
func (r *reader) read(ctx context.Context, points []*point, nodes []*ua.NodeID) ([]wire.ReadValue, error) {
	ids := r.registered.ids(ctx, points, nodes)
	values, err := r.readAs(ctx, points, ids)
	if err != nil {
		return nil, err
	}
	var stale []int
	for i := range values {
		if ids[i] != nodes[i] && nodeGone(values[i].Status) {
			stale = append(stale, i)
		}
	}
	if len(stale) == 0 {
		return values, nil
	}
	again, plain := make([]*point, len(stale)), make([]*ua.NodeID, len(stale))
	for j, i := range stale {
		again[j], plain[j] = points[i], nodes[i]
	}
	r.registered.forget(ctx, again)
	fresh, err := r.readAs(ctx, again, plain)
	if err != nil {
		return nil, err
	}
	for j, i := range stale {
		values[i] = fresh[j]
	}
	return values, nil
}

// readAs reads points by ids, those that spoil the responses of others each in
// a call of its own.
func (r *reader) readAs(ctx context.Context, points []*point, ids []*ua.NodeID) ([]wire.ReadValue, error) {
	values := make([]wire.ReadValue, len(points))
	var together, spoilers []int
	for i, p := range points {
		if r.alone[p] {
			spoilers = append(spoilers, i)
		} else {
			together = append(together, i)
		}
	}
	calls := slices.Collect(slices.Chunk(spoilers, 1))
	if len(together) > 0 {
		calls = append(calls, together)
	}
	for _, list := range calls {
		nodes := make([]*ua.NodeID, len(list))
		for j, i := range list {
			nodes[j] = ids[i]
		}
		results, err := r.readApart(ctx, attributesOf(nodes, ua.AttributeIDValue))
		if refusedAll(err) && r.alone[points[list[0]]] {
			results, err = []wire.ReadValue{unreachable(err)}, nil
		}
		if err != nil {
			return nil, err
		}
		for j, i := range list {
			values[i] = results[j]
			r.registered.note(points[i], results[j].Status)
			if results[j].Err != nil {
				r.alone[points[i]] = true
			} else {
				delete(r.alone, points[i])
			}
		}
	}
	return values, nil
}

// noteNode tells of a node that cannot be read at all, or whose value cannot be
// had. Other Bad values are news of the equipment, not of the node.
func (r *reader) noteNode(p *point, v *wire.ReadValue) {
	if p.mismatch != "" {
		return
	}
	text := ""
	switch {
	case v.Err != nil:
		text = fmt.Sprintf("value cannot be read: %v", v.Err)
	case v.Status != ua.StatusOK && (nodeTrouble(v.Status) || tooMuch(v.Status)):
		text = statusText(v.Status)
	}
	if text != "" || v.Status == ua.StatusOK {
		r.session.source.noteTrouble(r.out.status, p, text)
	}
}

// resolve returns the points whose node ids are known in this session.
func (r *reader) resolve(ctx context.Context, g *group) ([]*point, []*ua.NodeID) {
	x := r.session
	points, nodes := make([]*point, 0, len(g.points)), make([]*ua.NodeID, 0, len(g.points))
	asked := time.Now().Before(r.retryAt)
	for _, p := range g.points {
		node, err := x.node(p)
		if err != nil && !asked {
			asked = true
			r.retryAt = time.Now().Add(x.source.config.ItemRetry)
			x.learnNamespaces(ctx)
			node, err = x.node(p)
		}
		if err != nil {
			x.source.noteFamily(r.out.status, p, err.Error())
			r.roll.note(p, reasonNamespace)
			continue
		}
		points, nodes = append(points, p), append(nodes, node)
	}
	return points, nodes
}
