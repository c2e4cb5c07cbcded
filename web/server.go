package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"html/template"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"andon/collector"
	"andon/engine"
	"andon/plant"
	"andon/production"
	"andon/queue"
	"andon/store"
	"andon/system"

	"github.com/prometheus/client_golang/prometheus"
)

// An Engine is what the server needs of the plant's engine. All methods are
// safe for concurrent use.
type Engine interface {
	// Live yields the latest of all equipment and lines; it does not block,
	// and nobody changes the maps and slices in what it yields.
	Live() iter.Seq[production.Live]
	// Do puts a command on the stream and returns when it is applied or
	// rejected.
	Do(ctx context.Context, cmd plant.Command) error
	// Subscribe returns a channel that gets a signal after something
	// changed, many changes in one, and a function that ends it.
	Subscribe() (changed <-chan struct{}, cancel func())
}

// A Check tells whether a part of andon works; nil means it does.
type Check struct {
	Name  string
	Check func(context.Context) error
}

// Options is everything a Server needs. Now is the wall clock, time.Now when
// nil. Sources may be nil.
type Options struct {
	Config     Config
	Tree       *plant.Tree
	Engine     Engine
	KPIs       KPIs
	Outlook    Outlook // nil for one without products and targets
	Store      *store.Store
	Orders     []production.Order // of the configuration
	Sources    func() []collector.Health
	Checks     []Check
	Notes      func() []string        // what is no trouble now and somebody should see to; may be nil
	System     func() []system.Active // what is wrong with andon itself; nil for nobody who watches
	Gatherer   prometheus.Gatherer
	Registerer prometheus.Registerer
	Log        *slog.Logger
	Version    string
	Queue      *queue.Queue // of the stream; nil for none
	// Desk answers what stops were; nil for one without reasons to choose.
	Desk *engine.Desk
	Now  func() time.Time
}

// The bounds of one connection. Nobody on a plant network needs longer, and
// who takes longer must not hold a place.
const (
	headerTimeout = 5 * time.Second
	bodyTimeout   = 15 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	stopTimeout   = 2 * time.Second
	maxHeader     = 16 << 10
	maxBody       = 8 << 10
)

// A Server answers people and programs. It is safe for concurrent use.
type Server struct {
	o       Options
	gate    *gate
	assets  *assets
	pages   *template.Template
	metrics *Metrics
	paths   map[string]bool // of the site and everything below
	handler http.Handler
	tls     *tls.Config // nil for plain HTTP
	health  healthWatch
	boards  boardCache
	trouble changeLog
	places  chan struct{} // one for each reader of events
	exports chan struct{} // one for each export of the stream
	stop    chan struct{} // closed when event streams must end

	listening chan struct{} // closed when Run listens or could not
	addr      string        // written before listening is closed
	once      sync.Once
}

// New builds a Server. It reads the token, the certificate and the pages, so
// that what is wrong with them shows now.
func New(o Options) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sources == nil {
		o.Sources = func() []collector.Health { return nil }
	}
	if o.Notes == nil {
		o.Notes = func() []string { return nil }
	}
	if o.Desk == nil {
		o.Desk = engine.NewDesk(production.DefaultConfig(), o.Tree, o.Store)
	}
	var err error
	if o.Outlook, err = o.outlook(); err != nil {
		return nil, err
	}
	token, err := o.Config.token()
	if err != nil {
		return nil, err
	}
	s := &Server{o: o, metrics: NewMetrics(o.Registerer), paths: treePaths(o.Tree),
		places: make(chan struct{}, o.Config.MaxClients), exports: make(chan struct{}, maxExports), stop: make(chan struct{}), listening: make(chan struct{})}
	if s.tls, err = loadTLS(o.Config.TLS); err != nil {
		return nil, err
	}
	s.gate = newGate(token, s.tls != nil)
	if s.assets, err = loadAssets(o.Version); err != nil {
		return nil, err
	}
	if s.pages, err = s.parsePages(); err != nil {
		return nil, err
	}
	s.handler = s.secure(s.mux())
	return s, nil
}

func loadTLS(c TLSConfig) (*tls.Config, error) {
	if c.Cert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(string(c.Cert), string(c.Key))
	if err != nil {
		return nil, fmt.Errorf("load web certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// treePaths returns the paths of the site, its areas, lines and equipment.
func treePaths(t *plant.Tree) map[string]bool {
	paths := map[string]bool{t.Site: true}
	for _, area := range t.Areas {
		paths[area.Path] = true
		for _, line := range area.Lines {
			paths[line.Path] = true
			for _, eq := range line.Equipment {
				paths[eq.Path] = true
			}
		}
	}
	return paths
}

// Handler returns the whole site, for tests and for a server of one's own.
// Live events end only with the request then.
func (s *Server) Handler() http.Handler { return s.handler }

// Addr returns the address that Run listens on, waiting until it does; it is
// "" when Run could not listen.
func (s *Server) Addr() string {
	<-s.listening
	return s.addr
}

// Run listens and serves until ctx is done, then lets running requests end
// within two seconds and returns nil. It may be called once.
func (s *Server) Run(ctx context.Context) error {
	defer s.once.Do(func() { close(s.listening) })
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.o.Config.Listen)
	if err != nil {
		return fmt.Errorf("listen for the web: %w", err)
	}
	s.addr = l.Addr().String()
	s.once.Do(func() { close(s.listening) })
	s.o.Log.Info("web is up", "addr", s.addr, "tls", s.tls != nil, "writes", s.gate.open)
	if host, _, err := net.SplitHostPort(s.addr); err == nil && s.tls == nil && !loopback(host) {
		s.o.Log.Warn("token and sessions travel unencrypted: set web.tls or put a TLS proxy in front", "addr", s.addr)
	}
	srv := s.server()
	watching, stopWatching := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { s.watchHealth(watching) })
	err = s.serve(ctx, srv, l)
	stopWatching()
	wg.Wait()
	return err
}

func (s *Server) server() *http.Server {
	srv := &http.Server{
		Handler:           s.handler,
		TLSConfig:         s.tls,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       bodyTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.o.Log.Handler(), slog.LevelDebug),
	}
	srv.RegisterOnShutdown(func() { close(s.stop) })
	return srv
}

// serve runs srv until ctx is done and it has stopped.
func (s *Server) serve(ctx context.Context, srv *http.Server, l net.Listener) error {
	done := make(chan error, 1) // one result, so that the goroutine never waits
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		if s.tls != nil {
			done <- srv.ServeTLS(l, "", "")
		} else {
			done <- srv.Serve(l)
		}
	})
	select {
	case err := <-done:
		// The listener broke; whoever is connected must not be left hanging.
		return errors.Join(fmt.Errorf("serve the web: %w", err), srv.Close())
	case <-ctx.Done():
	}
	// ctx is over, but the requests under way get their time.
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := srv.Shutdown(stopping); err != nil {
		s.o.Log.Warn("web requests cut off at the end", "err", err)
		if err := srv.Close(); err != nil {
			return fmt.Errorf("stop the web: %w", err)
		}
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the web: %w", err)
	}
	return nil
}
