package browse_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/browse"
)

// What has long names, and a server with long continuation points, is asked in
// requests that every server takes.
func TestNoRequestIsLargerThanTheSmallestServerTakes(t *testing.T) {
	s := newSpace(t)
	s.perAnswer, s.padding = 2, strings.Repeat("x", 300)
	for i := range 100 {
		line := s.folder(s.objects(), fmt.Sprintf("%s%d", strings.Repeat("Line", 60), i))
		for j := range 5 {
			s.variable(line, fmt.Sprint("Zone", j), id.Double)
		}
	}
	tree, found := s.walk(browse.Options{}, browse.Filter{})
	if !tree.Whole() || len(found) != 500 {
		t.Errorf("got %d variables, cut %q and troubles %v, want all 500", len(found), tree.Cut, tree.Troubles)
	}
	if s.longest > 8192 || s.longest < 6000 {
		t.Errorf("largest request: got %d bytes, want nearly 8192", s.longest)
	}
	if len(s.open) != 0 {
		t.Errorf("continuation points left: got %d, want none", len(s.open))
	}
	s.longest = 0
	tree, _ = s.walk(browse.Options{Bounds: browse.Bounds{Nodes: 140, PerCall: 100}}, browse.Filter{})
	if tree.Whole() || len(s.open) != 0 || s.longest > 8192 {
		t.Errorf("cut: got %d continuation points left and a request of %d bytes, want none and 8192 at most", len(s.open), s.longest)
	}
}

// A counted is a space that refuses some answers as too large, and counts how
// often each node is browsed.
type counted struct {
	*space
	refuse int
	asked  map[string]int
}

func (c *counted) Call(ctx context.Context, req ua.Request) (ua.Response, error) {
	switch r := req.(type) {
	case *ua.BrowseNextRequest:
		if !r.ReleaseContinuationPoints && c.refuse > 0 {
			c.refuse--
			return nil, ua.StatusBadResponseTooLarge
		}
	case *ua.BrowseRequest:
		for _, n := range r.NodesToBrowse {
			c.asked[n.NodeID.String()]++
		}
	}
	return c.space.Call(ctx, req)
}

func TestWhatIsBelowANodeThatIsAskedAgainIsBrowsedOnce(t *testing.T) {
	s := newSpace(t)
	m := s.folder(s.objects(), "LineA")
	for i := range 1500 {
		s.folder(s.folder(m, fmt.Sprint("Machine", i)), "Drive")
	}
	c := &counted{space: s, refuse: 3, asked: map[string]int{}}
	if _, err := browse.Walk(t.Context(), c, browse.Options{Bounds: browse.DefaultBounds()}); err != nil {
		t.Fatal(err)
	}
	again := 0
	for _, n := range c.asked {
		if n > 1 {
			again++
		}
	}
	if len(c.asked) < 3000 || again > 2 { // the root's children and those of LineA
		t.Errorf("got %d of %d nodes browsed more than once, want those only whose answer was too large", again, len(c.asked))
	}
}
