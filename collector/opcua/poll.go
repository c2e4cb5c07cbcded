package opcua

import (
	"context"
	"fmt"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/plant"
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
	r := &reader{session: x, out: out, retryAt: time.Now()}
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

// A reader polls for one session.
type reader struct {
	session *session
	out     *output
	retryAt time.Time // when to ask again for namespaces that were unknown
}

// readGroup reads all points of g and puts their samples. Only the loss of
// the session or the Sink is an error.
func (r *reader) readGroup(ctx context.Context, g *group) error {
	s := r.session.source
	points, nodes := r.resolve(ctx, g)
	if len(nodes) == 0 {
		return nil
	}
	values, err := r.session.read(ctx, nodes)
	switch {
	case ctx.Err() != nil:
		return nil
	case fatal(err):
		return fmt.Errorf("session lost: %w", err)
	case err != nil:
		s.log.Debug("poll failed", "interval", g.interval, "err", err)
		return nil
	}
	now := time.Now()
	s.metrics.polls.Inc()
	samples := make([]plant.Sample, len(values))
	for i, v := range values {
		samples[i] = r.out.decoder.sample(points[i], readingOf(v), now)
		r.noteNode(points[i], v)
	}
	if err := r.out.put(ctx, samples); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

// noteNode tells of a node that cannot be read at all, or whose value is larger
// than a response may be. Other Bad values are
// news of the equipment, not of the node.
func (r *reader) noteNode(p *point, v *ua.DataValue) {
	if p.mismatch != "" {
		return
	}
	text := ""
	if nodeTrouble(v.Status) || tooMuch(v.Status) {
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
			x.source.noteTrouble(r.out.status, p, err.Error())
			continue
		}
		points, nodes = append(points, p), append(nodes, node)
	}
	return points, nodes
}
