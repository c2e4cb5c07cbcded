package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"andon/cmd/plantsim/internal/mqtt"
	"andon/cmd/plantsim/internal/northfield"
	"andon/cmd/plantsim/internal/opcua"
	"andon/cmd/plantsim/internal/sim"
	"andon/cmd/plantsim/internal/truth"
	"andon/plant"
)

const (
	// maxSenders bounds the connections to the broker; a machine always uses
	// the same, so that its messages stay in order.
	maxSenders = 8
	// reportEvery is how often progress is told.
	reportEvery = 10 * time.Second
	// flushTime bounds how long the broker may take to acknowledge what is
	// left at the end.
	flushTime = time.Minute
)

// Options are what a run is made of.
type Options struct {
	Plant    *Plant
	Machines int           // how many of the plant's machines tell, the first ones
	Rate     int           // samples a second, of all machines together
	Duration time.Duration // of plant time after which to end, 0 for never
	MQTT     mqtt.Options
	Server   *opcua.Server // what the machines tell on instead of MQTT; nil for none
	Truth    *truth.Writer // nil for none
	Out      io.Writer     // for people who watch
}

// A run is one load while it lasts.
type run struct {
	o       Options
	senders []*sender
	told    int                                // messages
	values  int                                // on OPC UA: changes
	last    map[*northfield.Signal]plant.Value // on OPC UA
}

// Run lets the machines tell until the duration is over or ctx is done, and
// returns when the broker has acknowledged everything that was told. It is an
// error when it does not do so within a minute. Messages have the time at
// which they were due, so none shares its time stamp with another of its
// machine, also when the broker is slower than the plant.
func Run(ctx context.Context, o Options) error {
	r := &run{o: o, last: map[*northfield.Signal]plant.Value{}}
	if o.Server != nil {
		err := r.tell(ctx)
		o.Server.Flush(context.WithoutCancel(ctx))
		fmt.Fprintf(o.Out, "told %d changes of %d samples on OPC UA\n", r.values, r.samples(r.told))
		return err
	}
	for i := range min(maxSenders, o.Machines) {
		r.senders = append(r.senders, newSender(fmt.Sprintf("plantsim-load-%d-%d", os.Getpid(), i+1), o.MQTT))
	}
	deliver, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	errs := make([]error, len(r.senders))
	var wg sync.WaitGroup
	for i, s := range r.senders {
		wg.Go(func() { errs[i] = s.run(deliver) })
	}
	err := r.tell(ctx)
	for _, s := range r.senders {
		close(s.queue)
	}
	defer time.AfterFunc(flushTime, cancel).Stop()
	wg.Wait()
	if left := r.told - r.acked(); left > 0 {
		return errors.Join(err, fmt.Errorf("the broker has not acknowledged %d of %d messages within %s", left, r.told, flushTime), errors.Join(errs...))
	}
	fmt.Fprintf(o.Out, "told %d samples in %d messages; the broker has acknowledged all of them\n", r.samples(r.told), r.told)
	return err
}

// tell makes the machines tell one after the other, evenly.
func (r *run) tell(ctx context.Context) error {
	begin := time.Now().UTC().Truncate(time.Millisecond)
	pause := time.NewTimer(0)
	defer pause.Stop()
	report := begin.Add(reportEvery)
	tags := len(r.o.Plant.names())
	for k := 0; ; k++ {
		due := time.Duration(float64(k) * float64(tags) / float64(r.o.Rate) * float64(time.Second))
		if r.o.Duration > 0 && due >= r.o.Duration {
			return nil
		}
		at := begin.Add(due)
		pause.Reset(time.Until(at))
		select {
		case <-ctx.Done():
			return nil
		case <-pause.C:
		}
		if !at.Before(report) {
			r.report(at)
			report = report.Add(reportEvery)
		}
		if err := r.one(ctx, k, at.Truncate(time.Millisecond)); err != nil {
			return err
		}
	}
}

// one lets the machine whose turn it is tell its next message. A message that
// could not be queued before ctx was done was not told.
func (r *run) one(ctx context.Context, k int, at time.Time) error {
	machine, n := k%r.o.Machines, k/r.o.Machines
	msg := r.o.Plant.Message(machine, n, at)
	if r.o.Server != nil {
		return r.show(msg, at)
	}
	select {
	case r.senders[machine%len(r.senders)].queue <- msg:
	case <-ctx.Done():
		return nil
	}
	r.told++
	return r.note(at, msg.Samples)
}

// show changes the nodes of a machine. A value that stays is not told: an OPC
// UA server reports changes.
func (r *run) show(msg Message, at time.Time) error {
	var changed []sim.Sample
	var values []opcua.Value
	for _, s := range msg.Samples {
		if r.last[s.Signal] == s.Value {
			continue
		}
		r.last[s.Signal] = s.Value
		changed = append(changed, s)
		values = append(values, opcua.Value{Signal: s.Signal, Value: s.Value, Time: at})
	}
	r.o.Server.Write(values)
	r.told++
	r.values += len(changed)
	return r.note(at, changed)
}

// note writes the ground truth.
func (r *run) note(at time.Time, samples []sim.Sample) error {
	if r.o.Truth == nil {
		return nil
	}
	return r.o.Truth.Add(at, samples)
}

func (r *run) report(due time.Time) {
	if r.o.Server != nil {
		fmt.Fprintf(r.o.Out, "%s told %d changes of %d samples\n", due.Format(time.TimeOnly), r.values, r.samples(r.told))
		return
	}
	fmt.Fprintf(r.o.Out, "%s told %d samples, %d acknowledged, %s behind\n", due.Format(time.TimeOnly), r.samples(r.told), r.samples(r.acked()),
		max(0, time.Since(due)).Round(100*time.Millisecond))
}

func (r *run) samples(messages int) int { return messages * len(r.o.Plant.names()) }

func (r *run) acked() int {
	var n int64
	for _, s := range r.senders {
		n += s.acked.Load()
	}
	return int(n)
}
