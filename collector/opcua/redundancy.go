package opcua

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector"
)

// quickConnect is what one of several servers gets to answer, before the next
// one is tried. When all failed, each gets its full time.
const quickConnect = 5 * time.Second

// inspectInterval is how often also those servers are asked that are not
// needed: one that would refuse andon is better known before.
const inspectInterval = time.Hour

// errChanged ends a session because there is a better server.
var errChanged = errors.New("another server is the better choice")

// connect makes a session with the fittest server: the first one that is
// healthy, else the best of those that answer.
func (s *Source) connect(ctx context.Context) (*session, error) {
	g := s.servers
	if x := s.next; x != nil {
		s.next = nil
		return x, nil
	}
	if len(g.list) == 1 {
		return s.connectTo(ctx, s.config.Endpoint, (*session).learn)
	}
	if !g.asked {
		g.asked = true
		g.use(max(0, slices.Index(s.config.endpoints(), s.notedEndpoint())))
	}
	var best *session
	var failed []failure
	for _, i := range g.order() {
		if best != nil && g.list[g.used].fitness == healthy {
			break
		}
		x, err := s.try(ctx, i)
		if err != nil {
			failed = append(failed, failure{g.list[i].address, err})
			continue
		}
		if best != nil && !beats(g.list[i], g.list[g.used]) {
			x.close()
			continue
		}
		if best != nil {
			best.close()
		}
		best = x
		s.useServer(i)
	}
	s.patient = best == nil && !s.patient
	if best == nil {
		return nil, ofAll(failed)
	}
	return best, nil
}

// A failure is why there is no session with one of several servers.
type failure struct {
	address string
	err     error
}

// ofAll joins what the servers of a source said. They refuse the user only when
// all do: where one does not, all are tried again soon.
func ofAll(list []failure) error {
	all := !slices.ContainsFunc(list, func(f failure) bool { return !errors.As(f.err, new(collector.Refused)) })
	errs := make([]error, len(list))
	for i, f := range list {
		var refused collector.Refused
		if errors.As(f.err, &refused) && !all {
			f.err = refused.Err
		}
		errs[i] = fmt.Errorf("%s: %w", f.address, f.err)
	}
	return errors.Join(errs...)
}

// try makes a session with server i and notes its level.
func (s *Source) try(ctx context.Context, i int) (*session, error) {
	if !s.patient {
		quick, cancel := context.WithTimeout(ctx, min(quickConnect, 2*s.config.RequestTimeout))
		defer cancel()
		ctx = quick
	}
	v := s.servers.list[i]
	x, err := s.connectTo(ctx, v.address, func(x *session, ctx context.Context) error {
		if err := x.learn(ctx); err != nil {
			return err
		}
		level, err := x.readLevel(ctx)
		v.reach(level)
		return err
	})
	if err != nil {
		v.lose(err)
	}
	s.metrics.setServer(v, false)
	return x, err
}

// useServer makes server i the one in use.
func (s *Source) useServer(i int) {
	g := s.servers
	if g.use(i) {
		// What was left at another server stays there, and what that one
		// does not bear says nothing of this one.
		for _, r := range s.subscribers {
			r.leave(nil)
		}
		s.rigid = false
		s.metrics.changes.Inc()
	}
	s.config.Endpoint = g.list[i].address
	for k, v := range g.list {
		s.metrics.setServer(v, k == i)
	}
	s.log.Info("server is chosen", "endpoint", s.config.Endpoint, "service_level", g.list[i].level)
}

// notedEndpoint returns the server at which an earlier process left its
// subscription, "" for none.
func (s *Source) notedEndpoint() string {
	var note struct {
		Endpoint string `json:"endpoint"`
	}
	text, err := os.ReadFile(s.handover)
	if err != nil || json.Unmarshal(text, &note) != nil {
		return ""
	}
	return note.Endpoint
}

// readLevel reads the server's service level; many servers do not tell it.
func (x *session) readLevel(ctx context.Context) (byte, error) {
	values, err := x.read(ctx, []*ua.NodeID{ua.NewNumericNodeID(0, id.Server_ServiceLevel)})
	if err != nil {
		return 0, fmt.Errorf("read service level: %w", err)
	}
	if values[0].Value == nil {
		return levelUnknown, nil
	}
	level, ok := values[0].Value.Value().(byte)
	if !ok {
		return levelUnknown, nil
	}
	return level, nil
}

// watchServers looks after the service level of the server in use, and of the
// others when there may be a better one. It ends the session when there is.
func (s *Source) watchServers(ctx context.Context, x *session, status *collector.Status) error {
	g := s.servers
	if len(g.list) == 1 {
		return nil
	}
	status.Via(x.address)
	tick := time.NewTicker(g.rules.CheckInterval)
	defer tick.Stop()
	var probed, inspected time.Time
	for {
		s.tellServers(status)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		before := g.list[g.used].fitness
		if level, err := x.readLevel(ctx); err == nil {
			g.list[g.used].reach(level)
			s.metrics.setServer(g.list[g.used], true)
		}
		// Asking the others costs each a session.
		all := time.Since(inspected) >= inspectInterval
		if now := g.list[g.used].fitness; !all && now == before && now > unusable && time.Since(probed) < g.rules.FailBackAfter/10 {
			continue
		}
		if probed = time.Now(); all {
			if !inspected.IsZero() {
				g.forgive()
			}
			inspected = probed
		}
		if s.findBetter(ctx, all); s.next != nil {
			return fmt.Errorf("%w: %s", errChanged, s.next.address)
		}
	}
}

// findBetter asks the other servers, and makes a session with one that is the
// better choice: the old session goes only when the new one is there.
func (s *Source) findBetter(ctx context.Context, all bool) {
	g := s.servers
	for _, i := range g.suspects(all) {
		if probe, err := s.try(ctx, i); err == nil {
			probe.close()
		}
	}
	if i := g.choose(time.Now()); i != g.used && ctx.Err() == nil {
		s.next, _ = s.try(ctx, i) // an error is in its fitness
	}
}

// tellServers says what is wrong with the servers.
func (s *Source) tellServers(status *collector.Status) {
	text := s.servers.trouble()
	if status.OwnTrouble("redundancy", text) && text != "" {
		s.log.Warn("servers are not all as they should be", "trouble", text)
	}
}

// lasted reports whether a session that began then lasted long enough to look
// for another server at once when it ends. After one that did not, that waits
// for the Supervisor, so that servers are not asked without end.
func (s *Source) lasted(began time.Time) bool {
	return time.Since(began) >= s.servers.rules.CheckInterval
}

// changed reports whether a session ended for a better server, with which
// there is a session already.
func (s *Source) changed(ctx context.Context, err error) bool {
	if s.next == nil {
		return false
	}
	if !errors.Is(err, errChanged) || ctx.Err() != nil {
		s.next.close()
		s.next = nil
		return false
	}
	s.log.Info("server is changed", "from", s.config.Endpoint, "to", s.next.address)
	s.useServer(slices.Index(s.config.endpoints(), s.next.address))
	return true
}
