package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"andon/alerts"
	"andon/collector/opcua"
	"andon/configs"
	"andon/plant"
	"andon/plant/setting"
	"andon/rules"
)

// largePlant is the configuration of a plant of that many machines with ten
// tags and one rule each, production on.
func largePlant(tb testing.TB, machines int) *configs.Config {
	dir := tb.TempDir()
	database := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	tb.Cleanup(database.Close)
	c := configs.Default()
	c.DataDir, c.Store.Path, c.Bus.Dir = setting.File(dir), setting.File(filepath.Join(dir, "andon.db")), setting.File(filepath.Join(dir, "bus"))
	c.Influx.URL, c.Influx.DeadLetter.Dir, c.Web.Listen = database.URL, setting.File(filepath.Join(dir, "dead")), "127.0.0.1:0"
	area := plant.AreaConfig{Name: "packing"}
	for m := range machines {
		if m%10 == 0 {
			area.Lines = append(area.Lines, plant.LineConfig{Name: fmt.Sprintf("line%d", m/10), Constraint: fmt.Sprintf("M%d", m)})
		}
		line := &area.Lines[len(area.Lines)-1]
		eq := plant.EquipmentConfig{Name: fmt.Sprintf("M%d", m), Source: "plc"}
		for _, t := range []plant.TagConfig{{Name: "state", Role: plant.RoleState, Type: "int", States: "packml"}, {Name: "total", Role: plant.RoleTotalCount, Type: "uint"},
			{Name: "reject", Role: plant.RoleRejectCount, Type: "uint"}, {Name: "speed", Role: plant.RoleSpeed, Type: "float", Unit: "1/h"},
			{Name: "energy", Role: plant.RoleEnergy, Type: "float", Unit: "kWh"}, {Name: "temp", Type: "float"}, {Name: "vibration", Type: "float"},
			{Name: "pressure", Type: "float"}, {Name: "torque", Type: "float"}, {Name: "weight", Type: "float"}} {
			t.Address = fmt.Sprintf("ns=2;s=M%d.%s", m, t.Name)
			eq.Tags = append(eq.Tags, t)
		}
		line.Equipment = append(line.Equipment, eq)
	}
	c.Plant = plant.Config{Site: "northfield", Zone: "Europe/Berlin", Areas: []plant.AreaConfig{area}}
	server := opcua.DefaultConfig()
	server.Endpoint, server.Security = "opc.tcp://127.0.0.1:1", opcua.Security{Policy: opcua.PolicyNone, Insecure: true} // nobody is there
	c.Sources = []configs.Source{{Name: "plc", OPCUA: &server}}
	c.Rules.Rules = []rules.Rule{{ID: "hot", Class: plant.ClassMaintenance, Kind: rules.KindThreshold, Priority: plant.PriorityHigh,
		Equipment: "northfield/**", Tag: "temp", Raise: "> 90", Response: "Look at it."}}
	return &c
}

// A loadedPlant is a whole daemon whose samples come from the test.
type loadedPlant struct {
	*builder
	stop func()
}

func startLoaded(tb testing.TB, c *configs.Config) *loadedPlant {
	tree, err := plant.NewTree(c.Plant)
	if err != nil {
		tb.Fatal(err)
	}
	p := &loadedPlant{builder: &builder{cfg: c, log: slog.New(slog.DiscardHandler), reg: prometheus.NewRegistry(), tree: tree}}
	d, err := p.build(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	done := make(chan error, 1)
	go func() { done <- runStages(ctx, d.stages, p.log) }()
	p.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Errorf("daemon: %v", err)
		}
	})
	tb.Cleanup(p.stop)
	return p
}

// value is what a tag says in a round.
func value(t *plant.Tag, round int) plant.Value {
	switch t.Type {
	case plant.KindInt:
		return plant.Int(6) // execute
	case plant.KindUint:
		return plant.Uint(uint64(round))
	}
	return plant.Float(50 + float64(round%10))
}

// mostInUse is what a plant of 100,000 tags and 10,000 rule instances may have
// in use, in bytes. The process takes more of the machine: what is thrown away
// until the collector comes, its program and the database's own memory. 190 to 205
// MB were seen on a machine with much else to do.
const mostInUse = 230e6

