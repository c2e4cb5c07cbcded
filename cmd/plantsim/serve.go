package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"andon/cmd/plantsim/internal/live"
	"andon/cmd/plantsim/internal/mqtt"
	"andon/cmd/plantsim/internal/northfield"
	"andon/cmd/plantsim/internal/opcua"
	"andon/cmd/plantsim/internal/scenario"
	"andon/cmd/plantsim/internal/sim"
	"andon/cmd/plantsim/internal/truth"
	"andon/cmd/plantsim/scenarios"
	"andon/plant/setting"

	"github.com/spf13/pflag"
)

// flushTime bounds how long devices may take to deliver what is left when the
// plant ends.
const flushTime = 5 * time.Second

type serveOptions struct {
	scenario, start, truth, data string
	speed                        float64
	loop, wait                   bool
	duration                     time.Duration

	opcuaListen, cert, key           string
	mqttListen, mqttURL              string
	mqttUser, mqttPassword, mqttRoot string
	ownBroker                        bool // --mqtt-listen was given
}

func (o *serveOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.scenario, "scenario", "showcase", "name of a scenario, or a file")
	f.BoolVar(&o.loop, "loop", false, "repeat the scenario for ever")
	f.DurationVar(&o.duration, "duration", 0, "end after this much plant time (default: with the scenario)")
	f.StringVar(&o.start, "start", "", "the plant's time when the scenario starts, RFC 3339 (default: now)")
	f.Float64Var(&o.speed, "speed", 1, "how much faster than real time the plant's clock runs")
	f.BoolVar(&o.wait, "wait", false, "start the scenario when the first OPC UA client subscribes")
	f.StringVar(&o.truth, "truth", "", "file for every value that the plant tells, one JSON line each")
	f.StringVar(&o.opcuaListen, "opcua-listen", "127.0.0.1:4840", "where the OPC UA server listens")
	f.StringVar(&o.cert, "cert", "", "certificate of the OPC UA server, PEM; adds Basic256Sha256")
	f.StringVar(&o.key, "key", "", "its RSA key, PEM")
	f.StringVar(&o.mqttListen, "mqtt-listen", "127.0.0.1:1883", "where the plant's own MQTT broker listens")
	f.StringVar(&o.mqttURL, "mqtt-url", "", "use this broker instead, tcp://host:port or ssl://host:port")
	f.StringVar(&o.mqttUser, "mqtt-user", "", "user at that broker")
	f.StringVar(&o.mqttPassword, "mqtt-password-file", "", "file with that user's password")
	f.StringVar(&o.mqttRoot, "mqtt-ca", "", "authority that signed that broker's certificate, PEM (default: the system's)")
	f.StringVar(&o.data, "data", "", "folder of the plant's own broker (default: one that is removed at the end)")
}

func (o *serveOptions) validate() error {
	var errs []error
	if !(o.speed > 0 && o.speed <= 10_000) {
		errs = append(errs, fmt.Errorf("--speed %v: want a number above 0 and at most 10000", o.speed))
	}
	if o.duration < 0 {
		errs = append(errs, fmt.Errorf("--duration %s: want a duration above 0", o.duration))
	}
	if o.mqttURL != "" && o.ownBroker {
		errs = append(errs, errors.New("--mqtt-listen and --mqtt-url: want one of them"))
	}
	if (o.cert == "") != (o.key == "") {
		errs = append(errs, errors.New("--cert and --key: want both or none"))
	}
	return errors.Join(errs...)
}

// serve runs the plant until its end or until ctx is done.
func serve(ctx context.Context, o serveOptions, stdout, stderr io.Writer) (err error) {
	if err := o.validate(); err != nil {
		return err
	}
	s, err := scenario.Load(scenarios.Files, o.scenario)
	if err != nil {
		return err
	}
	p := &live.Player{Run: sim.New(s), Speed: o.speed, Repeat: o.loop || o.duration > s.Length, Duration: o.duration, Out: stdout}
	if o.start != "" {
		if p.Start, err = parseStart(o.start); err != nil {
			return err
		}
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	if o.truth != "" {
		file, err := os.Create(o.truth)
		if err != nil {
			return fmt.Errorf("--truth: %w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		p.Truth = truth.NewWriter(file)
	}
	if p.Server, err = startServer(ctx, o, s); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Server.Close()) }()
	broker, own, err := startBroker(o)
	if err != nil {
		return err
	}
	if own != nil {
		defer func() { err = errors.Join(err, own.Close()) }()
	}
	devices := mqtt.Options{Broker: broker, Log: log}
	if err := o.broker(&devices); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "scenario %s: %s\n", s.Name, strings.TrimSpace(s.About))
	return withDevices(ctx, p, s, devices, func(ctx context.Context) error { return play(ctx, p, o, s, broker) })
}

