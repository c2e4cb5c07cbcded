package queue

import (
	"context"
	"time"

	"andon/bus"
	"andon/influx"
	"andon/plant"
)

// A Stat is how the queue stands. Times are stream time but for Now and those
// in Reader.Since and Rewrite.Begun, which are wall clock.
type Stat struct {
	Running bool   `json:"running"` // whether andon runs; else this is how it left things
	Now     Moment `json:"now"`
	Areas   []Area `json:"areas"`
}

// An Area is how the stream of one area stands.
type Area struct {
	Area           string   `json:"area"` // its path
	Messages       uint64   `json:"messages"`
	Bytes          uint64   `json:"bytes"`
	First          uint64   `json:"first_position"`
	Last           uint64   `json:"last_position"`
	FirstTime      Moment   `json:"first_time"`
	LastTime       Moment   `json:"last_time"`
	MaxBytes       int64    `json:"max_bytes"`
	MaxAgeSeconds  float64  `json:"max_age_s"`
	BytesRatio     float64  `json:"bytes_ratio"`      // of MaxBytes
	AgeRatio       float64  `json:"age_ratio"`        // of MaxAge, the age of the first message
	BytesPerSecond float64  `json:"bytes_per_second"` // that came in during the last ten minutes of a running andon
	Readers        []Reader `json:"readers"`
	Rewrite        *Rewrite `json:"rewrite"` // null while nobody asked for it
	DeadLetters    int      `json:"dead_letters"`
}

// A Reader is how far one reader of the stream is.
type Reader struct {
	Name        string  `json:"name"` // engine or influx
	Position    uint64  `json:"position"`
	LagMessages uint64  `json:"lag_messages"` // ticks of the clock included
	LagSeconds  float64 `json:"lag_s"`        // age of Oldest
	Oldest      Moment  `json:"oldest"`       // the first message with data that it lacks, null when it has all
	Missed      uint64  `json:"missed_messages"`
	State       string  `json:"state"` // ok, retrying, held, stopped
	Since       Moment  `json:"since"`
	Why         string  `json:"why"`
	LostAt      Moment  `json:"lost_at"` // when retention reaches Oldest at the present rate, null for nothing to lose
	LostBy      string  `json:"lost_by"` // max_age or max_bytes
}

// A Rewrite is what is written to InfluxDB again.
type Rewrite struct {
	From     uint64 `json:"from_position"`
	Position uint64 `json:"position"`
	Left     uint64 `json:"left_messages"`
	State    string `json:"state"` // writing, waiting (for new data), retrying, held, stopped
	Begun    Moment `json:"begun"`
	// LeftSeconds is how long it will take at the rate so far, 0 when nobody
	// knows.
	LeftSeconds float64 `json:"left_s"`
	Why         string  `json:"why"`
}

// rateSpan is over what the rate of the stream is taken.
const rateSpan = 10 * time.Minute

// Stat returns how the area of a name or path stands, all of them for "". The
// error wraps ErrUnknownArea for one that the plant does not have.
func (q *Queue) Stat(ctx context.Context, area string) (Stat, error) {
	areas, err := q.areas(area)
	if err != nil {
		return Stat{}, err
	}
	s := Stat{Running: len(q.o.Parts) > 0, Now: Moment(plant.At(q.o.Now()))}
	for _, a := range areas {
		one, err := q.area(ctx, a)
		if err != nil {
			return s, err
		}
		s.Areas = append(s.Areas, one)
	}
	return s, nil
}

func (q *Queue) area(ctx context.Context, a *plant.Area) (Area, error) {
	info, err := q.o.Bus.Info(ctx, a)
	if err != nil {
		return Area{}, err
	}
	now := plant.At(q.o.Now())
	s := Area{Area: a.Path, Messages: info.Messages, Bytes: info.Bytes, First: info.First, Last: info.Last, FirstTime: Moment(info.FirstTime),
		LastTime: Moment(info.LastTime), MaxBytes: info.MaxBytes, MaxAgeSeconds: info.MaxAge.Seconds(), Readers: []Reader{}}
	if info.MaxBytes > 0 {
		s.BytesRatio = float64(info.Bytes) / float64(info.MaxBytes)
	}
	if info.FirstTime != 0 && info.MaxAge > 0 {
		s.AgeRatio = now.Sub(info.FirstTime).Seconds() / info.MaxAge.Seconds()
	}
	if s.BytesPerSecond, err = q.rate(ctx, a, info); err != nil {
		return s, err
	}
	if err := q.readers(ctx, a, info, &s); err != nil {
		return s, err
	}
	if s.DeadLetters, err = influx.CountDeadLetters(q.o.Letters, a.Name); err != nil {
		return s, err
	}
	s.Rewrite, err = q.rewrite(ctx, a)
	return s, err
}