func TestAPlantOfAHundredThousandTagsHasNoMoreThan230MBInUse(t *testing.T) {
	if testing.Short() || underRace {
		t.Skip("builds a large plant, of which the race detector would have more memory than the plant")
	}
	p := startLoaded(t, largePlant(t, 10_000))
	p.cfg.Plant = plant.Config{} // run does not keep it either
	tags := p.tree.Tags()
	for round := range 3 {
		for batch := range slices.Chunk(tags, 1000) {
			var samples []plant.Sample
			for _, tag := range batch {
				samples = append(samples, plant.Sample{Tag: tag, Value: value(tag, round), Time: plant.At(time.Now())})
			}
			if err := p.bus.Put(t.Context(), plant.Batch{Samples: samples}); err != nil {
				t.Fatal(err)
			}
		}
	}
	worked := func(until time.Time) {
		t.Helper()
		eventually(t, 4*time.Minute, "the records of a large plant", func() error {
			if at, err := p.store.Time(t.Context(), p.tree.Areas[0].Path); err != nil || at < plant.At(until) {
				return fmt.Errorf("as of %s (%v), not %s", at, err, until)
			}
			return nil
		})
	}
	worked(time.Now())
	debug.FreeOSMemory()                     // what reading the plant took
	worked(time.Now().Add(10 * time.Second)) // its screens are worked out
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("%d tags, 10,000 rule instances: %d MB in use after a collection, %d MB of the machine's memory", len(tags), m.HeapAlloc/1e6, (m.Sys-m.HeapReleased)/1e6)
	if m.HeapAlloc > mostInUse {
		t.Errorf("in use: got %d MB, want no more than %d", m.HeapAlloc/1e6, int(mostInUse/1e6))
	}
}

// A bell notes when a request about an equipment came.
type bell struct {
	mu   sync.Mutex
	rang map[string]time.Time
}

// ServeHTTP implements http.Handler.
func (b *bell) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	var m alerts.Message
	if json.NewDecoder(r.Body).Decode(&m) == nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.rang[m.About.Equipment].IsZero() {
			b.rang[m.About.Equipment] = time.Now()
		}
	}
}

func (b *bell) at(equipment string) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rang[equipment]
}

// BenchmarkSampleToNotification puts 20,000 samples a second, 100 in a Put of
// four sources, and makes one machine hot each 100 ms. It reports how long
// after the sample was put the request with the message came.
func BenchmarkSampleToNotification(b *testing.B) {
	rings := &bell{rang: map[string]time.Time{}}
	hook := httptest.NewServer(rings)
	b.Cleanup(hook.Close)
	c := largePlant(b, 1000)
	c.Alerts.Contacts = map[string]alerts.Contact{"maintenance": {Webhook: &alerts.Webhook{URL: hook.URL}}}
	c.Alerts.Policies = map[string][]alerts.Step{"call": {{Notify: []string{"maintenance"}}}}
	c.Alerts.Routes = []alerts.Route{{Policy: "call"}}
	m := &machines{loadedPlant: startLoaded(b, c), hot: map[string]time.Time{}}
	for b.Loop() {
		var wg sync.WaitGroup
		ctx, cancel := context.WithTimeout(b.Context(), 20*time.Second)
		for n := range sources {
			wg.Go(func() { m.tell(ctx, n) })
		}
		wg.Wait()
		cancel()
	}
	var took []time.Duration
	for eq, at := range m.hot {
		eventually(b, time.Minute, "a message about "+eq, func() error {
			if rings.at(eq).IsZero() {
				return fmt.Errorf("none yet")
			}
			return nil
		})
		took = append(took, rings.at(eq).Sub(at))
	}
	slices.Sort(took)
	b.ReportMetric(float64(len(took)), "alarms")
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
	b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
}

// sources is how many tell the values of machines.
const sources = 4

// machines are those of a benchmark.
type machines struct {
	*loadedPlant
	mu  sync.Mutex
	hot map[string]time.Time // by path of the equipment: when the sample was put
}

// tell puts the values of one source until ctx is done.
func (m *machines) tell(ctx context.Context, source int) {
	own := m.tree.Tags()[source*2500 : (source+1)*2500]
	every := time.NewTicker(20 * time.Millisecond)
	defer every.Stop()
	for round := 0; ; round++ {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		at, i := time.Now(), round*100%len(own)
		var samples []plant.Sample
		for _, tag := range own[i : i+100] {
			samples = append(samples, plant.Sample{Tag: tag, Value: value(tag, round/25), Time: plant.At(at)})
		}
		one := round / 100 % 10 * 10
		eq := own[i+one].Equipment
		heats := round%20 == source*5 && m.heat(eq, at)
		if heats {
			samples[one+5].Value = plant.Float(95)
		}
		if err := m.bus.Put(ctx, plant.Batch{Samples: samples}); err != nil && heats {
			m.cool(eq) // it never came
		}
	}
}

// heat notes that a machine is hot from at on, and reports whether that is new.
func (m *machines) heat(eq *plant.Equipment, at time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.hot[eq.Path].IsZero() {
		return false
	}
	m.hot[eq.Path] = at
	return true
}

func (m *machines) cool(eq *plant.Equipment) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.hot, eq.Path)
}
