package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"time"

	"andon/cmd/plantsim/internal/load"
	"andon/cmd/plantsim/internal/opcua"
	"andon/cmd/plantsim/internal/truth"

	"github.com/spf13/cobra"
)

const loadExamples = `  # 5,000 samples a second for ten minutes to a broker of its own, written down:
  plantsim load --rate 5000 --duration 10m --truth truth.ndjson

  # A matching part of andon's configuration, to be included in yours:
  plantsim load --mqtt-url tcp://127.0.0.1:1883 --config-out load.yaml

  # The same over OPC UA, beginning when andon subscribes:
  plantsim load --opcua-listen 127.0.0.1:4840 --config-out load.yaml
  plantsim load --opcua-listen 127.0.0.1:4840 --rate 2000 --truth truth.ndjson

  # 200 machines with 50 tags each at an existing broker, until Ctrl-C:
  plantsim load --machines 200 --tags 50 --rate 20000 --mqtt-url tcp://127.0.0.1:1883`

type loadOptions struct {
	brokerOptions
	machines, tags, rate, spare int
	duration                    time.Duration
	truth, configOut            string
	opcuaListen                 string // "" for MQTT
}

func newLoadCommand() *cobra.Command {
	var o loadOptions
	cmd := &cobra.Command{
		Use:   "load",
		Short: "A plant of any size that tells values at a given rate over MQTT or OPC UA",
		Long: `load is a plant of machines of one kind, each with a state, two counts and
analog values, that tell their values over MQTT with QoS 1, evenly at --rate.
No two values of a tag have the same time stamp. A message is kept and sent
again until the broker has acknowledged it.

It prints "ready mqtt=…" once the broker runs, a line every ten seconds, and
ends with --duration or on SIGINT and SIGTERM: then it waits until the broker
has acknowledged everything and says so. It is an error when it does not.

With --opcua-listen the machines are on an OPC UA server instead. It prints
"ready opcua=…", begins with the first client that subscribes, and in the end
waits a few seconds for clients to fetch what is queued.`,
		Example: loadExamples,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.ownBroker = cmd.Flags().Changed("mqtt-listen")
			return runLoad(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.machines, "machines", 20, "number of machines")
	f.IntVar(&o.tags, "tags", 10, "tags of each machine")
	f.IntVar(&o.spare, "spare", 0, "so many more machines are in the configuration and silent")
	f.IntVar(&o.rate, "rate", 1000, "samples a second, of all machines together")
	f.DurationVar(&o.duration, "duration", 0, "end after this time (default: never)")
	f.StringVar(&o.truth, "truth", "", "file for every value that the plant tells, one JSON line each")
	f.StringVar(&o.configOut, "config-out", "", "only write the matching part of andon's configuration to this file, - for standard output")
	f.StringVar(&o.opcuaListen, "opcua-listen", "", "an OPC UA server at this address instead of MQTT")
	o.addBrokerFlags(f)
	return cmd
}

func (o *loadOptions) validate() error {
	var errs []error
	if o.machines < 1 || o.machines+o.spare > 10_000 || o.spare < 0 {
		errs = append(errs, fmt.Errorf("--machines %d, --spare %d: want 1 to 10000 machines", o.machines, o.spare))
	}
	if o.tags < load.MinTags || o.tags > 1000 {
		errs = append(errs, fmt.Errorf("--tags %d: want %d to 1000", o.tags, load.MinTags))
	}
	if o.rate < 1 || o.rate > 1000*o.machines*o.tags {
		errs = append(errs, fmt.Errorf("--rate %d: want 1 to %d, a value of each tag a millisecond; more need more machines or tags", o.rate, 1000*o.machines*o.tags))
	}
	if o.duration < 0 {
		errs = append(errs, fmt.Errorf("--duration %s: want a duration above 0", o.duration))
	}
	return errors.Join(append(errs, o.brokerOptions.validate())...)
}

// runLoad runs the command.
func runLoad(ctx context.Context, o loadOptions, stdout, stderr io.Writer) (err error) {
	if err := o.validate(); err != nil {
		return err
	}
	plant := load.NewPlant(o.machines+o.spare, o.tags)
	if o.configOut != "" {
		return o.writeConfig(plant, stdout)
	}
	run := load.Options{Plant: plant, Machines: o.machines, Rate: o.rate, Duration: o.duration, Out: stdout}
	ready, closeAll, err := o.connect(ctx, &run, slog.New(slog.NewTextHandler(stderr, nil)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	fmt.Fprintf(stdout, "%s\n%d machines with %d tags, %d samples a second\n", ready, o.machines, o.tags, o.rate)
	if run.Server != nil && !all(ctx, []<-chan struct{}{run.Server.Subscribed()}) {
		return nil
	}
	if o.truth == "" {
		return load.Run(ctx, run)
	}
	file, err := os.Create(o.truth)
	if err != nil {
		return fmt.Errorf("--truth: %w", err)
	}
	run.Truth = truth.NewWriter(file)
	if err := errors.Join(load.Run(ctx, run), file.Close()); err != nil {
		return err
	}
	return writeSummary(o.truth+".summary.json", run.Truth.Summary("load"))
}

// connect starts what the machines tell on, and returns how to reach it.
func (o *loadOptions) connect(ctx context.Context, run *load.Options, log *slog.Logger) (ready string, closeAll func() error, err error) {
	if o.opcuaListen != "" {
		equipment, initial := run.Plant.OPCUA()
		run.Server, err = opcua.Start(ctx, opcua.Options{Listen: o.opcuaListen, Plant: equipment}, initial)
		if err != nil {
			return "", nil, explain(err, "--opcua-listen", o.opcuaListen)
		}
		return "ready opcua=" + run.Server.URL(), run.Server.Close, nil
	}
	broker, closeBroker, err := o.open()
	if err != nil {
		return "", nil, err
	}
	run.MQTT, err = o.login(broker)
	if err != nil {
		return "", nil, errors.Join(err, closeBroker())
	}
	run.MQTT.Log = log
	return "ready mqtt=" + broker.Redacted(), closeBroker, nil
}

// writeConfig writes what andon must know of the plant and how to reach it. The
// password stays out of it.
func (o *loadOptions) writeConfig(p *load.Plant, stdout io.Writer) error {
	address := &url.URL{Scheme: "tcp", Host: o.mqttListen}
	if o.opcuaListen != "" {
		address = &url.URL{Scheme: "opc.tcp", Host: o.opcuaListen}
	} else if o.mqttURL != "" {
		var err error
		if address, err = o.brokerURL(); err != nil {
			return err
		}
	}
	text := p.Config((&url.URL{Scheme: address.Scheme, Host: address.Host}).String())
	if o.configOut == "-" {
		_, err := io.WriteString(stdout, text)
		return err
	}
	if err := os.WriteFile(o.configOut, []byte(text), 0o644); err != nil {
		return fmt.Errorf("--config-out: %w", err)
	}
	return nil
}
