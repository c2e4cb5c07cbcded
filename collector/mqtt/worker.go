package mqtt

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"andon/collector"
	"andon/plant"
)

const (
	// A batch ends with maxBatch samples, maxGather after its first message,
	// or when nothing came for maxIdle: a broker that sends no more before
	// it gets acknowledgements must not be waited for.
	maxBatch  = 1000
	maxGather = 5 * time.Millisecond
	maxIdle   = time.Millisecond
	// calmAfter is how long a topic must be without trouble to be called
	// well again, so that one that is bad now and then is not news each time.
	calmAfter = 10 * time.Second
	// changeAfter is how long after one line of the log on a topic another
	// trouble of it is told, so that one that goes from bad to bad with each
	// message is not a line each time.
	changeAfter = 10 * time.Second
)

// A worker decodes the messages of one session in order, puts their samples
// in batches and acknowledges each message once its samples are taken.
type worker struct {
	in      *inbox
	sink    collector.Sink
	status  *collector.Status
	log     *slog.Logger
	metrics sourceMetrics

	decoder *decoder
	unacked []paho.Message // those whose samples are gathered
	timer   *time.Timer
}

// run works until ctx is done, the sink refuses, or the inbox is closed and
// empty.
func (w *worker) run(ctx context.Context) error {
	w.timer = time.NewTimer(maxGather)
	w.timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case a := <-w.in.queue:
			w.gather(ctx, a)
		case <-w.in.closed:
			if len(w.in.queue) == 0 {
				return nil
			}
			w.gather(ctx, <-w.in.queue)
		}
		if err := w.flush(ctx); err != nil {
			return err
		}
	}
}

// gather decodes first and what comes close behind it.
func (w *worker) gather(ctx context.Context, first arrival) {
	began := time.Now()
	w.take(first)
	for len(w.decoder.samples) < maxBatch && len(w.unacked) < maxBatch {
		select {
		case a := <-w.in.queue:
			w.take(a)
			continue
		default:
		}
		wait := min(maxIdle, maxGather-time.Since(began))
		if wait <= 0 {
			return
		}
		w.timer.Reset(wait)
		select {
		case a := <-w.in.queue:
			w.take(a)
		case <-w.timer.C:
			return
		case <-w.in.closed:
			return
		case <-ctx.Done():
			return
		}
	}
}

// take decodes one message and reports what is wrong with it. A message that
// cannot be read is acknowledged like any other: it would come back for ever.
func (w *worker) take(a arrival) {
	topic, payload := a.message.Topic(), a.message.Payload()
	w.metrics.messages.Inc()
	w.metrics.bytes.Add(float64(len(payload)))
	t := w.decoder.decode(topic, payload, a.at)
	w.report(t, topic, payload, a.at)
	w.unacked = append(w.unacked, a.message)
}

// report counts the problems of the message last decoded and tells of those
// that are news.
func (w *worker) report(t *target, topic string, payload []byte, at plant.Instant) {
	found := &w.decoder.found
	for r, n := range found.counts {
		if n > 0 {
			w.metrics.rejected[r].Add(float64(n))
		}
	}
	switch {
	case found.text != "":
		t.troubled, t.troubleAt = true, at
		news := w.status.Trouble(clip(topic), found.text)
		if t.tell(found.text, news, at) {
			w.log.Warn("message not taken as it came", "topic", clip(topic), "problem", found.text,
				"payload", clip(string(payload[:min(len(payload), maxShown)])))
		}
	case t.troubled && at.Sub(t.troubleAt) >= calmAfter:
		t.troubled, t.told = false, ""
		if w.status.Trouble(clip(topic), "") {
			w.log.Info("messages taken again", "topic", clip(topic))
		}
	}
}

// maxShown is how much of a payload a log line shows.
const maxShown = 120

// flush puts what was gathered and then acknowledges it. When the sink
// refuses nothing is acknowledged, and the broker sends it again to the next
// session.
func (w *worker) flush(ctx context.Context) error {
	w.metrics.queued.Set(float64(len(w.in.queue)))
	if n := len(w.decoder.samples); n > 0 {
		if err := w.sink.Put(ctx, plant.Batch{Samples: w.decoder.take()}); err != nil {
			return fmt.Errorf("put %d samples: %w", n, err)
		}
		w.metrics.samples.Add(float64(n))
	}
	for i, m := range w.unacked {
		m.Ack()
		w.unacked[i] = nil
	}
	w.unacked = w.unacked[:0]
	return nil
}
