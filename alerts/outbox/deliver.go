package outbox

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"andon/alerts"
	"andon/plant"
)

// longestWait bounds what a receiver may ask for with a RetryAfterError, so
// that a mistake of its cannot silence a contact for good.
const longestWait = time.Hour

// deliver makes one attempt at a message and marks what came of it.
func (w *Worker) deliver(ctx context.Context, d Delivery) {
	notifier, known := w.notifiers[d.Message.To]
	switch {
	case !known:
		w.giveUp(ctx, d, "no_contact", "no such contact is configured")
		return
	case time.Since(d.Message.Time.Time()) >= w.cfg.ExpireAfter:
		w.giveUp(ctx, d, "expired", strings.TrimSuffix("not delivered within "+w.cfg.ExpireAfter.String()+": "+d.Error, ": "))
		return
	}
	if d.Message.Time.Time().Before(w.since) {
		w.giveUp(ctx, d, "expired", "the records of what was sent then are lost; it is not sent again")
		return
	}
	d.State, d.Attempts = Sending, d.Attempts+1
	if !w.mark(ctx, d) {
		return
	}
	err := notify(ctx, notifier, d.Message)
	if err != nil && ctx.Err() != nil {
		return // cut off while stopping: it stays sending and goes out again
	}
	switch {
	case err == nil:
		w.sent(ctx, d)
	case errors.Is(err, alerts.ErrRejected):
		w.giveUp(ctx, d, "rejected", err.Error())
	default:
		w.retry(ctx, d, err)
	}
}

func notify(ctx context.Context, n alerts.Notifier, m alerts.Message) error {
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	return n.Notify(ctx, m.To, m)
}

func (w *Worker) sent(ctx context.Context, d Delivery) {
	now := time.Now()
	d.State, d.DoneAt, d.NextAt, d.Error = Sent, plant.At(now), 0, ""
	w.metrics.messages.WithLabelValues(d.Message.To, "sent").Inc()
	w.metrics.latency.WithLabelValues(d.Message.To).Observe(now.Sub(d.Message.Time.Time()).Seconds())
	if w.changed(d.Message.To, "") {
		w.log.Info("contact is reached again", "contact", d.Message.To)
	}
	w.mark(ctx, d)
}

func (w *Worker) retry(ctx context.Context, d Delivery, err error) {
	d.State, d.Error = Queued, err.Error()
	d.NextAt = plant.At(time.Now().Add(w.wait(d.Attempts, err)))
	w.metrics.messages.WithLabelValues(d.Message.To, "retry").Inc()
	if w.changed(d.Message.To, d.Error) {
		w.log.Warn("message is not delivered, trying again", "contact", d.Message.To, "message", d.Message.ID, "err", err)
	}
	w.mark(ctx, d)
}

// giveUp marks a message that nobody will get. Each is logged, for somebody
// should have been told.
func (w *Worker) giveUp(ctx context.Context, d Delivery, result, why string) {
	d.State, d.DoneAt, d.NextAt, d.Error = Dead, plant.At(time.Now()), 0, why
	w.metrics.messages.WithLabelValues(d.Message.To, result).Inc()
	w.log.Error("message is given up, nobody was told", "contact", d.Message.To, "message", d.Message.ID, "kind", d.Message.Kind,
		"title", d.Message.Title, "reason", result, "err", why)
	w.mark(ctx, d)
}

// wait returns how long to wait after the nth attempt: twice as long each
// time, between half and the whole of it by chance, so that contacts of one
// receiver do not come back together; never less than the receiver asked for.
func (w *Worker) wait(n int, err error) time.Duration {
	d := min(float64(w.cfg.RetryMin)*math.Pow(2, float64(n-1)), float64(w.cfg.RetryMax))
	wait := time.Duration(d * (1 - w.rand()/2))
	var asked *alerts.RetryAfterError
	if errors.As(err, &asked) {
		wait = max(wait, min(asked.Wait, longestWait))
	}
	return wait
}

// mark marks d, however often it takes, until ctx is done. A message that was
// sent and cannot be marked would be sent again.
func (w *Worker) mark(ctx context.Context, d Delivery) bool {
	for {
		err := w.markOnce(ctx, d)
		w.queueTrouble(err)
		if err == nil {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(w.cfg.RetryMin):
		}
	}
}

// markOnce marks d even when ctx was cut off just now.
func (w *Worker) markOnce(ctx context.Context, d Delivery) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), markWithin)
	defer cancel()
	if err := w.queue.Mark(ctx, d); err != nil {
		return fmt.Errorf("mark message %s as %s: %w", d.Message.ID, d.State, err)
	}
	return nil
}

func (w *Worker) queueTrouble(err error) {
	text := ""
	if err != nil {
		text = err.Error()
		w.metrics.errors.Inc()
	}
	switch {
	case !w.changed("", text):
	case err != nil:
		w.log.Error("queue of messages is in trouble", "err", err)
	default:
		w.log.Info("queue of messages works again")
	}
}

// changed notes what is wrong with a contact, "" for nothing, and reports
// whether that is news.
func (w *Worker) changed(contact, trouble string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.trouble[contact] == trouble {
		return false
	}
	w.trouble[contact] = trouble
	return true
}
