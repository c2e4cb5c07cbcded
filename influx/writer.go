package influx

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"andon/plant"
)

// A Reader gives an area's messages in order, from some position on.
//
// Fetch returns at most max messages. It blocks until there is at least one,
// wait is over (then it returns none) or ctx is done, and reconnects by
// itself; an error means that there will be no more. The messages belong to
// the caller, their samples and contacts to all readers: nobody changes those.
type Reader interface {
	Fetch(ctx context.Context, max int, wait time.Duration) ([]plant.Message, error)
}

// Positions keeps how far each reader of the stream has come, by name. A
// name without a position is at 0. Save returns when the position is on disk.
type Positions interface {
	LoadPosition(ctx context.Context, name string) (uint64, error)
	SavePosition(ctx context.Context, name string, pos uint64) error
}

// Options are what a Writer is made of.
type Options struct {
	Config    Config
	Area      string      // name of the area whose stream Reader gives
	Tree      *plant.Tree // for the types that tags are declared with; may be nil
	Reader    Reader      // may begin before the saved position, not after the one that follows it
	Positions Positions   // the Writer's is PositionName(Area)
	// Last returns the position of the last message of the stream, for the
	// lag; nil when nobody knows.
	Last    func(ctx context.Context) (uint64, error)
	Log     *slog.Logger // nil for none
	Metrics *Metrics     // nil for none
}

// PositionName returns the name that the writer of an area keeps its position
// under.
func PositionName(area string) string { return "influx." + area }

const (
	// minSpacing is the pause between two writes of less than a full batch:
	// ten requests a second cost little, and data shows within 0.2 s.
	minSpacing = 100 * time.Millisecond
	// moreWait is how long the stream must be silent to have no more to give.
	moreWait = 2 * time.Millisecond
	// idleWait is how long one fetch waits for a first message.
	idleWait = time.Second
	// fetchMessages bounds the messages in memory; Reader bounds their samples.
	fetchMessages = 64
	// stopGrace bounds how long a request in flight may outlive Run's ctx.
	stopGrace = 2 * time.Second
	// saveEvery is how often the position moves while lines are written: to
	// save it costs as much as to store a message of the stream. What a killed
	// andon did not save is written again, which changes nothing.
	saveEvery = time.Second
	// quietSave is how often it moves while messages have nothing for
	// InfluxDB.
	quietSave = 10 * time.Second
	// lagEvery is how often the end of the stream is asked for.
	lagEvery = time.Second
)

// A Writer copies one area's stream to InfluxDB. Run is called once; Healthy
// and Lag are safe for concurrent use.
type Writer struct {
	options  Options
	log      *slog.Logger
	metrics  *Metrics
	client   *client
	letters  *deadLetters
	state    state
	encoder  *encoder
	batch    batch
	pending  []plant.Message // fetched, not yet in a batch
	position uint64          // the last message that is done
	read     uint64          // the last message that Reader gave
	saved    uint64          // the last position saved
	savedAt  time.Time
	unsaved  bool      // lines were written since
	wroteAt  time.Time // when the last write began
	full     bool      // the batch was full, so the stream has more to give
	lagAt    time.Time
	taken    bool            // InfluxDB has taken lines since Run began
	limit    limit           // of a request
	told     map[string]bool // types of fields that were logged

	begun     chan struct{} // closed when Run knows where it begins
	lettersAt time.Time     // when the dead letters were counted
	impatient bool          // to give up while InfluxDB takes nothing
	turn      sync.Mutex    // held while a batch is written; a Rewriter ends in it
}

// New makes a writer. It reads the files that the configuration names and
// creates the folder of the dead letters; it does not connect.
func New(o Options) (*Writer, error) {
	if err := o.Config.Validate().Err(); err != nil {
		return nil, fmt.Errorf("influx configuration: %w", err)
	}
	c, err := newClient(o.Config)
	if err != nil {
		return nil, fmt.Errorf("influx: %w", err)
	}
	letters, err := newDeadLetters(o.Config.DeadLetter, o.Area)
	if err != nil {
		return nil, fmt.Errorf("influx: %w", err)
	}
	w := &Writer{options: o, log: o.Log, metrics: o.Metrics, client: c, letters: letters, encoder: newEncoder(o.Tree), told: map[string]bool{}, begun: make(chan struct{})}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	w.log = w.log.With("area", o.Area)
	if w.metrics == nil {
		w.metrics = NewMetrics(nil)
	}
	return w, nil
}

