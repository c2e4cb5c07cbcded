package cases

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"andon/bench/internal/generator"
	"andon/bench/internal/influx"
	"andon/bench/internal/measure"
	"andon/bench/internal/proc"
	"andon/bench/opcua"
)

// More than a subscriber takes: then it is the limit.
const (
	saturatingQoS0 = 150_000
	saturatingQoS1 = 60_000
)

// limitWarmup is enough for programs that keep nothing.
const limitWarmup = 2 * time.Second

func limitCases() []Case {
	mqtt := func(name, title string, qos, rate int) Case {
		return limit("limit-"+name, "Limit: paho subscriber that counts, "+title, func(ctx context.Context, b *bare) error { return b.mqtt(ctx, qos, rate) })
	}
	items := func(name, title string, o OPCUA) Case {
		c := limit("limit-"+name, "Limit: gopcua subscription that counts, "+title, func(ctx context.Context, b *bare) error { return b.opcua(ctx, o) })
		c.Prepare = func(ctx context.Context, r *Rig) error { return opcua.Prepare(ctx, r.OPCUA, r.Say) }
		return c
	}
	write := func(name, title string, args ...string) Case {
		return limit("limit-influx-"+name, "Limit: line protocol to InfluxDB, batches of 5,000, "+title, func(ctx context.Context, b *bare) error { return b.write(ctx, args) })
	}
	return []Case{
		mqtt("mqtt-q0-10k", "QoS 0, 10,000/s", 0, 10_000),
		mqtt("mqtt-q0-40k", "QoS 0, 40,000/s", 0, 40_000),
		mqtt("mqtt-q0-highest", "QoS 0, saturated", 0, saturatingQoS0),
		mqtt("mqtt-q1-10k", "QoS 1, 10,000/s", 1, 10_000),
		mqtt("mqtt-q1-40k", "QoS 1, 40,000/s", 1, 40_000),
		mqtt("mqtt-q1-highest", "QoS 1, saturated", 1, saturatingQoS1),
		items("opcua-5000x1s", "5,000 items at 1 s", OPCUA{Nodes: 5000, Interval: time.Second}),
		items("opcua-5000x250ms", "5,000 items at 250 ms", OPCUA{Nodes: 5000, Interval: 250 * time.Millisecond}),
		limit("limit-opcua-decode", "Limit: gopcua decodes publish responses of 1,000 values", func(ctx context.Context, b *bare) error {
			return b.start(ctx, "decode")
		}),
		write("plain-1", "plain, 1 writer", "--writers", "1"),
		write("plain-2", "plain, 2 writers", "--writers", "2"),
		write("gzip-1", "gzip, 1 writer", "--writers", "1", "--gzip"),
		write("gzip-2", "gzip, 2 writers", "--writers", "2", "--gzip"),
	}
}

// A bare is one measurement of a program that does one piece only.
type bare struct {
	rig    *Rig
	group  *proc.Group
	setup  Setup
	client *generator.Generator
	// load makes what the client takes; nil when the client makes it.
	load *generator.Generator
	// influx is what it writes to, if it does.
	influx *proc.Process
}

func limit(name, title string, start func(context.Context, *bare) error) Case {
	return Case{Name: name, Title: title, Window: briefly, Limit: func(ctx context.Context, r *Rig, window time.Duration) (figures []measure.Figure, err error) {
		b := &bare{rig: r, group: proc.NewGroup(), setup: Setup{Self: r.Self, Broker: r.Broker, OPCUA: r.OPCUA, Dir: filepath.Join(r.Work, "runs", name), Warmup: limitWarmup, Window: window}}
		if err := os.RemoveAll(b.setup.Dir); err != nil {
			return nil, fmt.Errorf("empty the folder of the run: %w", err)
		}
		defer func() { err = errors.Join(err, b.group.Close()) }()
		if err := start(ctx, b); err != nil {
			return nil, err
		}
		figures, err = b.measure(ctx)
		for _, f := range figures {
			r.Say(fmt.Sprintf("%s: %s %.2f %s", name, f.Name, f.Values[0], f.Unit))
		}
		return figures, err
	}}
}

