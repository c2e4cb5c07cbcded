package system

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"andon/plant"
)

// act has the book hear what it must, or people when it cannot.
func (w *Watcher) act(ctx context.Context, k key, now time.Time) {
	t := w.tracks[k]
	if t.sending {
		return
	}
	active, any := t.wants()
	if !any {
		return
	}
	ready := w.learnt && w.closedAt.IsZero() && !now.Before(t.retryAt)
	if ready {
		w.send(ctx, t, active)
		return
	}
	if active && t.active && t.call == nil && (w.shut(now) || t.failures > 0) {
		w.o.Log.Warn("system alarm cannot be recorded now, people are told directly", "rule", t.rule, "subject", t.subject, "message", t.message)
		t.call = newCall(w.o.Alerts, t, plant.At(now))
		t.call.queue, t.call.wake = w.o.Queue, w.o.Direct.Wake
	}
	if t.call != nil {
		t.call.step(plant.At(now), t.active)
	}
}

// shut reports whether nothing can be stored, and that for a while.
func (w *Watcher) shut(now time.Time) bool {
	return !w.closedAt.IsZero() && now.Sub(w.closedAt) >= w.o.Config.OnDelay || !w.learnt && now.Sub(w.started) >= sendWithin
}

// send puts a command on the stream and waits, beside the loop, until the
// book has it.
func (w *Watcher) send(ctx context.Context, t *track, active bool) {
	says := t.says(active)
	if active && t.call != nil {
		says.Before = t.call.hold()
	}
	args, err := json.Marshal(says)
	if err != nil { // it has nothing that cannot be encoded
		w.o.Log.Error("system condition not encoded", "rule", t.rule, "err", err)
		return
	}
	// The same beginning, or end, has the same id: the stream takes it once.
	cmd := plant.Command{ID: "system-" + idOf(t.alarm, active, t.began, t.ended, t.round), Verb: plant.VerbSystemCondition,
		Target: t.area.Path, User: "andon", Time: says.Time, Args: args}
	t.sending = true
	k := key{t.rule, t.subject}
	w.wg.Go(func() {
		sctx, cancel := context.WithTimeout(ctx, sendWithin)
		defer cancel()
		err := w.o.Engine.Do(sctx, cmd)
		select {
		case w.sent <- outcome{k, active, err}:
		case <-ctx.Done():
		}
	})
}

// handOver ends a call once the book has the alarm, which it may have got from
// a command that seemed to fail.
func (w *Watcher) handOver(t *track) {
	if t.call != nil && t.booked && !t.sending {
		w.o.Queue.Drop(t.call.alarm)
		t.call = nil
	}
}

// hear takes what became of a command.
func (w *Watcher) hear(x outcome) {
	t := w.tracks[x.key]
	t.sending = false
	if x.err != nil {
		if t.failures == 0 {
			w.o.Log.Warn("system alarm does not reach the book, trying on", "rule", t.rule, "subject", t.subject, "err", x.err)
		}
		t.failed(w.o.now())
		if t.call != nil {
			t.call.release()
		}
		return
	}
	t.done(x.active)
	w.handOver(t)
	level, what := slog.LevelInfo, "system alarm is over"
	if x.active {
		level, what = slog.LevelWarn, "system alarm"
	}
	w.o.Log.Log(context.Background(), level, what, "rule", t.rule, "subject", t.subject, "message", t.message)
}
