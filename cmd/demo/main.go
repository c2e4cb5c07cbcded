// Command demo starts the demonstration: a simulated plant, a real InfluxDB
// and andon, all on loopback, and stops them in order. `make run` calls it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // with nohup it outlives its terminal
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "demo:", err)
		}
		os.Exit(1)
	}
}

// options are the demonstration's ports, on 127.0.0.1, and folders.
type options struct {
	bin, dir, config, scenario string
	andon, influx, opcua, mqtt int
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.StringVar(&o.bin, "bin", "bin", "folder of the programs andon, plantsim and influxd")
	flags.StringVar(&o.dir, "dir", ".run", "folder for all data and logs")
	flags.StringVar(&o.config, "config", "configs/demo/andon.yaml", "configuration of andon")
	flags.StringVar(&o.scenario, "scenario", "showcase", "what the plant does: showcase, hour or a file")
	flags.IntVar(&o.andon, "andon-port", 8080, "port of andon's pages")
	flags.IntVar(&o.influx, "influx-port", 8086, "port of InfluxDB")
	flags.IntVar(&o.opcua, "opcua-port", 4840, "port of the plant's OPC UA server")
	flags.IntVar(&o.mqtt, "mqtt-port", 1883, "port of the plant's MQTT broker")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := os.MkdirAll(o.dir, 0o750); err != nil {
		return err
	}
	held, err := lock(ctx, o.dir, out)
	if err != nil {
		return err
	}
	defer held.Close()
	if err := checkPorts(o); err != nil {
		return err
	}
	return supervise(ctx, plan(o, held), out, func() { describe(o, out) })
}

// describe says where to look.
func describe(o options, out io.Writer) {
	fmt.Fprintf(out, `
The plant runs. What to look at:

  http://127.0.0.1:%[1]d/            andon board: every line, its state, the reason, OEE of the shift
  http://127.0.0.1:%[1]d/alarms      open alarms; acknowledge with the token "demo"
  http://127.0.0.1:%[1]d/readyz      health of each source, the stream, InfluxDB and the records
  http://127.0.0.1:%[1]d/api/v1/openapi.yaml
  http://127.0.0.1:%[2]d/query?db=plant&q=SELECT+last(*)+FROM+telemetry+GROUP+BY+equipment
  opc.tcp://127.0.0.1:%[3]d          the plant's OPC UA server
  mqtt://127.0.0.1:%[4]d             the plant's MQTT broker

Within two minutes the board shows a micro-stop, a fault, an emergency stop, a slow run, rejects,
starvation and a lost source. Messages to people are lines in %[5]s/andon.log.
Ctrl-C stops everything; the data stay in %[5]s until "make clean".

`, o.andon, o.influx, o.opcua, o.mqtt, o.dir)
}