// Run copies messages until ctx is done and then returns nil, after the
// request in flight has ended, at most a few seconds later. What is not
// written then is written by the next Run. It returns an error when positions
// or the stream cannot be read.
func (w *Writer) Run(ctx context.Context) error {
	defer w.client.close()
	pos, err := w.options.Positions.LoadPosition(ctx, PositionName(w.options.Area))
	if err != nil {
		return w.unlessDone(ctx, fmt.Errorf("load position: %w", err))
	}
	if last, known := w.last(ctx); known && last < pos {
		w.log.Warn("the stream ends before the position: it was made anew and is written from its beginning", "position", pos, "last", last)
		pos = 0
	}
	w.position, w.saved, w.savedAt = pos, pos, time.Now()
	w.state.moved(pos)
	close(w.begun)
	work, cancel := outlive(ctx, stopGrace)
	defer cancel()
	defer w.saveLast(work)
	if err := w.restoreStatuses(ctx, work); err != nil {
		return w.unlessDone(ctx, err)
	}
	for {
		w.measureLetters()
		if err := w.collect(ctx); err != nil {
			return w.unlessDone(ctx, err)
		}
		if err := w.write(ctx, work); err != nil {
			return w.unlessDone(ctx, err)
		}
	}
}

func (w *Writer) unlessDone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// outlive returns a context that ends d after ctx does.
func outlive(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(d, cancel) })
	return longer, func() { stop(); cancel() }
}

// collect fills the batch: until it is full, also by what InfluxDB takes at
// once, the stream has no more to give or the flush interval is over.
func (w *Writer) collect(ctx context.Context) error {
	if !w.full {
		if err := pause(ctx, minSpacing-time.Since(w.wroteAt)); err != nil {
			return err
		}
	}
	w.full = false
	var since time.Time
	for w.batch.lines < w.options.Config.BatchLines && w.limit.room(len(w.batch.buf)) {
		if len(w.pending) == 0 {
			wait := idleWait
			if len(w.batch.messages) > 0 {
				wait = moreWait
			}
			var err error
			if w.pending, err = w.options.Reader.Fetch(ctx, fetchMessages, wait); err != nil {
				return fmt.Errorf("read stream: %w", err)
			}
			if len(w.pending) == 0 {
				return ctx.Err()
			}
		}
		if since.IsZero() {
			since = time.Now()
		}
		w.add(&w.pending[0])
		w.pending = w.pending[1:]
		if len(w.pending) == 0 && time.Since(since) >= w.options.Config.FlushInterval {
			return nil
		}
	}
	w.full = true
	return nil
}

// last returns the position of the last message of the stream.
func (w *Writer) last(ctx context.Context) (pos uint64, known bool) {
	if w.options.Last == nil {
		return 0, false
	}
	pos, err := w.options.Last(ctx)
	return pos, err == nil
}

// write has the batch in InfluxDB, refused lines in the dead letters and, when
// that is due, the position on disk, in this order, before it returns nil.
func (w *Writer) write(ctx, work context.Context) error {
	b := &w.batch
	if len(b.messages) == 0 {
		w.saveWhenDue(work)
		return nil
	}
	w.turn.Lock()
	defer w.turn.Unlock()
	if b.lines > 0 {
		w.wroteAt = time.Now()
		if err := w.deliverBatch(ctx, work); err != nil {
			return err
		}
	}
	w.count()
	w.position = b.messages[len(b.messages)-1].Pos
	w.state.moved(w.position)
	w.gauge(w.metrics.oldest, 0)
	w.unsaved = w.unsaved || b.lines > 0
	if len(b.dead) > 0 {
		w.save(work) // they must not be buried twice
	} else {
		w.saveWhenDue(work)
	}
	w.measureLag(work)
	clear(b.messages) // let go of the samples
	*b = batch{messages: b.messages[:0], buf: b.buf[:0], dead: b.dead[:0]}
	return nil
}

// saveWhenDue saves the position when that was not done for a while.
func (w *Writer) saveWhenDue(ctx context.Context) {
	every := quietSave
	if w.unsaved {
		every = saveEvery
	}
	if w.position != w.saved && time.Since(w.savedAt) >= every {
		w.save(ctx)
	}
}

// save moves the saved position. Without it a restart writes again what is
// written, which changes nothing, so a failure is only told.
func (w *Writer) save(ctx context.Context) {
	if err := w.options.Positions.SavePosition(ctx, PositionName(w.options.Area), w.position); err != nil {
		w.metrics.retries.WithLabelValues(w.options.Area, "position").Inc()
		w.log.Warn("position not saved", "position", w.position, "err", err)
		return
	}
	w.saved, w.savedAt, w.unsaved = w.position, time.Now(), false
}

// saveLast saves the position of messages that had nothing for InfluxDB.
func (w *Writer) saveLast(ctx context.Context) {
	if w.position != w.saved {
		w.save(ctx)
	}
}
