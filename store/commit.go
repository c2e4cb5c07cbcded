package store

import (
	"context"
	"database/sql"
	"fmt"

	"andon/plant"
)

// A Segment is one stretch of one state of one equipment.
type Segment struct {
	Start, End plant.Instant // End is 0 while it lasts
	State      string
	Body       []byte // JSON
}

// A Count is the units of one minute and part of one equipment.
type Count struct {
	Start plant.Instant
	Part  string // product, order and shift: what makes the minute's counts differ
	Body  []byte // JSON
}

// A Meter is what the meters of one equipment showed in one minute.
type Meter struct {
	Start  plant.Instant
	Safety bool   // something safety-relevant happened in it
	Body   []byte // JSON
}

// A Rewrite replaces facts of one equipment: segments that start at or after
// From, counts from CountsFrom and meters from MetersFrom on; 0 leaves them
// alone.
type Rewrite struct {
	Equipment                    string
	From, CountsFrom, MetersFrom plant.Instant
	Segments                     []Segment
	Counts                       []Count
	Meters                       []Meter
}

// A Stop is one downtime event.
type Stop struct {
	ID, Equipment   string
	Start, End      plant.Instant // End is 0 while the stop lasts
	State, Category string
	Void            bool // withdrawn: later data showed there was none
	Body            []byte
}

// An Alarm is one occurrence of a condition with its operator state.
type Alarm struct {
	ID, Area, Equipment, Rule string
	Class, Priority, State    string
	Open                      bool
	Raised                    plant.Instant
	Body                      []byte
}

// A Transition is one change of an alarm.
type Transition struct {
	ID, Alarm string
	Time      plant.Instant
	Body      []byte
}

// A Message is one row of the outbox: one text for one contact.
type Message struct {
	ID, Contact string
	Alarm       string // id of the alarm it is about
	Created     plant.Instant
	Body        []byte
}

// A Commit is what a piece of an area's stream led to.
type Commit struct {
	Area        string
	Pos         uint64        // last position of the piece
	Time        plant.Instant // its stream time
	Told        uint64        // position up to which alarms were written before, when they were
	Rewrites    []Rewrite
	Dirty       []Dirty
	Edits       []Edit
	Orders      []Order
	Stops       []Stop
	Alarms      []Alarm
	Transitions []Transition
	Messages    []Message
	Snapshot    []byte // engine state after Pos; nil keeps the earlier one
}

// Amend writes changed time, stops and alarms as they are in c, without any
// progress but for what people were told.
func (s *Store) Amend(ctx context.Context, c Commit) error {
	return s.transaction(ctx, func(w *writer) {
		w.dirty(ctx, c.Dirty)
		w.stops(ctx, c)
		w.alarms(ctx, c)
		if c.Told != 0 {
			w.exec(ctx, `UPDATE progress SET pos = MAX(pos, ?) WHERE area = ?`, int64(c.Told), c.Area)
		}
	})
}

// Precede writes facts, stops and changed time of c that the next Commit of
// its area goes on with. A power cut before that may take them back; they are
// never there in part.
func (s *Store) Precede(ctx context.Context, c Commit) error {
	err := s.unsynced(ctx, func(w *writer) {
		w.rewrites(ctx, c.Rewrites)
		w.dirty(ctx, c.Dirty)
		w.stops(ctx, c)
	})
	if err != nil {
		return fmt.Errorf("commit of %s at %d begins: %w", c.Area, c.Pos, err)
	}
	return nil
}

// Commit writes c in one transaction. Rows that exist are replaced, but a
// message already in the outbox stays as it is, sent or not.
func (s *Store) Commit(ctx context.Context, c Commit) error {
	err := s.transaction(ctx, func(w *writer) {
		w.rewrites(ctx, c.Rewrites)
		w.dirty(ctx, c.Dirty)
		w.edits(ctx, c)
		w.orders(ctx, c.Orders)
		w.stops(ctx, c)
		w.alarms(ctx, c)
		w.progress(ctx, c)
	})
	if err != nil {
		return fmt.Errorf("commit %s at %d: %w", c.Area, c.Pos, err)
	}
	return nil
}

