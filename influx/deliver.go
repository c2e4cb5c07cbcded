package influx

import (
	"context"
	"log/slog"
	"time"
)

// deliverBatch returns nil when each line of the batch is in InfluxDB or on
// disk as a dead letter. ctx bounds the waiting, work the requests.
func (w *Writer) deliverBatch(ctx, work context.Context) error {
	for {
		v, err := w.try(ctx, work, w.batch.buf)
		if err != nil {
			return err
		}
		if v.action == actionDone {
			w.countWritten(v, w.batch.lines, len(w.batch.buf))
			return nil
		}
		if field, _, ok := v.conflict(); ok && !w.batch.learned[field] && w.learn(v) {
			// Once a batch: a field may have one type in last week's shard and
			// another in this week's.
			w.batch.learn(field)
			w.encodeAgain()
			continue
		}
		if err := w.divide(ctx, work, w.batch.buf, v); err != nil {
			return err
		}
		return w.bury(ctx)
	}
}

// learn takes in what a refusal says of a field's type. It is false when that
// changes nothing.
func (w *Writer) learn(v verdict) bool {
	field, kind, ok := v.conflict()
	if !ok || !w.encoder.learn(field, kind) {
		return false
	}
	w.metrics.relearned.WithLabelValues(w.options.Area).Inc()
	level := slog.LevelWarn
	if lesson := field + " " + kind.String(); w.told[lesson] {
		level = slog.LevelDebug
	} else {
		w.told[lesson] = true
	}
	w.log.Log(context.Background(), level, "influxdb has the field with another type; other values go to a field of their own",
		"field", field, "has", kind.String())
	return true
}

// deliver has lines in InfluxDB or among the dead letters of the batch.
func (w *Writer) deliver(ctx, work context.Context, lines []byte) error {
	v, err := w.try(ctx, work, lines)
	if err != nil {
		return err
	}
	if v.action == actionDone {
		w.countWritten(v, countLines(lines), len(lines))
		return nil
	}
	return w.divide(ctx, work, lines, v)
}

// divide delivers lines that were refused together in two halves, and finds
// the bad ones in this way.
func (w *Writer) divide(ctx, work context.Context, lines []byte, v verdict) error {
	half := middle(lines)
	if half == len(lines) {
		return w.single(ctx, work, lines, v)
	}
	if err := w.deliver(ctx, work, lines[:half]); err != nil {
		return err
	}
	return w.deliver(ctx, work, lines[half:])
}

// single deals with one refused line. A line of several fields is taken
// apart, so that a bad field costs only itself.
func (w *Writer) single(ctx, work context.Context, line []byte, v verdict) error {
	if fields := splitFields(line); len(fields) > 1 && v.action == actionBisect {
		var apart []byte
		for _, f := range fields {
			apart = append(apart, f...)
		}
		return w.deliver(ctx, work, apart)
	}
	if moved := moveField(line, v); moved != nil {
		// Only this value's time has the field with another type.
		v, err := w.try(ctx, work, moved)
		if err != nil {
			return err
		}
		if v.action == actionDone {
			w.countWritten(v, 1, len(moved))
			return nil
		}
	}
	w.metrics.deadLetters.WithLabelValues(w.options.Area, v.reason).Inc()
	w.batch.dead = append(w.batch.dead, DeadLetter{Time: time.Now().UTC(), Area: w.options.Area, Reason: v.text,
		Line: string(line[:len(line)-1])})
	return nil
}

// try sends lines until InfluxDB has taken or refused them. It returns an
// error only when ctx is done first.
func (w *Writer) try(ctx, work context.Context, lines []byte) (verdict, error) {
	several := lineLength(lines) < len(lines)
	if n := w.limit.bytes(); n > 0 && len(lines) > n && several {
		return verdict{action: actionSplit}, nil
	}
	created := false
	for tries := 0; ; tries++ {
		v := w.send(work, lines)
		if v.action == actionSplit && several {
			w.limit.tooLarge(len(lines))
			w.log.Info("influxdb refuses requests of this size", "bytes", len(lines), "max_bytes", w.limit.bytes())
		}
		if v.action != actionWait && v.action != actionHold {
			w.recovered()
			return v, nil
		}
		if err := ctx.Err(); err != nil {
			return v, err
		}
		if w.impatient {
			return v, awayError{v}
		}
		w.trouble(v)
		w.measureLag(work)
		if v.reason == reasonNotFound && !created && w.create(work) {
			created = true
			continue
		}
		if err := pause(ctx, w.backoff(v, tries)); err != nil {
			return v, err
		}
		if v.reason == reasonTimeout && several {
			// The same again would take as long again, and never end.
			w.limit.tooSlow(len(lines))
			return verdict{action: actionSplit}, nil
		}
	}
}

// send makes one request.
func (w *Writer) send(ctx context.Context, lines []byte) verdict {
	start := time.Now()
	err := w.client.writeLines(ctx, lines)
	now := time.Now()
	w.metrics.write.WithLabelValues(w.options.Area).Observe(now.Sub(start).Seconds())
	v := judge(err, now)
	if v.action == actionBisect && !v.namesLines() && !w.taken {
		// A first request that is refused as a whole is more likely a wrong
		// configuration than thousands of wrong lines; they must not all die.
		v.action = actionHold
	}
	switch v.action {
	case actionDone:
		w.taken = true
		w.limit.took(len(lines), now.Sub(start), w.options.Config.Timeout)
		w.state.took(now)
	case actionBisect:
		w.log.Debug("influxdb refuses lines", "reason", v.reason, "answer", v.text)
	}
	return v
}

// create creates the database when the configuration wants that.
func (w *Writer) create(ctx context.Context) bool {
	if !w.options.Config.Create {
		return false
	}
	if err := w.client.createDatabase(ctx); err != nil {
		w.log.Warn("database not created", "bucket", w.options.Config.Bucket, "err", err)
		return false
	}
	w.log.Info("database created", "bucket", w.options.Config.Bucket)
	return true
}

// backoff is the pause after the given number of failures in a row before.
func (w *Writer) backoff(v verdict, before int) time.Duration {
	c := w.options.Config.Backoff
	d := c.Max
	if v.action == actionWait && before < 30 {
		d = min(c.Initial<<before, c.Max)
	}
	return max(d, v.after)
}

// pause waits for d; an error means that ctx was done first.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// bury has the dead letters of the batch on disk; until then the position
// stays, so that none is lost.
func (w *Writer) bury(ctx context.Context) error {
	if len(w.batch.dead) == 0 {
		return nil
	}
	w.log.Warn("influxdb refused lines; they are kept as dead letters", "lines", len(w.batch.dead),
		"file", w.letters.path, "reason", w.batch.dead[0].Reason)
	for tries := 0; ; tries++ {
		err := w.letters.append(w.batch.dead)
		if err == nil {
			w.lettersAt = time.Time{} // counted anew at once
			w.state.buried(w.batch.dead)
			w.recovered()
			return nil
		}
		v := verdict{action: actionWait, reason: "dead_letter", text: err.Error()}
		w.trouble(v)
		if err := pause(ctx, w.backoff(v, tries)); err != nil {
			return err
		}
	}
}
