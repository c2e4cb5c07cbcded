package cases

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"andon/bench/internal/andon"
	"andon/bench/internal/influx"
	"andon/bench/internal/measure"
	"andon/bench/internal/proc"
	"andon/bench/internal/telegraf"
	"andon/bench/opcua"
)

func opcuaCases() []Case {
	second, quarter := time.Second, 250*time.Millisecond
	alone := []measure.Side{measure.Andon}
	budget := opcuaCase("opcua-5000x250ms", "OPC UA, 5,000 items, each every 250 ms", OPCUA{Nodes: 5000, Interval: quarter}, nil)
	budget.Window = long
	return []Case{
		opcuaCase("opcua-1000x1s", "OPC UA, 1,000 items, each once a second", OPCUA{Nodes: 1000, Interval: second}, nil),
		opcuaCase("opcua-5000x1s", "OPC UA, 5,000 items, each once a second", OPCUA{Nodes: 5000, Interval: second}, nil),
		opcuaCase("opcua-1000x250ms", "OPC UA, 1,000 items, each every 250 ms", OPCUA{Nodes: 1000, Interval: quarter}, nil),
		budget,
		opcuaCase("opcua-20000x1s", "OPC UA, 20,000 items, each once a second", OPCUA{Nodes: 20_000, Interval: second}, alone),
		opcuaCase("opcua-5000-limited", "OPC UA, 5,000 items of a server that allows 1,000 in a call", OPCUA{Nodes: 5000, Interval: second, ItemsPerCall: 1000}, nil),
		opcuaCase("opcua-5000-secure", "OPC UA, 5,000 items, encrypted, with a user", OPCUA{Nodes: 5000, Interval: second, Secure: true}, alone),
		opcuaCase("opcua-20000-secure", "OPC UA, 20,000 items, encrypted, with a user, 1,000 in a call",
			OPCUA{Nodes: 20_000, Interval: second, ItemsPerCall: 1000, Secure: true}, alone),
	}
}

func opcuaCase(name, title string, o OPCUA, sides []measure.Side) Case {
	return Case{Name: name, Title: title, Feed: o, Rate: o.Nodes * int(time.Second/o.Interval), Sides: sides, Window: briefly,
		Prepare: func(ctx context.Context, r *Rig) error { return opcua.Prepare(ctx, r.OPCUA, r.Say) }}
}

// OPCUA is a server's nodes, ten of each machine, to which the consumer
// subscribes.
type OPCUA struct {
	Nodes        int
	Interval     time.Duration // in which each node changes once
	ItemsPerCall int           // as the server allows; any number for 0
	Secure       bool          // encrypted, with user name and password
}

// The plant of a server is made of lines of ten machines.
const opcuaMachines = 10

func opcuaLine(n int) string    { return fmt.Sprintf("l%02d", n) }
func opcuaMachine(n int) string { return fmt.Sprintf("m%03d", n) }

// ruledMachines are those of the first ten lines: there are as many rules as in
// the MQTT cases, however large the plant is.
const ruledMachines = "bench/hall/l0?/**"

// nodeID is the identifier of tag number tag of a machine.
func nodeID(machine, tag int) string {
	return fmt.Sprintf("n%05d", machine*len(andon.Signals())+tag)
}

// Start starts the server, which makes the load itself.
func (o OPCUA) Start(ctx context.Context, g *proc.Group, s Setup) (Flow, error) {
	options := opcua.Options{Nodes: o.Nodes, Interval: o.Interval, Warmup: s.Warmup, Window: s.Window, ItemsPerCall: o.ItemsPerCall, Secure: o.Secure}
	if o.Secure {
		options.User, options.Password = "andon", "bench"
	}
	server, err := opcua.Start(ctx, g, s.OPCUA, filepath.Join(s.Dir, "opcua"), options)
	if err != nil {
		return Flow{}, err
	}
	source := andon.OPCUA{Endpoint: server.URL, Trusted: server.Certificate, User: options.User, Password: options.Password}
	return Flow{
		Generator: server.Generator,
		URL:       server.URL,
		Andon:     o.plant().YAML() + source.YAML() + andon.ComputingOf(ruledMachines),
		Telegraf:  telegraf.OPCUA(server.URL, o.nodes()),
		Stored:    o.stored,
		Before:    int64(o.Nodes), // the first value of each
	}, nil
}

func (o OPCUA) machines() int { return o.Nodes / len(andon.Signals()) }

func (o OPCUA) plant() andon.Plant {
	tags := andon.Signals()
	for i := range tags {
		tags[i].Address = func(machine int) string { return "ns=1;s=" + nodeID(machine, i) }
	}
	return andon.Plant{Lines: o.machines() / opcuaMachines, Machines: opcuaMachines, Line: opcuaLine, Machine: opcuaMachine, Tags: tags, Source: "load"}
}

func (o OPCUA) nodes() []telegraf.Node {
	var nodes []telegraf.Node
	for machine := range o.machines() {
		for i, tag := range andon.Signals() {
			nodes = append(nodes, telegraf.Node{ID: nodeID(machine, i), Field: tag.Name, Line: opcuaLine(machine / opcuaMachines), Machine: opcuaMachine(machine)})
		}
	}
	return nodes
}

// stored says where the samples are. Four machines on different lines are the
// probes.
func (o OPCUA) stored(side measure.Side) influx.Stored {
	of, tag := influx.Stored{Measurement: "telemetry"}, "equipment"
	if side == measure.Telegraf {
		of, tag = influx.Stored{Measurement: telegraf.OPCUAMeasurement, Counts: isSignal}, "machine"
	}
	for n := range 4 {
		of.Probes = append(of.Probes, fmt.Sprintf(`SELECT "temp" FROM %q WHERE %q = '%s'`, of.Measurement, tag, opcuaMachine(n*o.machines()/4)))
	}
	return of
}

// isSignal tells a tag's field from those that Telegraf adds.
func isSignal(field string) bool {
	for _, t := range andon.Signals() {
		if t.Name == field {
			return true
		}
	}
	return false
}
