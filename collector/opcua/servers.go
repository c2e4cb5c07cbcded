package opcua

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The ranges of a service level (OPC 10000-4, 6.6.2.4.2).
const (
	levelNoData  = 1   // no useful data; 0 is maintenance, in which clients should go
	levelHealthy = 200 // from here on all data are there
	levelUnknown = 255 // of servers that do not tell
)

// A fitness orders servers before their level does.
type fitness int

const (
	away     fitness = iota // cannot be reached or refuses andon
	unusable                // in maintenance or without data
	degraded
	healthy
)

// mostFalls is after how many sessions of no use a server is held for unusable,
// whatever level it tells: one may be an accident.
const mostFalls = 2

// A server is one of several that have the same nodes.
type server struct {
	address string
	limits  *limits
	fitness fitness
	level   byte
	reason  string    // why it is away or unusable, "" if it was not asked yet
	falls   int       // sessions in a row that were of no use
	better  time.Time // since when it would be a better choice, zero if it is not
}

func (v *server) reach(level byte) {
	v.level, v.fitness, v.reason = level, degraded, ""
	switch {
	case level >= levelHealthy:
		v.fitness = healthy
	case level <= levelNoData:
		v.fitness = unusable
	}
	if v.falls >= mostFalls {
		v.fitness, v.reason = unusable, "does not keep its sessions"
	}
}

// lose notes that no session could be made. What a server refuses and what is
// refused of it is told as it is; the words for no answer differ each time.
func (v *server) lose(err error) {
	v.level, v.fitness, v.better, v.reason = 0, away, time.Time{}, "does not answer"
	if !disconnected(err) && !errors.Is(err, context.DeadlineExceeded) {
		v.reason = "cannot be used: " + err.Error()
	}
}

// servers are those of one source in order of preference. One goroutine at a
// time uses them.
type servers struct {
	list  []*server
	used  int  // index of the one in use, or of the last one that was
	asked bool // an earlier process's choice was looked for
	rules Redundancy
}

func newServers(addresses []string, rules Redundancy) *servers {
	g := &servers{rules: rules}
	for _, a := range addresses {
		g.list = append(g.list, &server{address: a})
	}
	return g
}

// limitsOf returns what the server at an address was found to bear.
func (g *servers) limitsOf(address string) *limits {
	return g.list[slices.IndexFunc(g.list, func(v *server) bool { return v.address == address })].limits
}

// showLimits has metrics show those limits, and not those of other servers.
func (g *servers) showLimits(used *limits) {
	for _, v := range g.list {
		v.limits.show(v.limits == used)
	}
}

// ended notes whether the session that ended was of use.
func (g *servers) ended(useful bool) {
	u := g.list[g.used]
	if u.falls++; useful {
		u.falls = 0
	}
}

// forgive gives those a new chance that are not in use.
func (g *servers) forgive() {
	for i, v := range g.list {
		if i != g.used {
			v.falls = 0
		}
	}
}

// order returns the indices of the servers in the order in which a new session
// looks for one: the last one first, as it may have kept the subscription,
// unless it does not keep its sessions.
func (g *servers) order() []int {
	var list []int
	for i := range g.list {
		if i != g.used {
			list = append(list, i)
		}
	}
	if g.list[g.used].falls >= mostFalls {
		return append(list, g.used)
	}
	return slices.Insert(list, 0, g.used)
}

// suspects returns the servers to ask for their level besides the one in use:
// all when that is not healthy or they are to be looked after, else those that
// are preferred to it.
func (g *servers) suspects(all bool) []int {
	n := len(g.list)
	if !all && g.list[g.used].fitness == healthy {
		n = g.used
	}
	var list []int
	for i := range n {
		if i != g.used {
			list = append(list, i)
		}
	}
	return list
}

// choose returns the index of the server to use from now on. One that is
// fitter is taken at once; one that is as fit only after it was the better
// choice for FailBackAfter, so that a server that comes and goes does not
// take andon with it.
func (g *servers) choose(now time.Time) int {
	u := g.list[g.used]
	best := g.used
	for i, v := range g.list {
		if v.fitness > unusable && v.fitness > u.fitness && beats(v, g.list[best]) {
			best = i
		}
	}
	if best != g.used {
		return best
	}
	for i, v := range g.list {
		if i == g.used || !g.isBetter(i) {
			v.better = time.Time{}
			continue
		}
		if v.better.IsZero() {
			v.better = now
		}
		if best == g.used && now.Sub(v.better) >= g.rules.FailBackAfter {
			best = i
		}
	}
	return best
}

// beats reports whether v is fitter than w, or as fit at a higher level.
func beats(v, w *server) bool {
	return v.fitness > w.fitness || v.fitness == w.fitness && v.level > w.level
}

// isBetter reports whether server i, which is as fit as the one in use, is a
// better choice: preferred and at no lower level, or clearly less degraded.
func (g *servers) isBetter(i int) bool {
	v, u := g.list[i], g.list[g.used]
	if v.fitness != u.fitness || v.fitness <= unusable {
		return false
	}
	return i < g.used && v.level >= u.level || v.fitness == degraded && int(v.level) >= int(u.level)+g.rules.LevelMargin
}

// use makes server i the one in use. It reports whether that is another one.
func (g *servers) use(i int) bool {
	other := i != g.used
	g.used = i
	for _, v := range g.list {
		v.better = time.Time{}
	}
	return other
}

// trouble says when another server than the first one is in use, what is wrong
// with the one in use, and which others would be of no help; "" for nothing.
func (g *servers) trouble() string {
	var parts []string
	u := g.list[g.used]
	if u.fitness != healthy {
		parts = append(parts, fmt.Sprintf("%s is in use at service level %d", u.address, u.level))
	} else if g.used > 0 {
		parts = append(parts, fmt.Sprintf("%s is in use instead of %s", u.address, g.list[0].address))
	}
	for _, v := range g.list {
		if v != u && v.reason != "" {
			parts = append(parts, v.address+" "+v.reason)
		}
	}
	return strings.Join(parts, "; ")
}
