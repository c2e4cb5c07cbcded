package browse_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gopcua/opcua/id"

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
