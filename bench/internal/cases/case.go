// Package cases says what is measured, and measures it: a load through andon
// and through Telegraf in turn.
package cases

import (
	"context"
	"fmt"
	"slices"
	"time"

	"andon/bench/internal/broker"
	"andon/bench/internal/generator"
	"andon/bench/internal/influx"
	"andon/bench/internal/measure"
	"andon/bench/internal/proc"
)

// A Case is one thing to measure. It has either a Feed or Limit.
type Case struct {
	// Name is what --only takes, Title what the report shows.
	Name, Title string
	// Feed is where the samples come from.
	Feed Feed
	// Rate is the samples a second; Rates, which rise, are those among which
	// the highest that passes is looked for, when that is what the case is for.
	Rate  int
	Rates []int
	// Window is how long is measured each time, unless the Rig says otherwise.
	Window time.Duration
	// Sides are what is measured; both when empty.
	Sides []measure.Side
	// DiskBuffer gives Telegraf its disk buffer instead of that in memory.
	DiskBuffer bool
	// SmallBatches gives Telegraf its default batches, which are full, and so
	// written, sooner: where latency is what the case measures.
	SmallBatches bool
	// Look is how often InfluxDB is asked for new samples of the probes; 50 ms
	// when 0.
	Look time.Duration
	// Prepare fetches what the case needs beyond the Rig; nil when that is
	// nothing. It may be called several times. With an error that wraps
	// opcua.ErrAbsent the case is skipped.
	Prepare func(ctx context.Context, r *Rig) error
	// Limit measures something without andon and Telegraf, for so long each
	// time, and returns one value for each Figure.
	Limit func(ctx context.Context, r *Rig, window time.Duration) ([]measure.Figure, error)
}

// A Feed brings samples to where the consumers fetch them.
type Feed interface {
	// Start starts in a group what is needed: a server or broker and the
	// generator, which must be ready but have sent at most hellos. The group
	// ends them.
	Start(ctx context.Context, g *proc.Group, s Setup) (Flow, error)
}

// Setup says what a Feed should start.
type Setup struct {
	// Self is this program, for what runs as another process of it.
	Self string
	// Broker is the MQTT broker to start where one is needed.
	Broker broker.Broker
	// Dir is the folder of this run, absolute; each program has a folder of its
	// own below it.
	Dir string
	// OPCUA is the folder of the OPC UA server.
	OPCUA string
	// Rate is the samples a second.
	Rate int
	// Warmup and Window are how long to send before and in the measurement.
	Warmup, Window time.Duration
	// Steady has a run fail in which samples became older and older, although
	// all of them arrived in time in the end.
	Steady bool
}

// A Flow is a started Feed.
type Flow struct {
	// Generator makes the samples.
	Generator *generator.Generator
	// Server is the broker or server, whose cost is noted; nil when that is the
	// generator.
	Server *proc.Process
	// URL is where the samples are fetched.
	URL string
	// Andon is the sections plant, sources, production and rules of its
	// configuration, Telegraf its inputs.
	Andon, Telegraf string
	// Stored says how a side keeps the samples.
	Stored func(measure.Side) influx.Stored
	// Before is how many values are in InfluxDB before the load begins: then
	// the consumer is known to listen.
	Before int64
}

func (c Case) sides() []measure.Side {
	if len(c.Sides) == 0 {
		return []measure.Side{measure.Andon, measure.Telegraf}
	}
	return c.Sides
}

// Measures says whether the case measures a side.
func (c Case) Measures(side measure.Side) bool {
	return c.Limit == nil && slices.Contains(c.sides(), side)
}

// All returns the cases in the order in which they are measured.
func All() []Case {
	limits := limitCases()
	// What every table shows comes first, what one case shows right before it.
	var all []Case
	take := func(name string) {
		i := slices.IndexFunc(limits, func(c Case) bool { return c.Name == name })
		if i >= 0 {
			all, limits = append(all, limits[i]), slices.Delete(limits, i, i+1)
		}
	}
	take(measure.WriteLimit)
	for _, c := range slices.Concat(mqttCases(), opcuaCases()) {
		take(measure.LimitOf(c.Name))
		all = append(all, c)
	}
	return append(all, limits...)
}

// Named returns the cases with the names, in the order of All; all of them
// for none.
func Named(names []string) ([]Case, error) {
	if len(names) == 0 {
		return All(), nil
	}
	wanted := map[string]bool{}
	for _, n := range names {
		wanted[n] = true
	}
	var chosen []Case
	for _, c := range All() {
		if wanted[c.Name] {
			chosen = append(chosen, c)
			delete(wanted, c.Name)
		}
	}
	for n := range wanted {
		return nil, fmt.Errorf("there is no case %q: --list shows them", n)
	}
	return chosen, nil
}
