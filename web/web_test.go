package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"andon/collector"
	"andon/engine"
	"andon/plant"
	"andon/production"
	"andon/store"
	"andon/web"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	lineA = "northfield/packing/lineA"
	lineB = "northfield/moulding/lineB"
	token = "a token for tests alone"
)

// wall is 10:24:31 at the site.
var wall = time.Date(2026, 3, 2, 9, 24, 31, 0, time.UTC)

func ago(d time.Duration) plant.Instant { return plant.At(wall.Add(-d)) }

// A fakeEngine is an engine whose plant does what the test says.
type fakeEngine struct {
	mu          sync.Mutex
	live        []production.Live
	commands    []plant.Command
	refuse      error
	done        func(plant.Command) error // what a command does besides, nil for nothing
	windows     []plant.Interval
	subscribers map[chan struct{}]bool
}

var _ web.Engine = (*fakeEngine)(nil)

func (e *fakeEngine) Live() iter.Seq[production.Live] {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Values(e.live)
}

// Select gives the KPIs of a free window, or two revisions of the hour at
// eight.
func (e *fakeEngine) Select(_ context.Context, sel engine.Selection) ([]engine.Revision, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.windows = append(e.windows, sel.Span)
	k := production.KPI{Equipment: sel.Path, From: sel.Span.From, To: sel.Span.To, Window: production.WindowRange, OEEMode: production.ModeTPM,
		UnknownPolicy: production.UnknownInfer, OEEIndex: production.Over(2, 3)}
	if sel.Window != production.WindowRange {
		k.Window = production.WindowHour
	}
	r, err := engine.NotKept(k, "5d0c", k.To)
	if sel.Window == production.WindowRange {
		return []engine.Revision{r}, err
	}
	first, second := r, r
	first.Number, first.Why, second.Number, second.Why = 1, "settled", 2, "Anna: 10 scrap added"
	if sel.Revision == engine.AllRevisions {
		return []engine.Revision{first, second}, err
	}
	return []engine.Revision{second}, err
}

// Compute gives the KPIs of a running window.
func (e *fakeEngine) Compute(_ context.Context, path, name string, w plant.Interval) (engine.Revision, error) {
	return engine.NotKept(production.KPI{Path: path, From: w.From, To: w.To, Window: name, OEEMode: production.ModeTPM, UnknownPolicy: production.UnknownInfer}, "5d0c", w.To)
}

func (e *fakeEngine) Explain(_ context.Context, q engine.ExplainQuery) (production.Explanation, error) {
	w := q.Span
	return production.Explain(production.KPIInput{Equipment: q.Path, Window: w, Now: w.To, Name: production.WindowRange, Mode: production.ModeTPM,
		Facts: production.Facts{Segments: []production.Segment{{From: w.From, To: w.To, State: plant.StateFault, Loss: production.LossFault, Reason: "E-204"}},
			Counts: []production.Count{{Minute: w.From, Product: "P500", Total: 10, Good: 9, Reject: 1, IdealCycle: time.Second}}}}, q.KPI)
}

func (e *fakeEngine) Do(_ context.Context, cmd plant.Command) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.commands = append(e.commands, cmd)
	if e.done != nil && e.refuse == nil {
		return e.done(cmd)
	}
	return e.refuse
}

func (e *fakeEngine) Subscribe() (<-chan struct{}, func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.subscribers == nil {
		e.subscribers = map[chan struct{}]bool{}
	}
	ch := make(chan struct{}, 1)
	e.subscribers[ch] = true
	return ch, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.subscribers, ch)
	}
}

// change sets what the plant does and tells the subscribers.
func (e *fakeEngine) change(live []production.Live) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.live = live
	for ch := range e.subscribers {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

func (e *fakeEngine) given() []plant.Command {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]plant.Command(nil), e.commands...)
}

// A site is a server with its plant, its records and its log.
type site struct {
	t       *testing.T
	tree    *plant.Tree
	engine  *fakeEngine
	store   *store.Store
	sources []collector.Health
	notes   []string
	influx  atomic.Value // text of what is wrong with InfluxDB, "" for nothing
	now     time.Time
	log     *lockedBuffer
	server  *web.Server
}

