package cases

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"andon/bench/internal/andon"
	"andon/bench/internal/generator"
	"andon/bench/internal/influx"
	"andon/bench/internal/measure"
	"andon/bench/internal/mqttload"
	"andon/bench/internal/proc"
	"andon/bench/internal/telegraf"
)

// steps are the rates of the search for the highest one.
var steps = [...]int{20_000, 30_000, 40_000, 50_000, 60_000, 80_000, 100_000}

// Windows of a case: one that measures a budget, and one that is there to be
// compared with it. Five pairs of all cases fit into an hour with them.
const (
	long    = 12 * time.Second
	briefly = 5 * time.Second
)

// quick is how often InfluxDB is asked where latency is the point.
const quick = 10 * time.Millisecond

func mqttCases() []Case {
	q0, q1 := MQTT{QoS: 0}, MQTT{QoS: 1}
	return []Case{
		{Name: "mqtt-q0-10k", Title: "MQTT JSON, QoS 0, 10,000 samples/s", Feed: q0, Rate: 10_000, Window: long},
		{Name: "mqtt-q1-10k", Title: "MQTT JSON, QoS 1, 10,000 samples/s", Feed: q1, Rate: 10_000, Window: long},
		{Name: "mqtt-q0-40k", Title: "MQTT JSON, QoS 0, 40,000 samples/s", Feed: q0, Rate: 40_000, Window: long},
		{Name: "mqtt-q1-40k", Title: "MQTT JSON, QoS 1, 40,000 samples/s", Feed: q1, Rate: 40_000, Window: long},
		{Name: "mqtt-q1-3k-disk", Title: "MQTT JSON, QoS 1, 3,000 samples/s, Telegraf with its disk buffer", Feed: q1, Rate: 3_000, Window: long, DiskBuffer: true},
		{Name: "mqtt-q1-1k-latency", Title: "Latency: MQTT JSON, QoS 1, 1,000 samples/s", Feed: q1, Rate: 1_000, Window: briefly, Look: quick, SmallBatches: true},
		{Name: "mqtt-q1-5k-latency", Title: "Latency: MQTT JSON, QoS 1, 5,000 samples/s", Feed: q1, Rate: 5_000, Window: long, Look: quick, SmallBatches: true},
		{Name: "mqtt-q0-highest", Title: "MQTT JSON, QoS 0, highest sustained rate", Feed: q0, Rates: steps[:]},
		{Name: "mqtt-q1-highest", Title: "MQTT JSON, QoS 1, highest sustained rate", Feed: q1, Rates: steps[:]},
	}
}

// MQTT is 1,000 tags that are published to a broker, each value as a JSON
// object on a topic of its own.
type MQTT struct {
	// QoS is that of publisher and subscriber.
	QoS int
}

// Start starts the broker and the publisher.
func (m MQTT) Start(ctx context.Context, g *proc.Group, s Setup) (Flow, error) {
	b, err := s.Broker.Start(ctx, g, filepath.Join(s.Dir, "broker"))
	if err != nil {
		return Flow{}, err
	}
	gen, err := generator.Run(ctx, g, proc.Spec{
		Name: "mqtt-load",
		Args: []string{s.Self, "mqtt-load", "--broker", b.Address, "--qos", strconv.Itoa(m.QoS), "--rate", strconv.Itoa(s.Rate),
			"--warmup", s.Warmup.String(), "--window", s.Window.String()},
		Dir: filepath.Join(s.Dir, "mqtt-load"),
	})
	if err != nil {
		return Flow{}, err
	}
	plant := andon.Plant{Lines: mqttload.Lines, Machines: mqttload.Machines, Line: mqttload.Line, Machine: mqttload.Machine,
		Tags: andon.Signals(), Source: "load"}
	return Flow{
		Generator: gen,
		Server:    b.Process,
		URL:       b.URL(),
		Andon:     plant.YAML() + andon.MQTT(b.URL(), m.QoS) + andon.Computing(),
		Telegraf:  telegraf.MQTT(b.URL(), m.QoS),
		Stored:    m.stored,
		Before:    1,
	}, nil
}

// stored says where the samples are. Two machines of each line are the probes.
func (MQTT) stored(side measure.Side) influx.Stored {
	tag, key, query := mqttload.ProbeTag, "equipment", ""
	var of influx.Stored
	switch side {
	case measure.Andon:
		of.Measurement = "telemetry"
		query = fmt.Sprintf(`SELECT %q FROM "telemetry" WHERE `, tag)
	case measure.Telegraf:
		of.Measurement, key = "plant", "machine"
		query = fmt.Sprintf(`SELECT "value" FROM "plant" WHERE "tag" = '%s' AND `, tag)
	}
	var machines []string
	for n := 0; n < mqttload.Lines*mqttload.Machines; n += 5 {
		machines = append(machines, fmt.Sprintf(`%q = '%s'`, key, mqttload.Machine(n)))
	}
	of.Probes = []string{query + "(" + strings.Join(machines, " OR ") + ")"}
	return of
}
