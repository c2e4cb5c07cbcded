package opcua

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"andon/collector"
	"andon/collector/opcua/address"
	"andon/collector/opcua/structure"
	"andon/plant"
)

// Options are what a Source needs.
type Options struct {
	Config Config
	Name   string
	// Tags are what the Source reads; their Address is a node id.
	Tags []*plant.Tag
	// StateDir is the folder of andon's own certificate; it is not used
	// with security policy None or a configured certificate.
	StateDir string
	// Handover is the file in which the Source notes its subscriptions, so
	// that another process may take them over; "" for none.
	Handover string
	// History is the file in which the Source notes the times of the last
	// values, so that another process knows what is missing; "" for none.
	History string
	// Found is told what each look through the server came to, from one
	// goroutine at a time; nil looks for nothing. It must not block.
	Found   func(Found)
	Log     *slog.Logger
	Metrics *Metrics
}

// A Source reads one OPC UA server. Run must not be called while it runs.
type Source struct {
	name     string
	config   Config
	stateDir string
	handover string
	found    func(Found)
	log      *slog.Logger
	metrics  sourceMetrics
	groups   []*group // of polled tags

	// subscribers have the other tags, the shortest interval first, and the
	// last one the events.
	subscribers []*subscriber

	channelLifetime time.Duration
	largest         int // bytes of a message that the server may send, 0 for the usual

	begun bool // what another process left was looked for
	rigid bool // the server transfers no subscriptions

	probed string  // the server of which it is known whether it does
	ticket *ticket // for going on with the session whose connection was lost
	model  modelSubscription

	// servers are all that the configuration names; config.Endpoint is the one
	// in use.
	servers *servers
	next    *session // with the server to go on with, see watchServers
	patient bool     // all servers failed within quickConnect

	tally   tally
	history *historian

	mu sync.Mutex // guards what subscribers left, and the note of it

	troubles sync.Mutex // guards what is told of points
}

var _ collector.Source = (*Source)(nil)

// A point is one tag and the node that it is read from.
type point struct {
	tag      *plant.Tag
	address  address.Address
	terms    terms                               // of its item; nothing where it is polled
	next     *point                              // another tag of the same node, see family.go
	known    atomic.Pointer[structure.Knowledge] // nil when nothing more is needed or known
	trouble  string                              // guarded by Source.troubles
	nodes    bool                                // trouble is that of the node; likewise
	warning  string                              // likewise
	logged   time.Time                           // likewise, when the log had either last
	mismatch string                              // what is wrong with its values' type; of the goroutine that decodes them
	sight    sight                               // which of its values came, and those of its family
}

// A group is a set of points that are read together.
type group struct {
	interval time.Duration
	points   []*point
}

// New makes a Source. It reports every tag whose address is not a node id.
func New(o Options) (*Source, error) {
	if err := o.Config.Validate().Err(); err != nil {
		return nil, err
	}
	s := &Source{
		name:     o.Name,
		config:   o.Config,
		stateDir: o.StateDir,
		handover: o.Handover,
		found:    o.Found,
		log:      o.Log.With("source", o.Name),
		metrics:  o.Metrics.forSource(o.Name),

		channelLifetime: channelLifetime,
	}
	s.servers = newServers(o.Config.endpoints(), o.Config.Redundancy)
	for _, v := range s.servers.list {
		v.limits = newLimits(o.Config.MaxItemsPerCall, s.metrics)
	}
	s.config.Endpoint = s.servers.list[0].address
	s.history = newHistorian(s, o.History)
	for _, p := range o.Config.Polled {
		s.groups = append(s.groups, &group{interval: p.Interval})
	}
	var errs []error
	kin := families{}
	for _, tag := range o.Tags {
		a, err := address.Parse(tag.Address)
		if err != nil {
			errs = append(errs, fmt.Errorf("tag %s: %w", tag.Path, err))
			continue
		}
		s.place(&point{tag: tag, address: a}, kin)
	}
	slices.SortFunc(s.subscribers, func(a, b *subscriber) int { return cmp.Compare(a.interval, b.interval) })
	if err := s.addEvents(); err != nil {
		errs = append(errs, err)
	}
	for i, r := range s.subscribers {
		r.place = i
	}
	return s, errors.Join(errs...)
}

