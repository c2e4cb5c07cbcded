package cases

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"andon/bench/internal/generator"
	"andon/bench/internal/influx"
	"andon/bench/internal/measure"
	"andon/bench/internal/proc"
)

// run sends one load through one side, with an InfluxDB, a broker or server
// and a data folder of its own.
func (r *Rig) run(ctx context.Context, c Case, side measure.Side, pair int, s Setup) (run measure.Run, err error) {
	s.Self, s.Broker, s.OPCUA = r.Self, r.Broker, r.OPCUA
	s.Dir = filepath.Join(r.Work, "runs", fmt.Sprintf("%s-%d-%s-%d", c.Name, pair, side, s.Rate))
	if err := os.RemoveAll(s.Dir); err != nil {
		return run, fmt.Errorf("empty the folder of the run: %w", err)
	}
	syscall.Sync() // what the run before left to write is not this one's cost
	g := proc.NewGroup()
	defer func() {
		err = errors.Join(err, g.Close())
		if err == nil && run.Passed() {
			err = os.RemoveAll(s.Dir) // what failed is kept to be looked at
		}
	}()
	con, err := r.setUp(ctx, g, c, side, s)
	if u := (unready{}); errors.As(err, &u) && ctx.Err() == nil {
		return measure.Run{Side: side, Pair: pair, Rate: s.Rate, Fault: "it did not take the load up: " + u.Error()}, nil
	}
	if err != nil {
		return run, fmt.Errorf("%s, %s: %w", c.Name, side, err)
	}
	look := c.Look
	if look == 0 {
		look = 50 * time.Millisecond
	}
	run, err = con.measure(ctx, look)
	run.Side, run.Pair, run.Rate = side, pair, s.Rate
	if err != nil {
		return run, fmt.Errorf("%s, %s: %w", c.Name, side, err)
	}
	run.Confirms = s.Steady
	if s.Steady && run.Fault == "" {
		run.Fault = grown(run.Growth)
	}
	return run, nil
}

// costs are those of all programs at a moment.
type costs struct{ side, influx, server, generator proc.Usage }

func (con *consumer) costs() (c costs, err error) {
	if c.side, err = con.process.Usage(); err != nil {
		return c, err
	}
	if c.influx, err = con.influx.Process.Usage(); err != nil {
		return c, err
	}
	if con.flow.Server != nil {
		if c.server, err = con.flow.Server.Usage(); err != nil {
			return c, err
		}
	}
	c.generator, err = con.flow.Generator.Process.Usage()
	return c, err
}

// A span is what is known of a load while it goes on.
type span struct {
	start, measure, done generator.Event
	before, after        costs
	seen                 []influx.Sighting
}

// measure lets the generator begin and measures until all has arrived.
func (con *consumer) measure(ctx context.Context, look time.Duration) (run measure.Run, err error) {
	if con.taken != nil {
		if con.earlier, err = con.taken(ctx); err != nil {
			return run, err
		}
	}
	if err := con.flow.Generator.Go(); err != nil {
		return run, err
	}
	var s span
	if s.start, err = con.flow.Generator.Await(ctx, generator.Start); err != nil {
		return run, err
	}
	watch := influx.NewWatch(con.influx, con.stored, s.start.Time())
	if err := con.follow(ctx, &s, watch, look); err != nil {
		return run, err
	}
	e, err := con.drain(ctx, &s, watch, look)
	if err != nil {
		return run, err
	}
	return s.run(e), nil
}

// follow watches the probes until the generator is done.
func (con *consumer) follow(ctx context.Context, s *span, watch *influx.Watch, look time.Duration) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel() // ends the goroutine of listen
	events, failed := con.listen(inner)
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		select {
		case err := <-failed:
			return err
		case <-con.process.Done():
			return con.process.Failure()
		case e := <-events:
			switch e.Event {
			case generator.Measure:
				var err error
				if s.before, err = con.costs(); err != nil {
					return err
				}
				s.measure = e
			case generator.Done:
				s.done = e
				return nil
			}
		case <-tick.C:
			if err := con.look(ctx, s, watch); err != nil {
				return err
			}
		}
	}
}

// listen hands over the generator's events until ctx is done or there are no
// more, with the reason.
func (con *consumer) listen(ctx context.Context) (<-chan generator.Event, <-chan error) {
	events, failed := make(chan generator.Event), make(chan error, 1)
	go func() { // ends with ctx
		for {
			e, err := con.flow.Generator.Next(ctx)
			if err != nil {
				failed <- err
				return
			}
			select {
			case events <- e:
			case <-ctx.Done():
				return
			}
		}
	}()
	return events, failed
}

func (con *consumer) look(ctx context.Context, s *span, watch *influx.Watch) error {
	seen, err := watch.Look(ctx)
	s.seen = append(s.seen, seen...)
	return err
}

// run works out what was measured.
func (s *span) run(e end) measure.Run {
	run := measure.Run{
		Planned: s.done.Planned, Sent: s.done.Sent, Arrived: e.arrived, Taken: e.taken, Window: max(0, e.arrived-s.measure.Sent),
		Peak: s.after.side.Peak, DrainS: e.took.Seconds(),
	}
	per := func(before, after proc.Usage) float64 {
		if run.Window == 0 {
			return 0
		}
		return float64((after.CPU - before.CPU).Microseconds()) / float64(run.Window)
	}
	run.CPU = per(s.before.side, s.after.side)
	run.InfluxCPU = per(s.before.influx, s.after.influx)
	run.ServerCPU = per(s.before.server, s.after.server)
	run.GeneratorCPU = per(s.before.generator, s.after.generator)
	run.P50, run.P99, run.Probes = s.latency()
	run.Growth = s.growth()
	// One sample in a thousand is what starting and ending may cost.
	run.Short = run.Sent < run.Planned-run.Planned/1000
	run.Fault = s.fault(e)
	return run
}

// latency looks at the probes with time stamps in the measurement.
func (s *span) latency() (p50, p99 *float64, n int) {
	var ages []time.Duration
	for _, seen := range s.seen {
		if !seen.Source.Before(s.measure.Time()) {
			ages = append(ages, seen.Age)
		}
	}
	ms := func(p float64) *float64 {
		d, ok := measure.Percentile(ages, p)
		if !ok {
			return nil
		}
		v := measure.Milliseconds(d)
		return &v
	}
	return ms(50), ms(99), len(ages)
}
