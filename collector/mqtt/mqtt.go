// Package mqtt reads equipment that publishes to an MQTT 3.1.1 broker.
//
// A Source subscribes to topic filters, places each message in the equipment
// tree by its topic, decodes JSON, single values or last-will words, and puts
// the samples. Messages of QoS 1 are acknowledged to the broker only after
// the Sink took their samples; the session is persistent, so that the broker
// keeps what is published while andon is away. What comes twice is put twice:
// samples with the same tag and time are the same to every reader.
//
// Order is kept. Who reads the connection decodes as well; another goroutine,
// the worker, puts. Between them stands a bounded inbox. What is wrong with
// one topic never stops the others: it is counted, and told through
// collector.Status.
package mqtt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"andon/collector"
	"andon/plant"
)

// drainLimit is how long the messages that had come before a session was lost
// may take to reach the bus. Those of QoS 0 never come again.
const drainLimit = 5 * time.Second

var _ collector.Source = (*Source)(nil)

// A Source is one MQTT broker. Run may be called again after it returned, but
// not twice at a time.
type Source struct {
	name    string
	config  Config
	tree    *plant.Tree
	routes  []*route
	log     *slog.Logger
	metrics sourceMetrics
}

// Options are what New needs.
type Options struct {
	Config  Config
	Name    string       // the source's name in the configuration
	Tree    *plant.Tree  // where samples belong
	Log     *slog.Logger // nil is slog.Default()
	Metrics *Metrics     // nil counts for nobody
}

// New builds a Source. It returns all problems of the configuration at once,
// also places and tags that the tree has not and files that cannot be read.
// It does not connect.
func New(o Options) (*Source, error) {
	if err := o.Config.Validate().Err(); err != nil {
		return nil, err
	}
	routes, problems := newRoutes(o.Config, o.Name, o.Tree)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if o.Config.ClientID == "" {
		o.Config.ClientID = "andon-" + o.Tree.Site + "-" + o.Name
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Metrics == nil {
		o.Metrics = NewMetrics(nil)
	}
	s := &Source{name: o.Name, config: o.Config, tree: o.Tree, routes: routes,
		log: o.Log.With("source", o.Name), metrics: o.Metrics.of(o.Name)}
	if _, err := s.clientOptions(context.Background(), newInbox(0), &dialer{}); err != nil {
		return nil, err
	}
	return s, nil
}

// Name returns the source's name in the configuration.
func (s *Source) Name() string { return s.name }

// Run reads the broker until ctx is done, and then returns nil. It returns an
// error when it cannot connect, no subscription is granted, the connection is
// lost, or the sink refuses.
func (s *Source) Run(ctx context.Context, sink collector.Sink, status *collector.Status) error {
	err := s.serve(ctx, sink, status)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// serve is one session from connecting to its end.
func (s *Source) serve(ctx context.Context, sink collector.Sink, status *collector.Status) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	in := newInbox(s.config.MaxInflight)
	d := &dialer{take: &intake{inbox: in, status: status, log: s.log, metrics: s.metrics,
		decoder: newDecoder(s.routes, s.tree, s.config.MaxPayload)}}
	options, err := s.clientOptions(ctx, in, d)
	if err != nil {
		return err
	}
	client := paho.NewClient(options)

	w := &worker{in: in, sink: sink, metrics: s.metrics, acknowledge: d.acknowledge, window: window{narrow: &d.narrow}}
	var wg sync.WaitGroup
	done := make(chan struct{})
	wg.Go(func() {
		defer close(done)
		if err := collector.Contain(func() error { return w.run(ctx) }); err != nil {
			in.close(err)
		}
	})
	err = s.read(ctx, client, d, in, status)
	in.close(err)
	if err != nil && !errors.Is(err, errStalled) {
		s.drain(ctx, done)
	}
	cancel()
	client.Disconnect(quiesceMs)
	wg.Wait()
	return err
}

// read connects, subscribes and waits for the end of the session.
func (s *Source) read(ctx context.Context, client paho.Client, d *dialer, in *inbox, status *collector.Status) error {
	kept, err := s.connect(ctx, client, d)
	if err != nil {
		return err
	}
	if err := s.subscribe(ctx, client, in, status); err != nil {
		return err
	}
	status.Up(time.Now())
	s.log.Debug("connected", "broker", s.config.URL, "client_id", s.config.ClientID, "session_kept", kept)
	select {
	case <-ctx.Done():
		return nil
	case <-in.closed:
		return in.err
	}
}

// drain waits for the worker to empty the inbox.
func (s *Source) drain(ctx context.Context, done <-chan struct{}) {
	limit := time.NewTimer(drainLimit)
	defer limit.Stop()
	select {
	case <-done:
	case <-ctx.Done():
	case <-limit.C:
		s.log.Warn("messages dropped with the lost connection", "error", fmt.Sprintf("the bus took none for %v", drainLimit))
	}
}
