package opcua

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/wire"
	"andon/plant"
)

// maxBatch is how many samples are gathered into one Put: the bus commits
// batches, and what queued up while it did goes at once.
const maxBatch = 5000

// moreTime is how long messages wait for the others that the server sends at
// the same time: publish requests for them are there already.
const moreTime = 20 * time.Millisecond

// write takes messages from the queue, puts their samples and, once the Sink
// has taken them, lets the server forget them. It returns an error at the end
// of the subscription, after what came before.
func (sub *subscription) write(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case m := <-sub.queue.list:
			sub.queue.took(m)
			batch := sub.gather(ctx, m)
			samples, n, ended := sub.samples(batch, time.Now())
			batch = batch[:n]
			samples = sub.appendPresent(samples, batch, time.Now())
			err := sub.out.put(ctx, samples, sub.events(batch, time.Now())...)
			sub.sightings.settle(err == nil)
			if err != nil {
				if ctx.Err() != nil {
					return nil
				}
				return err
			}
			sub.acknowledge(batch, time.Now())
			if ended != nil {
				return endError{ended}
			}
			sub.vouch(batch)
		}
	}
}

// gather returns first and what else waits in the queue, up to about maxBatch
// samples or mostWaiting bytes. It waits a little for what the server says is on its way: a commit
// costs as much as many samples do.
func (sub *subscription) gather(ctx context.Context, first message) []message {
	batch, last := []message{first}, first
	soon := time.NewTimer(moreTime)
	defer soon.Stop()
	for n, size := count(first), first.size(); n < maxBatch && size < mostWaiting; n, size = n+count(last), size+last.size() {
		select {
		case last = <-sub.queue.list:
			sub.queue.took(last)
			batch = append(batch, last)
			continue
		default:
		}
		if !last.more {
			return batch
		}
		select {
		case last = <-sub.queue.list:
			sub.queue.took(last)
			batch = append(batch, last)
		case <-soon.C:
			return batch
		case <-ctx.Done():
			return batch
		}
	}
	return batch
}

// count returns how many samples m becomes.
func count(m message) int {
	n := 0
	for _, o := range m.data {
		switch d := o.Value.(type) {
		case *wire.DataChange:
			n += d.N
		case *ua.DataChangeNotification:
			n += len(d.MonitoredItems)
		case *wire.EventList:
			n += len(d.Events)
		}
	}
	return n
}

// samples decodes messages and returns how many that were. At the end of the
// subscription, which a server announces as a notification, it stops with an
// error; what it returns with that, the message of the announcement included,
// did come.
func (sub *subscription) samples(batch []message, now time.Time) ([]plant.Sample, int, error) {
	n := 0
	for _, m := range batch {
		n += count(m)
	}
	samples := make([]plant.Sample, 0, n)
	for i, m := range batch {
		ended := m.gone
		for _, o := range m.data {
			switch d := o.Value.(type) {
			case *wire.DataChange:
				samples = sub.appendSamples(samples, d, now)
			case *ua.DataChangeNotification:
				samples = sub.appendDecoded(samples, d, now)
			case *ua.StatusChangeNotification:
				if d.Status == ua.StatusGoodSubscriptionTransferred {
					continue // to this session: the one that had it may be gone, and some servers then tell this one
				}
				ended = fmt.Errorf("subscription ended by the server: %w", d.Status)
			}
		}
		if ended != nil {
			return samples, i + 1, ended
		}
	}
	return samples, len(batch), nil
}

func (sub *subscription) appendSamples(samples []plant.Sample, c *wire.DataChange, now time.Time) []plant.Sample {
	rest := c.Values
	for range c.N {
		e, size, err := wire.ReadEntry(rest)
		if err != nil {
			panic(fmt.Sprintf("notification that was checked: %v", err))
		}
		rest = rest[size:]
		samples = sub.appendSample(samples, e.Handle, &e.DataValue, now)
	}
	return samples
}

// appendDecoded is appendSamples for what gopcua decoded by itself.
func (sub *subscription) appendDecoded(samples []plant.Sample, d *ua.DataChangeNotification, now time.Time) []plant.Sample {
	for _, n := range d.MonitoredItems {
		v := wire.Encoded(n.Value)
		samples = sub.appendSample(samples, n.ClientHandle, &v, now)
	}
	return samples
}

func (sub *subscription) appendSample(samples []plant.Sample, handle uint32, v *wire.DataValue, now time.Time) []plant.Sample {
	p := sub.items.point(handle)
	if p == nil {
		sub.session.source.metrics.unknown.Inc()
		return samples
	}
	var r wire.Reading
	first, n := p, len(samples)
	for ; p != nil; p = p.next {
		p.makeOut(v, &r)
		samples = append(samples, sub.out.decoder.sample(p, &r, now))
	}
	at := samples[n].Time
	if before := sub.sightings.note(first, at); uint32(v.Status)&overflowBits == overflowBits {
		sub.session.source.history.overflow(first, before, at)
	}
	if nodeGone(v.Status) {
		sub.items.lose(handle, v.Status)
	}
	return samples
}

// acknowledge notes that messages are on disk since now and queues their
// acknowledgements.
func (sub *subscription) acknowledge(batch []message, now time.Time) {
	list := make([]*ua.SubscriptionAcknowledgement, 0, len(batch))
	for _, m := range batch {
		if m.seq == 0 {
			continue
		}
		list = append(list, &ua.SubscriptionAcknowledgement{SubscriptionID: sub.id, SequenceNumber: m.seq})
		sub.session.source.metrics.latency.Observe(now.Sub(m.at).Seconds())
		sub.taken = m.seq
	}
	sub.requests.acks.add(list...)
}

// vouch lets contacts say up to when values that did not change are known.
// That is only now, with the messages on disk: a contact that overtook them
// would say that what they end still goes on.
func (sub *subscription) vouch(batch []message) {
	if sub.madeUp != sub.losses.Load() {
		return // what was lost may have ended what went on before it
	}
	for _, m := range slices.Backward(batch) {
		if !m.heard.IsZero() {
			sub.out.hear(sub.place, m.heard)
			return
		}
	}
}
