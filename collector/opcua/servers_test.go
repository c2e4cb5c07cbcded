package opcua

import (
	"errors"
	"io"
	"testing"
	"time"
)

// fleet is servers a, b, c at these levels, -1 for one that is away, with the
// one of that index in use.
func fleet(used int, levels ...int) *servers {
	names := []string{"a", "b", "c"}
	g := newServers(names[:len(levels)], Redundancy{CheckInterval: time.Second, FailBackAfter: 5 * time.Minute, LevelMargin: 10})
	g.used = used
	set(g, levels...)
	return g
}

func set(g *servers, levels ...int) {
	for i, l := range levels {
		if l < 0 {
			g.list[i].lose(io.EOF)
			continue
		}
		g.list[i].reach(byte(l))
	}
}

func TestAFitterServerIsTakenAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		servers *servers
		want    int
	}{
		"all are healthy":                     {fleet(0, 255, 255, 255), 0},
		"the second is a healthier one":       {fleet(0, 200, 255), 0},
		"degraded, another is healthy":        {fleet(0, 199, 200), 1},
		"degraded, the best of two others":    {fleet(0, 100, 220, 255), 2},
		"degraded, two others are as good":    {fleet(0, 100, 255, 255), 1},
		"degraded, the other is away":         {fleet(0, 100, -1), 0},
		"degraded, the other has no data":     {fleet(0, 100, 1), 0},
		"in maintenance, another is degraded": {fleet(0, 0, 2), 1},
		"no data, another in maintenance":     {fleet(0, 1, 0), 0},
		"in maintenance, another has no data": {fleet(0, 0, 1), 0},
		"slightly more degraded":              {fleet(0, 100, 199), 0},
	} {
		if got := c.servers.choose(time.Unix(0, 0)); got != c.want {
			t.Errorf("%s: got server %d, want %d", name, got, c.want)
		}
	}
}

func TestAServerThatIsAsFitMustBeBetterForAWhile(t *testing.T) {
	type step struct {
		minute int
		levels []int
		want   int
	}
	for name, c := range map[string]struct {
		used  int
		steps []step
	}{
		"the first one is back": {1, []step{
			{0, []int{-1, 255}, 1}, {1, []int{255, 255}, 1}, {5, []int{255, 255}, 1}, {6, []int{255, 255}, 0}}},
		"the first one comes and goes": {1, []step{
			{0, []int{255, 255}, 1}, {4, []int{-1, 255}, 1}, {5, []int{255, 255}, 1}, {9, []int{255, 255}, 1}, {10, []int{255, 255}, 0}}},
		"the first one is degraded for a moment": {1, []step{
			{0, []int{255, 255}, 1}, {4, []int{199, 255}, 1}, {5, []int{255, 255}, 1}, {9, []int{255, 255}, 1}}},
		"the first one is back at a lower level": {1, []step{
			{0, []int{230, 255}, 1}, {60, []int{230, 255}, 1}, {120, []int{230, 230}, 1}, {125, []int{230, 230}, 0}}},
		"the third is left for the first": {2, []step{
			{0, []int{255, 255, 255}, 2}, {5, []int{255, 255, 255}, 0}}},
		"a degraded one that is clearly better": {0, []step{
			{0, []int{100, 110}, 0}, {4, []int{100, 110}, 0}, {5, []int{100, 110}, 1}}},
		"a degraded one that is hardly better": {0, []step{
			{0, []int{100, 109}, 0}, {60, []int{100, 109}, 0}}},
	} {
		g := fleet(c.used, c.steps[0].levels...)
		for _, s := range c.steps {
			set(g, s.levels...)
			if got := g.choose(time.Unix(int64(60*s.minute), 0)); got != s.want {
				t.Errorf("%s, minute %d: got server %d, want %d", name, s.minute, got, s.want)
			}
		}
	}
}

func TestOnlyServersThatMayBeBetterAreAsked(t *testing.T) {
	for name, c := range map[string]struct {
		servers *servers
		want    int // how many
	}{
		"the first one is healthy":    {fleet(0, 255, 255, 255), 0},
		"the second one is healthy":   {fleet(1, 255, 255, 255), 1},
		"the second one is degraded":  {fleet(1, 255, 100, 255), 2},
		"the first one is in trouble": {fleet(0, 0, 255), 1},
	} {
		if got := c.servers.suspects(false); len(got) != c.want {
			t.Errorf("%s: got %v, want %d servers", name, got, c.want)
		}
	}
}

func TestServersTellWhatIsWrongWithThem(t *testing.T) {
	refusing := fleet(0, 255, 255)
	refusing.list[1].lose(errors.New("server certificate is not trusted"))
	for name, c := range map[string]struct {
		servers *servers
		want    string
	}{
		"all are well":                  {fleet(0, 255, 255), ""},
		"others were not asked yet":     {newServers([]string{"a", "b"}, Redundancy{}), "a is in use at service level 0"},
		"the first one is degraded":     {fleet(0, 100, 255), "a is in use at service level 100"},
		"the second one is in use":      {fleet(1, 255, 255), "b is in use instead of a"},
		"the first one is away":         {fleet(1, -1, 255), "b is in use instead of a; a does not answer"},
		"the second one does not trust": {refusing, "b cannot be used: server certificate is not trusted"},
	} {
		if got := c.servers.trouble(); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if all := fleet(0, 255, 255, 255).suspects(true); len(all) != 2 {
		t.Errorf("all others: got %v, want 2", all)
	}
}

func TestAServerThatDoesNotKeepItsSessionsIsTriedLast(t *testing.T) {
	g := fleet(0, 255, 255, 100)
	g.ended(false)
	if got := g.order(); got[0] != 0 {
		t.Errorf("after one session of no use: got order %v, want still the first one first", got)
	}
	g.ended(false)
	if got := g.order(); got[2] != 0 {
		t.Errorf("after two: got order %v, want the first one last", got)
	}
	g.used = 2
	if set(g, 255, -1, 100); g.choose(time.Unix(0, 0)) != 2 {
		t.Error("told to be healthy: got it chosen, want it left alone")
	}
	g.forgive()
	if set(g, 255, -1, 100); g.choose(time.Unix(0, 0)) != 0 {
		t.Error("an hour later: got it left alone, want it chosen")
	}
	g.used = 0
	g.ended(false)
	g.ended(true)
	g.ended(false)
	if got := g.order(); got[0] != 0 {
		t.Errorf("after one that was of use: got order %v, want the first one first", got)
	}
}
