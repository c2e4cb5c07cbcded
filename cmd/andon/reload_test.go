package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"andon/collector/opcua/opcuatest"
	"andon/configs"
)

// newTwoServers is a plant whose configuration names a filler and a capper,
// each at a server of its own.
func newTwoServers(t *testing.T) (p *grownPlant, capper *opcuatest.Server) {
	t.Helper()
	p = &grownPlant{t: t, server: opcuatest.Start(t, opcuatest.Options{}), config: filepath.Join(t.TempDir(), "andon.yaml"),
		url: fmt.Sprintf("127.0.0.1:%d", freePort(t))}
	capper = opcuatest.Start(t, opcuatest.Options{})
	p.server.Add("Count", uint32(0))
	capper.Add("Count", uint32(0))
	capper.Add("Speed", 1.5)
	return p, capper
}

// configure writes the configuration, with these tags of the capper.
func (p *grownPlant) configure(capper *opcuatest.Server, listen, tags string) {
	p.t.Helper()
	source := func(name string, s *opcuatest.Server) string {
		return fmt.Sprintf("  - {name: %s, opcua: {endpoint: %q, publishing_interval: 20ms, queue_size: 10000, security: {policy: None, insecure: true}}}\n", name, s.URL())
	}
	text := fmt.Sprintf(`data_dir: %s
influx: {url: "http://127.0.0.1:1", bucket: plant}
collector: {retry_initial: 100ms, retry_max: 200ms}
web: {listen: %q}
sources:
%s%splant:
  site: northfield
  zone: UTC
  areas:
    - name: packing
      lines:
        - name: LineA
          equipment:
            - {name: A1, source: filler, tags: [{name: Count, address: "ns=2;s=Count"}]}
            - {name: A2, source: capper, tags: [%s]}
`, filepath.Join(filepath.Dir(p.config), "data"), listen, source("filler", p.server), source("capper", capper), tags)
	if err := os.WriteFile(p.config, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// reloaded runs andon until stop is called; hangUp has it read its configuration
// anew. What it logs is told to logged.
func (p *grownPlant) reloaded(logged *lines) (stop, hangUp func()) {
	p.t.Helper()
	cfg, err := configs.Load(p.config)
	if err != nil {
		p.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(p.t.Context())
	log := slog.New(slog.NewTextHandler(logged, nil))
	again, hup := reloader{p.config, placesOf(cfg), log}, make(chan os.Signal, 1)
	o := operator{func(configs.Log) *slog.Logger { return log }, again.run(ctx, hup)}
	done := make(chan error, 1)
	go func() { done <- runDaemon(ctx, cfg, o) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			p.t.Errorf("andon: got %v, want nil", err)
		}
	})
	p.t.Cleanup(stop)
	return stop, func() { hup <- syscall.SIGHUP }
}

// collecting is a plant of which andon collects the counts of both machines.
func collecting(t *testing.T, logged *lines) (p *grownPlant, capper *opcuatest.Server, stop, hangUp func()) {
	t.Helper()
	p, capper = newTwoServers(t)
	p.configure(capper, p.url, countOfCapper)
	stop, hangUp = p.reloaded(logged)
	p.shows("/metrics", `andon_opcua_items{reason="",source="filler",state="ok"} 1`)
	p.shows("/metrics", `andon_opcua_items{reason="",source="capper",state="ok"} 1`)
	return p, capper, stop, hangUp
}

func TestSIGHUPIsHeardUnlessItIsIgnored(t *testing.T) {
	ignored := signal.Ignored(syscall.SIGHUP) // as under nohup
	hup := hangUps()
	if ignored != (hup == nil) {
		t.Fatalf("SIGHUP ignored: %t; heard: %t", ignored, hup != nil)
	}
	if ignored {
		return
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	select {
	case <-hup:
	case <-t.Context().Done():
	}
}

const (
	countOfCapper = `{name: Count, address: "ns=2;s=Count"}`
	speedOfCapper = countOfCapper + `, {name: Speed, address: "ns=2;s=Speed"}`
)

func TestATagIsCollectedFromTheReloadOnAndTheOtherSourcesKeepTheirSubscriptions(t *testing.T) {
	p, capper, stop, hangUp := collecting(t, new(lines))
	p.configure(capper, p.url, speedOfCapper)
	hangUp()
	p.shows("/metrics", `andon_opcua_items{reason="",source="capper",state="ok"} 2`)
	p.shows("/metrics", `andon_opcua_items{reason="",source="filler",state="ok"} 1`)
	got := p.server.Counts()
	if got.Transferred != 1 || got.Subscriptions != 1 || got.MonitoredItems != 1 {
		t.Errorf("filler: got %d subscriptions with %d items, %d taken over; want the one with its item, taken over", got.Subscriptions, got.MonitoredItems, got.Transferred)
	}
	stop()
}

func TestAConfigurationWithAProblemChangesNothing(t *testing.T) {
	var logged lines
	p, capper, stop, hangUp := collecting(t, &logged)
	p.configure(capper, p.url, `{name: Count, adress: "ns=2;s=Count"}`)
	hangUp()
	logged.await(t, "andon goes on with the one it has", "adress")
	p.shows("/metrics", `andon_opcua_items{reason="",source="filler",state="ok"} 1`)
	if got := p.server.Counts().SessionsCreated; got != 1 {
		t.Errorf("got %d sessions, want the first one only", got)
	}
	stop()
}

// The new configuration would listen where somebody else does.
func TestAndonGoesBackToTheConfigurationItRanWith(t *testing.T) {
	var logged lines
	p, capper, stop, hangUp := collecting(t, &logged)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	p.configure(capper, taken.Addr().String(), speedOfCapper)
	hangUp()
	logged.await(t, "it goes back to the one before", "address already in use")
	p.shows("/metrics", `andon_opcua_items{reason="",source="capper",state="ok"} 1`)
	stop()
}

// What waits for InfluxDB and people would stay behind in the old folder.
func TestAReloadDoesNotMoveTheData(t *testing.T) {
	var logged lines
	p, _, stop, hangUp := collecting(t, &logged)
	text, err := os.ReadFile(p.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.config, []byte(strings.Replace(string(text), "/data\n", "/other\n", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	hangUp()
	logged.await(t, "change by a restart only")
	if got := p.server.Counts().SessionsCreated; got != 1 {
		t.Errorf("got %d sessions, want the first one only", got)
	}
	stop()
}

// The NATS that the configuration names is not there: andon waits for it, and
// hears of the corrected configuration meanwhile.
func TestAndonThatCannotStartTakesTheCorrectedConfiguration(t *testing.T) {
	p, capper := newTwoServers(t)
	p.configure(capper, p.url, countOfCapper)
	cfg, err := configs.Load(p.config)
	if err != nil {
		t.Fatal(err)
	}
	away := *cfg
	away.Bus.URL = fmt.Sprintf("nats://127.0.0.1:%d", freePort(t))
	var logged lines
	log := slog.New(slog.NewTextHandler(&logged, nil))
	ctx, cancel := context.WithCancel(t.Context())
	reload, done := make(chan *configs.Config), make(chan error, 1)
	go func() {
		done <- runDaemon(ctx, &away, operator{func(configs.Log) *slog.Logger { return log }, reload})
	}()
	logged.await(t, "NATS is away")
	reload <- cfg
	p.shows("/metrics", `andon_opcua_items{reason="",source="filler",state="ok"} 1`)
	cancel()
	if err := <-done; err != nil {
		t.Errorf("andon: got %v, want nil", err)
	}
}

// Lines are what was logged.
type lines struct {
	mu   sync.Mutex
	text string
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text += string(b)
	return len(b), nil
}

// await waits until all the texts were logged.
func (l *lines) await(t *testing.T, texts ...string) {
	t.Helper()
	eventually(t, 40*time.Second, "the log tells it", func() error {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, text := range texts {
			if !strings.Contains(l.text, text) {
				return fmt.Errorf("no %q in %s", text, l.text)
			}
		}
		return nil
	})
}