// startServer serves nodes that have no values yet.
func startServer(ctx context.Context, o serveOptions, s *scenario.Scenario) (*opcua.Server, error) {
	var initial []opcua.Value
	now := time.Now().Truncate(time.Millisecond)
	for _, eq := range s.Plant {
		for i := range eq.Signals {
			if sig := &eq.Signals[i]; sig.Node != "" {
				initial = append(initial, opcua.Value{Signal: sig, Status: sim.BadWaitingForInitialData, Time: now})
			}
		}
	}
	srv, err := opcua.Start(ctx, opcua.Options{Listen: o.opcuaListen, Cert: o.cert, Key: o.key, Plant: s.Plant}, initial)
	return srv, explain(err, "--opcua-listen", o.opcuaListen)
}

// startBroker returns the broker to use, and the plant's own if it is that.
func startBroker(o serveOptions) (*url.URL, *mqtt.Broker, error) {
	if o.mqttURL != "" {
		u, err := url.Parse(o.mqttURL)
		if err == nil {
			err = mqtt.CheckURL(u)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("--mqtt-url: %w", err)
		}
		return u, nil, nil
	}
	dir := o.data
	if dir != "" {
		dir = filepath.Join(dir, "broker")
	}
	b, err := mqtt.StartBroker(o.mqttListen, dir)
	if err != nil {
		return nil, nil, explain(err, "--mqtt-listen", o.mqttListen)
	}
	return b.URL(), b, nil
}

// explain says what to do about an address that cannot be listened at.
func explain(err error, flag, addr string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("listen at %s: the port is taken; stop the other program or choose another with %s", addr, flag)
	}
	return fmt.Errorf("%s %s: %w", flag, addr, err)
}

// broker fills in how to log in at the broker.
func (o *serveOptions) broker(d *mqtt.Options) error {
	password, err := setting.Read("", setting.File(o.mqttPassword))
	if err != nil {
		return fmt.Errorf("--mqtt-password-file: %w", err)
	}
	d.User, d.Password = o.mqttUser, password.Reveal()
	if u := d.Broker.User; u != nil && d.User == "" {
		d.User = u.Username()
		d.Password, _ = u.Password()
	}
	if o.mqttRoot == "" {
		return nil
	}
	pem, err := os.ReadFile(o.mqttRoot)
	if err != nil {
		return fmt.Errorf("--mqtt-ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return fmt.Errorf("--mqtt-ca %s: want a certificate in PEM", o.mqttRoot)
	}
	d.TLS = &tls.Config{RootCAs: pool}
	return nil
}

// withDevices runs the plant's devices around do. They leave after it, when
// they have delivered what it left them.
func withDevices(ctx context.Context, p *live.Player, s *scenario.Scenario, o mqtt.Options, do func(context.Context) error) error {
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	p.Devices = map[string]*mqtt.Device{}
	for _, eq := range s.Plant {
		if eq.Transport == northfield.MQTT {
			d := mqtt.NewDevice(eq, o)
			p.Devices[eq.Name] = d
			wg.Go(func() { d.Run(run) })
		}
	}
	err := do(ctx)
	flush, done := context.WithTimeout(run, flushTime)
	defer done()
	for _, d := range p.Devices {
		if ferr := d.Flush(flush); ferr != nil && err == nil && ctx.Err() == nil {
			err = fmt.Errorf("deliver the last messages: %w", ferr)
		}
	}
	return err
}

// play waits until everything is there, plays, and sums up.
func play(ctx context.Context, p *live.Player, o serveOptions, s *scenario.Scenario, broker *url.URL) error {
	for _, d := range p.Devices {
		select {
		case <-d.Connected():
		case <-ctx.Done():
			return nil
		}
	}
	fmt.Fprintf(p.Out, "ready opcua=%s mqtt=%s\n", p.Server.URL(), broker.Redacted())
	if o.wait {
		select {
		case <-p.Server.Subscribed():
		case <-ctx.Done():
			return nil
		}
	}
	if p.Start.IsZero() {
		p.Start = time.Now().UTC().Truncate(time.Millisecond)
	}
	fmt.Fprintf(p.Out, "plant time %s, speed %v\n", p.Start.Format(time.RFC3339Nano), p.Speed)
	if err := p.Play(ctx); err != nil {
		return err
	}
	if p.Truth == nil {
		return nil
	}
	sum := p.Truth.Summary(s.Name)
	fmt.Fprintf(p.Out, "told %d values of %d tags\n", sum.Lines, len(sum.Tags))
	return writeSummary(o.truth+".summary.json", sum)
}

func writeSummary(file string, s truth.Summary) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("sum up: %w", err)
	}
	return os.WriteFile(file, append(b, '\n'), 0o644)
}