// A lockedBuffer is a log that many goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func northfield() plant.Config {
	eq := func(names ...string) (all []plant.EquipmentConfig) {
		for _, n := range names {
			all = append(all, plant.EquipmentConfig{Name: n, Source: "opcua-1",
				Tags: []plant.TagConfig{{Name: "state", Role: plant.RoleState}, {Name: "total", Role: plant.RoleTotalCount, Type: "uint"}}})
		}
		return all
	}
	return plant.Config{Site: "northfield", Zone: "Europe/Berlin", Areas: []plant.AreaConfig{
		{Name: "packing", Lines: []plant.LineConfig{{Name: "lineA", Constraint: "A1", Equipment: eq("A1", "A2", "A3", "A4")}}},
		{Name: "moulding", Lines: []plant.LineConfig{{Name: "lineB", Constraint: "B1", Equipment: eq("B1", "B2", "B3")}}}}}
}

// newSite builds a site; change may alter the configuration.
func newSite(t *testing.T, change func(*web.Config)) *site {
	t.Helper()
	return newSiteWith(t, change, func(*web.Options) {})
}

// newSiteWith builds a site; more may alter what it is made of.
func newSiteWith(t *testing.T, change func(*web.Config), more func(*web.Options)) *site {
	t.Helper()
	tree, err := plant.NewTree(northfield())
	if err != nil {
		t.Fatal(err)
	}
	records, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "andon.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { records.Close() })
	s := &site{t: t, tree: tree, engine: &fakeEngine{}, store: records, log: &lockedBuffer{}, now: wall,
		sources: []collector.Health{{Source: "opcua-1", Up: true, Since: wall.Add(-time.Hour)}}}
	cfg := web.DefaultConfig()
	cfg.Listen, cfg.Token = "127.0.0.1:0", token
	if change != nil {
		change(&cfg)
	}
	reg := prometheus.NewRegistry()
	o := web.Options{Config: cfg, Tree: tree, Engine: s.engine, KPIs: s.engine, Store: records,
		Sources: func() []collector.Health { return s.sources },
		Notes:   func() []string { return s.notes },
		Checks: []web.Check{{Name: "store", Check: records.Healthy},
			{Name: "influx", Check: s.checkInflux}},
		Gatherer: reg, Registerer: reg, Log: slog.New(slog.NewTextHandler(s.log, nil)), Version: "test",
		Now: func() time.Time { return s.now }}
	more(&o)
	s.server, err = web.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) checkInflux(context.Context) error {
	if text, _ := s.influx.Load().(string); text != "" {
		return errors.New(text)
	}
	return nil
}

// ask sends a request to the site without a network between.
func (s *site) ask(r *http.Request) *http.Response {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.server.Handler().ServeHTTP(w, r)
	return w.Result()
}

func (s *site) get(path string) *http.Response {
	s.t.Helper()
	return s.ask(httptest.NewRequest(http.MethodGet, path, nil))
}

// expect returns the body of an answer that must have that status.
func (s *site) expect(res *http.Response, status int) string {
	s.t.Helper()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if res.StatusCode != status {
		s.t.Fatalf("status: got %d, want %d; body %s", res.StatusCode, status, body)
	}
	return string(body)
}

// refused checks that an answer is a problem of the API with that code.
func (s *site) refused(res *http.Response, status int, code string) {
	s.t.Helper()
	var got struct {
		Error struct{ Code, Message string }
	}
	body := s.expect(res, status)
	if err := json.Unmarshal([]byte(body), &got); err != nil || got.Error.Code != code || got.Error.Message == "" {
		s.t.Errorf("problem: got %s, want code %s and a message", body, code)
	}
}

func decode[T any](t *testing.T, body string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("decode %s: %v", body, err)
	}
	return v
}

func encode[T any](t *testing.T, v T) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func form(path string, fields ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(strings.Join(fields, "&")))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}
