package influx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// RetryOptions say which dead letters to write again.
type RetryOptions struct {
	Config Config
	Area   string
	Match  func(DeadLetter) bool // nil for all
	// Progress is called now and then with what is done so far; nil for none.
	Progress func(Retried)
	Log      *slog.Logger // nil for none
}

// Retried is what came of it.
type Retried struct {
	Taken      int // InfluxDB has them now
	Refused    int // it refuses them still; their reason is the new one
	Other      int // did not match
	Unreadable int // lines that are no dead letters, put into a file of their own
	// UnreadableFile is that file.
	UnreadableFile string
}

// retryBytes and retryLetters bound what is written at once and kept in
// memory.
const (
	retryBytes   = 1 << 20
	retryLetters = 5000
)

// RetryDeadLetters writes the dead letters of an area to InfluxDB again. What
// it takes is removed from the files, what it refuses stays with the new
// reason; it is found line by line as the Writer does. It does not wait for an
// InfluxDB that is away: the error says so, and what was done until then is
// done. It is safe beside a running Writer.
func RetryDeadLetters(ctx context.Context, o RetryOptions) (Retried, error) {
	w, err := New(Options{Config: o.Config, Area: o.Area, Log: o.Log})
	if err != nil {
		return Retried{}, err
	}
	defer w.client.close()
	w.impatient, w.taken = true, true
	r := &retry{w: w, o: o, fates: fates{}}
	err = w.letters.each(func(line []byte, l DeadLetter, ok bool) error { return r.take(ctx, line, l, ok) })
	if err == nil {
		err = r.flush(ctx)
	}
	// What is done is removed even when the rest could not be done.
	err = errors.Join(err, w.letters.settle(r.fates))
	if r.sum.Unreadable > 0 {
		r.sum.UnreadableFile = w.letters.unreadable()
	}
	return r.sum, err
}

// A retry is one run of RetryDeadLetters.
type retry struct {
	w     *Writer
	o     RetryOptions
	fates fates
	sum   Retried
	some  []letter // to be written next
	bytes int
}

// A letter is a dead letter and the line of the file that it is.
type letter struct {
	DeadLetter
	text []byte
}

func (r *retry) take(ctx context.Context, line []byte, l DeadLetter, ok bool) error {
	switch {
	case !ok:
		r.sum.Unreadable++
		return nil
	case r.o.Match != nil && !r.o.Match(l):
		r.sum.Other++
		return nil
	}
	r.some = append(r.some, letter{l, append([]byte(nil), line...)})
	if r.bytes += len(l.Line); r.bytes < retryBytes && len(r.some) < retryLetters {
		return nil
	}
	return r.flush(ctx)
}

func (r *retry) flush(ctx context.Context) error {
	some := r.some
	r.some, r.bytes = nil, 0
	if len(some) == 0 {
		return nil
	}
	err := r.deliver(ctx, some)
	if r.o.Progress != nil {
		r.o.Progress(r.sum)
	}
	return err
}

// deliver writes letters at once, and in halves when that is refused.
func (r *retry) deliver(ctx context.Context, some []letter) error {
	var lines []byte
	for _, l := range some {
		lines = append(append(lines, l.Line...), '\n')
	}
	v, err := r.w.try(ctx, ctx, lines)
	switch {
	case err != nil:
		return err
	case v.action == actionDone:
		for _, l := range some {
			r.fates.add(l.text, nil)
		}
		r.sum.Taken += len(some)
		return nil
	case len(some) == 1:
		return r.single(ctx, some[0], v)
	}
	if err := r.deliver(ctx, some[:len(some)/2]); err != nil {
		return err
	}
	return r.deliver(ctx, some[len(some)/2:])
}

// single takes one refused letter apart; what is still refused of it stays.
func (r *retry) single(ctx context.Context, l letter, v verdict) error {
	if err := r.w.divide(ctx, ctx, append([]byte(l.Line), '\n'), v); err != nil {
		return err
	}
	dead := r.w.batch.dead
	r.w.batch.dead = nil
	for i := range dead {
		dead[i].Time = l.Time
	}
	r.fates.add(l.text, dead)
	if len(dead) > 0 {
		r.sum.Refused++
	} else {
		r.sum.Taken++
	}
	return nil
}

// An awayError says that InfluxDB does not take data now.
type awayError struct{ v verdict }

// Error implements error.
func (e awayError) Error() string {
	if e.v.action == actionHold {
		return fmt.Sprintf("influxdb refuses everything, a person must act: %s", e.v.text)
	}
	return "influxdb does not take data now: " + e.v.text
}
