package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"andon/cmd/plantsim/internal/live"
	"andon/cmd/plantsim/internal/mqtt"
	"andon/cmd/plantsim/internal/northfield"
	"andon/cmd/plantsim/internal/opcua"
	"andon/cmd/plantsim/internal/scenario"
	"andon/cmd/plantsim/internal/sim"
	"andon/cmd/plantsim/internal/truth"
	"andon/cmd/plantsim/scenarios"
	"andon/plant"
)

// flushTime bounds how long devices may take to deliver what is left when the
// plant ends.
const flushTime = 5 * time.Second

// A simulation is the whole plant of one run of the command.
type simulation struct {
	o        serveOptions
	out      io.Writer
	log      *slog.Logger
	scenario *scenario.Scenario
	player   *live.Player
	broker   *url.URL
	close    []func() error // last opened, first closed
}

// serve runs the plant until its end or until ctx is done.
func serve(ctx context.Context, o serveOptions, stdout, stderr io.Writer) (err error) {
	s := &simulation{o: o, out: stdout, log: slog.New(slog.NewTextHandler(stderr, nil))}
	defer func() {
		for i := len(s.close) - 1; i >= 0; i-- {
			err = errors.Join(err, s.close[i]())
		}
	}()
	for _, step := range []func(context.Context) error{s.load, s.openTruth, s.startServer, s.startBroker} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.out, "scenario %s: %s\n", s.scenario.Name, strings.TrimSpace(s.scenario.About))
	return s.withDevices(ctx, s.play)
}

// load checks everything that can be checked before anything is opened.
func (s *simulation) load(context.Context) (err error) {
	if err := s.o.validate(); err != nil {
		return err
	}
	if s.scenario, err = scenario.Load(scenarios.Files, s.o.scenario); err != nil {
		return err
	}
	s.player = &live.Player{Run: sim.New(s.scenario), Speed: s.o.speed, Duration: s.o.duration, Out: s.out,
		Repeat: s.o.loop || s.o.duration > s.scenario.Length}
	if s.o.start != "" {
		s.player.Start, err = parseStart(s.o.start)
	}
	return err
}

func (s *simulation) openTruth(context.Context) error {
	if s.o.truth == "" {
		return nil
	}
	file, err := os.Create(s.o.truth)
	if err != nil {
		return fmt.Errorf("--truth: %w", err)
	}
	s.close = append(s.close, file.Close)
	s.player.Truth = truth.NewWriter(file)
	return nil
}

// startServer serves nodes that are out of service until the scenario starts.
func (s *simulation) startServer(ctx context.Context) (err error) {
	start := s.player.Start
	if now := time.Now().Truncate(time.Millisecond); start.IsZero() || start.After(now) {
		start = now
	}
	var initial []opcua.Value
	for _, eq := range s.scenario.Plant {
		for i := range eq.Signals {
			if sig := &eq.Signals[i]; sig.Node != "" {
				initial = append(initial, opcua.Value{Signal: sig, Status: plant.BadOutOfService, Time: start})
			}
		}
	}
	s.player.Server, err = opcua.Start(ctx, opcua.Options{Listen: s.o.opcuaListen, Cert: s.o.cert, Key: s.o.key,
		Plant: s.scenario.Plant, Now: s.player.Now}, initial)
	if err != nil {
		return explain(err, "--opcua-listen", s.o.opcuaListen)
	}
	s.close = append(s.close, s.player.Server.Close)
	return nil
}

// startBroker starts the plant's own broker, unless there is another.
func (s *simulation) startBroker(context.Context) error {
	broker, closeBroker, err := s.o.open()
	if err != nil {
		return err
	}
	s.broker, s.close = broker, append(s.close, closeBroker)
	return nil
}

// withDevices runs the plant's devices around do. They leave after it, when
// all that it told was delivered.
func (s *simulation) withDevices(ctx context.Context, do func(context.Context) error) error {
	o, err := s.o.login(s.broker)
	if err != nil {
		return err
	}
	o.Log = s.log
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	s.player.Devices = map[string]*mqtt.Device{}
	for _, eq := range s.scenario.Plant {
		if eq.Transport == northfield.MQTT {
			d := mqtt.NewDevice(eq, o)
			s.player.Devices[eq.Name] = d
			wg.Go(func() { d.Run(run) })
		}
	}
	err = do(ctx)
	s.player.Server.Flush(run)
	flush, done := context.WithTimeout(run, flushTime)
	defer done()
	for _, d := range s.player.Devices {
		if ferr := d.Flush(flush); ferr != nil && err == nil && ctx.Err() == nil {
			err = fmt.Errorf("deliver the last messages: %w", ferr)
		}
	}
	return err
}

// play waits until everything is there, plays, and sums up.
func (s *simulation) play(ctx context.Context) error {
	var ready []<-chan struct{}
	for _, d := range s.player.Devices {
		ready = append(ready, d.Connected())
	}
	if !all(ctx, ready) {
		return nil
	}
	fmt.Fprintf(s.out, "ready opcua=%s mqtt=%s\n", s.player.Server.URL(), s.broker.Redacted())
	if s.o.wait && !all(ctx, []<-chan struct{}{s.player.Server.Subscribed()}) {
		return nil
	}
	start := s.player.Begin()
	fmt.Fprintf(s.out, "plant time %s, speed %v\n", start.Format(time.RFC3339Nano), s.player.Speed)
	if !wait(ctx, start) {
		return nil
	}
	if err := s.player.Play(ctx); err != nil {
		return err
	}
	if s.player.Truth == nil {
		return nil
	}
	sum := s.player.Truth.Summary(s.scenario.Name)
	fmt.Fprintf(s.out, "told %d values of %d tags\n", sum.Lines, len(sum.Tags))
	return writeSummary(s.o.truth+".summary.json", sum)
}

// wait waits for a start that is still to come; false when ctx is done before.
func wait(ctx context.Context, start time.Time) bool {
	timer := time.NewTimer(time.Until(start))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// all waits until every channel is closed; false when ctx is done before.
func all(ctx context.Context, channels []<-chan struct{}) bool {
	for _, c := range channels {
		select {
		case <-c:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

func writeSummary(file string, s truth.Summary) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("sum up: %w", err)
	}
	return os.WriteFile(file, append(b, '\n'), 0o644)
}