// place puts p into the first polled group that matches it, else with those of
// its publishing interval.
func (s *Source) place(p *point, kin families) {
	for i, g := range s.config.Polled {
		if plant.Match(g.Tags, p.tag.Path) {
			if !kin.join(p, s.groups[i]) {
				s.groups[i].points = append(s.groups[i].points, p)
			}
			return
		}
	}
	interval, terms := s.config.subscription(p.tag.Path)
	p.terms = terms
	if kin.join(p, way{interval, terms, terms.Deadband != Deadband{} && p.filtered()}) {
		return
	}
	for _, r := range s.subscribers {
		if r.interval == interval {
			r.points = append(r.points, p)
			return
		}
	}
	s.subscribers = append(s.subscribers, &subscriber{source: s, interval: interval, points: []*point{p}})
}

// Name returns the name from the configuration.
func (s *Source) Name() string { return s.name }

// Run opens a session and puts what it reads into sink until ctx is done or
// the session is lost.
func (s *Source) Run(ctx context.Context, sink collector.Sink, status *collector.Status) error {
	for {
		x, err := s.connect(ctx)
		cause, began := causeConnect, time.Now()
		if err == nil {
			err = s.flow(ctx, x, sink, status)
			cause = causeOf(err)
		}
		if s.changed(ctx, err) {
			continue
		}
		if ctx.Err() != nil {
			return nil
		}
		s.metrics.reconnect(cause)
		if x == nil {
			return err
		}
		s.servers.ended(s.lasted(began) && !errors.Is(err, errSilent))
		if len(s.servers.list) == 1 || !s.lasted(began) {
			return err
		}
		s.log.Warn("session is lost, asking all servers", "err", err)
		status.Down(time.Now(), err)
	}
}

// flow runs all that belongs to one session and ends it.
func (s *Source) flow(parent context.Context, x *session, sink collector.Sink, status *collector.Status) error {
	ctx, t := newTeam(parent)
	defer t.cancel(nil)
	start := func(f func(context.Context) error) { t.start(ctx, f) }
	out := newOutput(s, sink, status)
	x.borrowed, s.ticket = false, nil
	s.history.enter(origin{x.address, x.started})
	s.servers.showLimits(x.limits)
	defer s.history.save()
	s.warnOfParts(x, out)
	err := collector.Contain(func() error { return x.learnAfresh(ctx, s.points()) })
	switch {
	case err != nil:
	case len(s.subscribers) > 0:
		err = collector.Contain(func() error { return s.subscribe(ctx, x, out, start) })
	default:
		start(func(ctx context.Context) error {
			return s.heartbeat(ctx, x, func(now time.Time) {
				out.hear(0, now)
				out.lives()
			})
		})
	}
	if err == nil {
		start(func(ctx context.Context) error { return s.poll(ctx, x, out) })
		start(func(ctx context.Context) error { return s.discover(ctx, x) })
		start(out.sayContact)
		start(func(ctx context.Context) error { return x.watchExpiry(ctx, status) })
		start(func(ctx context.Context) error { return s.watchServers(ctx, x, status) })
		start(func(ctx context.Context) error { return out.learner.run(ctx, x) })
		start(func(ctx context.Context) error { return s.watchClock(ctx, x, out) })
		start(func(ctx context.Context) error { return s.compareUnits(ctx, x, out) })
		start(func(ctx context.Context) error { return s.history.run(ctx, x, out) })
		start(s.history.keep)
		start(out.sayUp)
		<-ctx.Done()
	}
	// When something ended the session, the rest failed only because of it.
	if cause := context.Cause(ctx); cause != nil {
		err = x.channel.Explain(cause)
	}
	t.cancel(err)
	s.leave(parent, x, t, err)
	return err
}

// leave ends a session that err ended, and its team. What the server still has
// is noted for the next one.
func (s *Source) leave(parent context.Context, x *session, t *team, err error) {
	refused := errors.As(err, new(sinkError))                             // what came is still with the server
	lost := fatal(err) || errors.Is(err, errSilent) || refused && s.rigid // the server may still have the subscriptions
	x.limits.ended(disconnected(err) && !x.told.Load() && s.servesAny(), x.filled.Load())
	if lost {
		x.link.Shutdown() // nothing can be said on it any more, or is to be
	}
	x.keep = (parent.Err() != nil || refused) && s.leavesAny() && s.config.KeepFor > 0 && !s.rigid
	// Waiting is bounded: close cuts the link, whatever still hangs on it.
	done := make(chan struct{})
	go func() { t.wg.Wait(); close(done) }()
	x.close()
	<-done
	switch {
	case lost && parent.Err() == nil:
		s.ticket = x.ticketFor(err)
	case !lost && !x.keep:
		s.dropHandover()
	}
}
