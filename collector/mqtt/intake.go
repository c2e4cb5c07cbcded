package mqtt

import (
	"log/slog"

	"andon/collector"
	"andon/plant"
)

// maxPass is after how many messages the intake passes on what it has, also
// when more have come already.
const maxPass = 256

// maxShown is how much of a payload a log line shows.
const maxShown = 120

// An intake decodes the messages of one session in order and tells what is
// wrong with them. It is for one goroutine, that which reads the connection.
type intake struct {
	inbox   *inbox
	status  *collector.Status
	log     *slog.Logger
	metrics sourceMetrics

	decoder *decoder
	taken   load // since pass, but for the samples, which are the decoder's
}

// take decodes one message, which came at time at. A message that cannot be
// read is acknowledged like any other: it would come back for ever. Now and
// then it passes on, with the errors of that.
func (k *intake) take(m message, at plant.Instant) error {
	t := k.decoder.decode(m, at)
	k.report(t, m, at)
	k.taken.messages++
	k.taken.bytes += m.size
	k.taken.acks = appendAck(k.taken.acks, m)
	if k.taken.messages >= maxPass || len(k.decoder.samples) >= maxBatch {
		return k.pass()
	}
	return nil
}

// pass hands over what was taken. It waits while the inbox is full and fails
// when the session is over.
func (k *intake) pass() error {
	if k.taken.messages == 0 {
		return nil
	}
	k.metrics.messages.Add(float64(k.taken.messages))
	k.metrics.bytes.Add(float64(k.taken.bytes))
	k.taken.samples = k.decoder.samples
	err := k.inbox.push(k.taken)
	clear(k.decoder.samples) // texts
	k.decoder.samples = k.decoder.samples[:0]
	k.taken = load{acks: k.taken.acks[:0]}
	return err
}

// report counts the problems of the message last decoded and tells of those
// that are news.
func (k *intake) report(t *target, m message, at plant.Instant) {
	found := &k.decoder.found
	if !found.any && !t.troubled {
		return
	}
	for r, n := range found.counts {
		if n > 0 {
			k.metrics.rejected[r].Add(float64(n))
		}
	}
	topic := clip(string(m.topic))
	switch {
	case found.text != "":
		t.troubled, t.troubleAt = true, at
		news := k.status.Trouble(topic, found.text)
		if t.tell(found.text, news, at) {
			k.log.Warn("message not taken as it came", "topic", topic, "problem", found.text,
				"payload", clip(string(m.payload[:min(len(m.payload), maxShown)])))
		}
	case t.troubled && at.Sub(t.troubleAt) >= calmAfter:
		t.troubled, t.told = false, ""
		if k.status.Trouble(topic, "") {
			k.log.Info("messages taken again", "topic", topic)
		}
	}
}