// rate is how many bytes a second came lately; nothing comes to a stopped
// andon.
func (q *Queue) rate(ctx context.Context, a *plant.Area, info bus.StreamInfo) (float64, error) {
	if _, runs := q.part(a); !runs || info.Messages == 0 {
		return 0, nil
	}
	now := plant.At(q.o.Now())
	since := max(now.Add(-rateSpan), info.FirstTime)
	pos, err := q.o.Bus.PositionAt(ctx, a, since)
	if err != nil || now <= since {
		return 0, err
	}
	lately := float64(info.Last+1-min(pos, info.Last+1)) * float64(info.Bytes) / float64(info.Messages)
	return lately / now.Sub(since).Seconds(), nil
}

// readers adds the engine, if its position is known, and the InfluxDB writer.
func (q *Queue) readers(ctx context.Context, a *plant.Area, info bus.StreamInfo, s *Area) error {
	p, runs := q.part(a)
	if q.o.EngineAt != nil {
		pos, err := q.o.EngineAt(ctx, a)
		if err != nil {
			return err
		}
		r, err := q.reader(ctx, a, info, pos)
		if err != nil {
			return err
		}
		r.Name, r.State = "engine", state(runs, "ok")
		s.Readers = append(s.Readers, q.lost(r, info, s.BytesPerSecond))
	}
	pos, err := q.written(ctx, a)
	if err != nil {
		return err
	}
	r, err := q.reader(ctx, a, info, pos)
	if err != nil {
		return err
	}
	r.Name, r.State = "influx", state(runs, "ok")
	if runs {
		if t, troubled := p.Writer.Trouble(); troubled {
			r.State, r.Since, r.Why = troubleState(t), Moment(plant.At(t.Since)), t.Text
		}
	}
	s.Readers = append(s.Readers, q.lost(r, info, s.BytesPerSecond))
	return nil
}

func state(runs bool, present string) string {
	if !runs {
		return "stopped"
	}
	return present
}

func troubleState(t influx.Trouble) string {
	if t.Held {
		return "held"
	}
	return "retrying"
}

// reader returns how far a reader at a position is.
func (q *Queue) reader(ctx context.Context, a *plant.Area, info bus.StreamInfo, pos uint64) (Reader, error) {
	r := Reader{Position: pos}
	if pos > info.Last {
		pos = 0 // the stream was made anew: its reader will begin at its beginning
	}
	if info.First > pos+1 {
		r.Missed = info.First - 1 - pos
	}
	r.LagMessages = info.Last - max(pos, max(info.First, 1)-1)
	if r.LagMessages == 0 {
		return r, nil
	}
	_, oldest, err := q.o.Bus.Next(ctx, a, pos+1)
	if oldest != 0 {
		r.Oldest = Moment(oldest)
		r.LagSeconds = max(0, plant.At(q.o.Now()).Sub(oldest).Seconds())
	}
	return r, err
}

// lost tells when retention reaches what a reader lacks. By bytes: when the
// stream has grown to its limit, and then what lies before that is gone too.
func (q *Queue) lost(r Reader, info bus.StreamInfo, rate float64) Reader {
	if r.Oldest == 0 {
		return r
	}
	now := plant.At(q.o.Now())
	at, by := plant.Instant(r.Oldest).Add(info.MaxAge), "max_age"
	if rate > 0 && info.Messages > 0 {
		before := float64(max(r.Position+1, info.First)-info.First) * float64(info.Bytes) / float64(info.Messages)
		seconds := (float64(info.MaxBytes) - float64(info.Bytes) + before) / rate
		if full := now.Add(time.Duration(min(max(seconds, 0), 1e9) * float64(time.Second))); full < at {
			at, by = full, "max_bytes"
		}
	}
	r.LostAt, r.LostBy = Moment(at), by
	return r
}

// rewrite returns how far writing again is, nil for nothing to do.
func (q *Queue) rewrite(ctx context.Context, a *plant.Area) (*Rewrite, error) {
	end, err := q.written(ctx, a)
	if err != nil {
		return nil, err
	}
	p, runs := q.part(a)
	if !runs {
		next, err := q.o.Bus.LoadPosition(ctx, influx.RewriteName(a.Name))
		if err != nil || next == 0 {
			return nil, err
		}
		return &Rewrite{From: next, Position: next - 1, Left: max(end, next-1) - (next - 1), State: "stopped"}, nil
	}
	x, busy := p.Rewriter.Rewriting()
	if !busy {
		return nil, nil
	}
	w := &Rewrite{From: x.From, Position: x.Position, Left: max(end, x.Position) - x.Position, State: "writing", Begun: Moment(plant.At(x.Begun))}
	switch {
	case !x.Trouble.Since.IsZero():
		w.State, w.Why = troubleState(x.Trouble), x.Trouble.Text
	case x.Waiting:
		w.State = "waiting"
	}
	if done := float64(x.Position + 1 - x.From); done > 0 {
		w.LeftSeconds = q.o.Now().Sub(x.Begun).Seconds() / done * float64(w.Left)
	}
	return w, nil
}
