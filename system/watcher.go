package system

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"andon/alerts"
	"andon/alerts/outbox"
	"andon/collector"
	"andon/plant"
	"andon/store"
)

const (
	// lookEvery is how often the parts are asked.
	lookEvery = time.Second
	// readEvery is how often the records are asked what is open: a book may
	// have lost an alarm, or got one from the process before.
	readEvery = 15 * time.Second
	// sendWithin bounds how long the book may take to hear of a condition
	// before people are told directly.
	sendWithin = 10 * time.Second
	// readWithin bounds one question to the records.
	readWithin = 2 * time.Second
)

// Options are what New needs. Sources may be nil.
type Options struct {
	Config  Config
	Alerts  alerts.Config
	Tree    *plant.Tree
	Stream  Stream
	Engine  Engine
	Records Records
	Writers []Writer
	Sources func() []collector.Health
	Watched []string // names of sources whose silence is told here, since no rule does
	Folders []string // whose disks must have room
	// Direct tells people while nothing can be stored; it delivers what is in
	// Queue.
	Direct *outbox.Worker
	Queue  *outbox.Memory

	Log     *slog.Logger
	Metrics *Metrics

	now  func() time.Time
	room func(folder string) (free, all int64, err error)
	beat <-chan time.Time // instead of a ticker
}

// A Watcher watches andon itself. Run is called once; Active is safe for
// concurrent use.
type Watcher struct {
	o       Options
	judge   judge
	started time.Time

	tracks map[key]*track
	order  []key
	learnt bool // the records said what is open
	readAt time.Time
	// closedAt is since when nothing can be stored; zero while it can.
	closedAt time.Time
	sent     chan outcome
	wg       sync.WaitGroup

	active atomic.Pointer[[]Active]
}

// An Active is a condition that holds now.
type Active struct {
	Rule     string         `json:"rule"`
	Subject  string         `json:"subject"` // path of the site or an area
	Priority plant.Priority `json:"priority"`
	Since    plant.Instant  `json:"since"` // wall clock
	Message  string         `json:"message"`
	// Direct says that people are told from memory, because the alarm cannot
	// be recorded now: it is not in the list of alarms yet.
	Direct bool `json:"direct"`
}

// An outcome is what became of one command.
type outcome struct {
	key    key
	active bool
	err    error
}

// New returns a Watcher that does nothing until Run.
func New(o Options) (*Watcher, error) {
	if o.Stream == nil || o.Engine == nil || o.Records == nil || o.Direct == nil || o.Queue == nil || o.Log == nil || o.Metrics == nil {
		return nil, errors.New("system: want stream, engine, records, direct delivery, log and metrics")
	}
	if err := o.Config.Validate().Err(); err != nil {
		return nil, fmt.Errorf("system: %w", err)
	}
	if o.Sources == nil {
		o.Sources = func() []collector.Health { return nil }
	}
	if o.now == nil {
		o.now = time.Now
	}
	if o.room == nil {
		o.room = roomAt
	}
	w := &Watcher{o: o, started: o.now(), tracks: map[key]*track{}, sent: make(chan outcome, 1)}
	w.judge = judge{cfg: o.Config, site: o.Tree.Site, first: o.Tree.Areas[0], watched: map[string]bool{}, grown: map[string]growth{}}
	for _, name := range o.Watched {
		w.judge.watched[name] = true
	}
	w.active.Store(&[]Active{})
	return w, nil
}

// Active returns the conditions that hold now, with their delays. The result
// must not be changed.
func (w *Watcher) Active() []Active { return *w.active.Load() }

// Run watches until ctx is done, then waits for what is on its way and returns
// nil. What people were told directly and the book did not hear of by then is
// told again by the next process, if it still holds.
func (w *Watcher) Run(ctx context.Context) error {
	w.wg.Go(func() { _ = w.o.Direct.Run(ctx) }) // it always returns nil
	defer w.wg.Wait()
	beat := w.o.beat
	if beat == nil {
		ticker := time.NewTicker(lookEvery)
		defer ticker.Stop()
		beat = ticker.C
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case x := <-w.sent:
			w.hear(x)
		case <-beat:
			w.look(ctx)
		}
	}
}

// look is one round.
func (w *Watcher) look(ctx context.Context) {
	f := w.gather(ctx)
	for _, x := range w.judge.all(f) {
		k := key{x.rule, x.subject}
		if w.tracks[k] == nil {
			w.tracks[k] = &track{}
			w.order = append(w.order, k)
		}
		w.tracks[k].see(x, f.now, w.o.Config.OffDelay)
	}
	if f.now.Sub(w.readAt) >= readEvery || !w.learnt {
		w.read(ctx, f.now)
	}
	if f.blocked == nil && f.unwritten == nil {
		w.closedAt = time.Time{}
	} else if w.closedAt.IsZero() {
		w.closedAt = f.now
	}
	for _, k := range w.order {
		w.act(ctx, k, f.now)
	}
	w.publish()
}

// read asks the records what is open. What nobody watches any more is ended.
func (w *Watcher) read(ctx context.Context, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	rows, err := w.o.Records.Alarms(ctx, store.AlarmFilter{Class: string(plant.ClassSystem), Open: true, Limit: store.All})
	if err != nil {
		w.o.Log.Debug("open system alarms not known", "err", err)
		return
	}
	open := map[key]alerts.Alarm{}
	for _, row := range rows {
		var a alerts.Alarm
		if err := json.Unmarshal(row.Body, &a); err != nil || !a.Active {
			continue
		}
		k := key{a.Rule, a.Equipment}
		open[k] = a
		if area := w.areaOf(row.Area); w.tracks[k] == nil && area != nil {
			w.tracks[k] = &track{finding: finding{rule: a.Rule, subject: a.Equipment, area: area, priority: a.Priority, over: true}}
			w.tracks[k].remember(a)
			w.tracks[k].active, w.tracks[k].ended = false, plant.At(now)
			w.order = append(w.order, k)
		}
	}
	for k, t := range w.tracks {
		t.remember(open[k])
		w.handOver(t)
	}
	w.learnt, w.readAt = true, now
}

func (w *Watcher) areaOf(path string) *plant.Area {
	for _, a := range w.o.Tree.Areas {
		if a.Path == path {
			return a
		}
	}
	return nil
}

// publish shows what holds.
func (w *Watcher) publish() {
	now := []Active{}
	for _, k := range w.order {
		t := w.tracks[k]
		value := 0.0
		if t.active {
			value = 1
			now = append(now, Active{t.rule, t.subject, t.priority, t.began, t.message, t.call != nil && !t.booked})
		}
		w.o.Metrics.active.WithLabelValues(t.subject, t.rule).Set(value)
	}
	w.active.Store(&now)
}