// start starts the program of package limits.
func (b *bare) start(ctx context.Context, args ...string) (err error) {
	b.client, err = generator.Run(ctx, b.group, proc.Spec{Name: "bare", Args: append([]string{b.setup.Self, "bare"}, args...), Dir: filepath.Join(b.setup.Dir, "bare")})
	return err
}

func (b *bare) mqtt(ctx context.Context, qos, rate int) error {
	b.setup.Rate = rate
	flow, err := MQTT{QoS: qos}.Start(ctx, b.group, b.setup)
	if err != nil {
		return err
	}
	b.load = flow.Generator
	return b.start(ctx, "mqtt", "--url", flow.URL, "--qos", strconv.Itoa(qos))
}

func (b *bare) opcua(ctx context.Context, o OPCUA) error {
	flow, err := o.Start(ctx, b.group, b.setup)
	if err != nil {
		return err
	}
	b.load = flow.Generator
	return b.start(ctx, "opcua", "--url", flow.URL, "--nodes", strconv.Itoa(o.Nodes))
}

func (b *bare) write(ctx context.Context, args []string) error {
	db, err := influx.Start(ctx, b.group, b.rig.Influxd, filepath.Join(b.setup.Dir, "influxd"))
	if err != nil {
		return err
	}
	b.influx = db.Process
	return b.start(ctx, append([]string{"influx", "--url", db.URL, "--database", influx.Database}, args...)...)
}

// A mark is what is known at one moment.
type mark struct {
	done           generator.Event
	client, influx proc.Usage
}

func (b *bare) mark(ctx context.Context) (m mark, err error) {
	if err = b.client.Go(); err != nil {
		return m, err
	}
	if m.done, err = b.client.Await(ctx, generator.Sent); err != nil {
		return m, err
	}
	if m.client, err = b.client.Process.Usage(); err != nil || b.influx == nil {
		return m, err
	}
	m.influx, err = b.influx.Usage()
	return m, err
}

// measure reads what was done, and what it cost, between the beginning and the
// end of the measurement.
func (b *bare) measure(ctx context.Context) ([]measure.Figure, error) {
	if b.load != nil {
		if err := b.load.Go(); err != nil {
			return nil, err
		}
	}
	if err := b.until(ctx, generator.Measure, b.setup.Warmup); err != nil {
		return nil, err
	}
	from, err := b.mark(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.until(ctx, generator.Done, b.setup.Window); err != nil {
		return nil, err
	}
	to, err := b.mark(ctx)
	if err != nil {
		return nil, err
	}
	n := float64(to.done.Sent - from.done.Sent)
	if n <= 0 {
		return nil, errors.New("nothing came in the time of the measurement")
	}
	per := func(from, to proc.Usage) []float64 { return []float64{float64((to.CPU - from.CPU).Microseconds()) / n} }
	figures := []measure.Figure{
		{Name: measure.FigureRate, Unit: "samples/s", Values: []float64{n / to.done.Time().Sub(from.done.Time()).Seconds()}},
		{Name: measure.FigureCPU, Unit: "µs per sample", Values: per(from.client, to.client)},
	}
	if b.influx != nil {
		figures = append(figures, measure.Figure{Name: measure.FigureInfluxCPU, Unit: "µs per sample", Values: per(from.influx, to.influx)})
	}
	return figures, nil
}

// until waits for an event of the load, or for a time where there is none.
func (b *bare) until(ctx context.Context, event string, d time.Duration) error {
	if b.load != nil {
		_, err := b.load.Await(ctx, event)
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-b.client.Process.Done():
		return b.client.Process.Failure()
	case <-ctx.Done():
		return ctx.Err()
	}
}