func (s *Store) transaction(ctx context.Context, do func(*writer)) (err error) {
	defer func() { _ = s.note(err) }()
	s.statements.parse(ctx, s.write)
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	return s.run(ctx, tx, do)
}

// run does do in tx and commits it.
func (s *Store) run(ctx context.Context, tx *sql.Tx, do func(*writer)) error {
	defer tx.Rollback()
	w := writer{tx: tx, statements: &s.statements, prepared: map[string]*sql.Stmt{}}
	if do(&w); w.err != nil {
		return w.err
	}
	return tx.Commit()
}

// A writer runs statements of one transaction until one goes wrong and keeps
// that error.
type writer struct {
	tx         *sql.Tx
	statements *statements
	prepared   map[string]*sql.Stmt // by text; they end with the transaction
	err        error
}

// exec runs one statement. A commit of a large area has thousands, of a few
// texts: each text is parsed once. That ctx is done is seen between them; the
// driver would start a goroutine for each to see it in the middle.
func (w *writer) exec(ctx context.Context, query string, args ...any) {
	if w.err == nil {
		w.err = ctx.Err()
	}
	if w.err != nil {
		return
	}
	ctx = context.WithoutCancel(ctx)
	stmt := w.prepared[query]
	if stmt == nil {
		if stmt, w.err = w.prepare(ctx, query); w.err != nil {
			return
		}
		w.prepared[query] = stmt
	}
	for i, a := range args {
		if t, ok := a.(plant.Instant); ok {
			args[i] = int64(t)
		}
	}
	_, w.err = stmt.ExecContext(ctx, args...)
}

// prepare returns the statement of a text for this transaction.
func (w *writer) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if parsed := w.statements.get(query); parsed != nil {
		return w.tx.StmtContext(ctx, parsed), nil
	}
	return w.tx.PrepareContext(ctx, query)
}

func (w *writer) stops(ctx context.Context, c Commit) {
	for _, x := range c.Stops {
		w.exec(ctx, `INSERT OR REPLACE INTO stops (id, equipment, start, end, state, category, void, body) VALUES (?,?,?,?,?,?,?,?)`,
			x.ID, x.Equipment, x.Start, x.End, x.State, x.Category, x.Void, string(x.Body))
	}
}

func (w *writer) alarms(ctx context.Context, c Commit) {
	for _, x := range c.Alarms {
		w.exec(ctx, `INSERT OR REPLACE INTO alarms (id, area, equipment, rule, class, priority, state, open, raised, body) VALUES (?,?,?,?,?,?,?,?,?,?)`,
			x.ID, x.Area, x.Equipment, x.Rule, x.Class, x.Priority, x.State, x.Open, x.Raised, string(x.Body))
	}
	for _, x := range c.Transitions {
		w.exec(ctx, `INSERT OR REPLACE INTO transitions (id, alarm, time, body) VALUES (?,?,?,?)`, x.ID, x.Alarm, x.Time, string(x.Body))
	}
	for _, x := range c.Messages {
		w.exec(ctx, `INSERT OR IGNORE INTO outbox (id, contact, alarm, seq, state, next_at, created, body)
			VALUES (?, ?, ?, (SELECT COALESCE(MAX(seq), 0) + 1 FROM outbox), 'queued', ?, ?, ?)`,
			x.ID, x.Contact, x.Alarm, x.Created, x.Created, string(x.Body))
	}
}

func (w *writer) progress(ctx context.Context, c Commit) {
	w.exec(ctx, `INSERT INTO progress (area, pos, time) VALUES (?,?,?)
		ON CONFLICT (area) DO UPDATE SET pos = excluded.pos, time = excluded.time`, c.Area, int64(max(c.Pos, c.Told)), c.Time)
	if c.Snapshot != nil {
		w.exec(ctx, `UPDATE progress SET snapshot_at = ?, snapshot = ? WHERE area = ?`, int64(c.Pos), c.Snapshot, c.Area)
	}
}
