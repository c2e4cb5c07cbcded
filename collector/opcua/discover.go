package opcua

import (
	"context"
	"fmt"
	"time"

	"andon/collector/opcua/browse"
	"andon/plant"
)

// discoverRetry is when a look through the server that failed is tried again,
// at the earliest.
const discoverRetry = time.Minute

// Found is what a look through a server came to.
type Found struct {
	Source string
	Tree   *browse.Tree
	Nodes  []*browse.Node // that the filter selects
	New    []*browse.Node // those of them that no tag of the source reads
	Gone   []*plant.Tag   // tags whose node the server does not have
}

// discover looks through the server at the begin of a session, at its times
// and when the server's nodes changed. What fails here disturbs nothing else.
func (s *Source) discover(ctx context.Context, x *session) error {
	if s.config.Discover == nil || s.found == nil {
		return nil
	}
	told := ""
	for {
		wait := s.config.Discover.Every
		f, err := s.lookThrough(ctx, &Client{x})
		switch {
		case ctx.Err() != nil:
			return nil
		case fatal(err):
			return fmt.Errorf("session lost: %w", err)
		case err != nil:
			if err.Error() != told {
				s.log.Warn("the server cannot be looked through for variables", "err", err)
			}
			told = err.Error()
			if wait == 0 || wait > discoverRetry {
				wait = discoverRetry
			}
		default:
			told = ""
			s.found(f)
		}
		if !s.untilNextLook(ctx, x, wait) {
			return nil
		}
	}
}

// untilNextLook waits for the next time, or for the server's nodes to change.
// It reports whether ctx is still alive.
func (s *Source) untilNextLook(ctx context.Context, x *session, wait time.Duration) bool {
	var due <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-due:
		return true
	case <-x.remodelled:
	}
	// Servers that build their nodes tell of each change: the last one counts.
	return sleep(ctx, settleTime)
}

// settleTime is how long after a change of its nodes a server is looked
// through.
const settleTime = 2 * time.Second

// lookThrough walks through the server once and compares what it has with the
// tags of the source.
func (s *Source) lookThrough(ctx context.Context, c *Client) (Found, error) {
	filter := s.config.Discover.Filter
	f := Found{Source: s.name}
	var err error
	if f.Tree, err = browse.Walk(ctx, c, browse.Options{Bounds: s.config.bounds(), Include: filter.Include, Exclude: filter.Exclude}); err != nil {
		return f, err
	}
	if f.Nodes, err = browse.Find(ctx, c, f.Tree, filter); err != nil {
		return f, err
	}
	d, err := browse.Compare(ctx, c, f.Nodes, s.configured(c.session))
	if err != nil {
		return f, err
	}
	f.New = d.New
	for _, g := range d.Gone {
		f.Gone = append(f.Gone, g.Tag)
	}
	return f, nil
}

// configured returns the tags of the source with their nodes in session x.
func (s *Source) configured(x *session) []browse.Configured {
	var list []browse.Configured
	for _, p := range s.points() {
		node, err := x.node(p)
		list = append(list, browse.Configured{Tag: p.tag, Node: node, Err: err})
	}
	return list
}
