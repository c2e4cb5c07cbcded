package opcua

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"andon/collector"
	"andon/plant"
)

const (
	// contactEvery is how often a contact is put while the server answers.
	contactEvery = 5 * time.Second
	// contactSlack lets a keep-alive that comes a little early count.
	contactSlack = 100 * time.Millisecond
)

// An output is the way from one session to the Sink. Its methods are safe for
// concurrent use.
type output struct {
	source  *Source
	sink    collector.Sink
	status  *collector.Status
	decoder decoder
	learner *learner
	wake    chan struct{} // a contact may be due
	lives   func()        // notes that the server publishes, or answers where there is nothing to publish
	living  chan struct{} // closed by that

	mu    sync.Mutex  // guards all below
	told  []time.Time // up to when the server has told everything, by subscription
	heard time.Time   // the first of told
	said  time.Time   // heard, as of the last contact
}

func newOutput(s *Source, sink collector.Sink, status *collector.Status) *output {
	o := &output{source: s, sink: sink, status: status, learner: newLearner(), wake: make(chan struct{}, 1), living: make(chan struct{})}
	o.lives = sync.OnceFunc(func() { close(o.living) })
	o.told = make([]time.Time, max(s.tagSubscribers(), 1)) // one where all tags are polled
	o.decoder = decoder{
		learn:   o.learner.want,
		window:  s.config.TimeWindow,
		metrics: s.metrics,
		tell:    func(p *point, text string) { s.noteTrouble(status, p, text) },
	}
	return o
}

// hear notes that the server has told everything of the subscription at place
// up to at, and that the Sink has it. A contact is of the whole source, so it
// says what all subscriptions have told; that of events says nothing of tags.
func (o *output) hear(place int, at time.Time) {
	if place >= len(o.told) {
		return
	}
	o.mu.Lock()
	o.told[place] = at
	o.heard = slices.MinFunc(o.told, time.Time.Compare)
	heard, due := o.heard, o.dueLocked()
	o.mu.Unlock()
	o.source.history.hear(heard)
	if due {
		select {
		case o.wake <- struct{}{}:
		default: // it is awake already
		}
	}
}

func (o *output) dueLocked() bool {
	return !o.heard.IsZero() && (o.said.IsZero() || o.heard.Sub(o.said) >= contactEvery-contactSlack)
}

// contacts returns the contact that is due, if one is.
func (o *output) contacts() []plant.Contact {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.dueLocked() {
		return nil
	}
	o.said = o.heard
	return []plant.Contact{{Source: o.source.name, Time: plant.At(o.heard)}}
}

// put hands samples and events to the Sink, with a contact when one is due. It
// returns nil once they are on disk.
func (o *output) put(ctx context.Context, samples []plant.Sample, events ...plant.Event) error {
	batch := plant.Batch{Samples: samples, Contacts: o.contacts(), Events: events}
	if len(batch.Samples) == 0 && len(batch.Contacts) == 0 && len(batch.Events) == 0 {
		return nil
	}
	if err := o.sink.Put(ctx, batch); err != nil {
		return sinkError{fmt.Errorf("hand over %d samples: %w", len(samples), err)}
	}
	return nil
}

// sayUp tells that the source is up once the server showed that it lives: that it
// answers requests to subscribe does not say that it publishes.
func (o *output) sayUp(ctx context.Context) error {
	select {
	case <-ctx.Done():
	case <-o.living:
		o.status.Up(time.Now())
	}
	return nil
}

// sayContact puts contacts while no samples come that could carry them.
func (o *output) sayContact(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-o.wake:
		}
		if err := o.put(ctx, nil); err != nil {
			return err
		}
	}
}
