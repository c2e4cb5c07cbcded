package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/bus"
	"andon/configs"
	"andon/influx/influxtest"
	"andon/plant"
	"andon/queue"
)

// A queuePlant is a plant of two areas with a real stream and a real InfluxDB.
// Nothing feeds it but the test.
type queuePlant struct {
	t      *testing.T
	db     *influxtest.DB
	config string
	cfg    *configs.Config
	tree   *plant.Tree
}

const queueToken = "a token for tests alone"

func newQueuePlant(t *testing.T) *queuePlant {
	t.Helper()
	t.Setenv("ANDON_TOKEN", "")
	db := influxtest.Start(t)
	dir := t.TempDir()
	text := fmt.Sprintf(`plant:
  site: s
  zone: UTC
  areas:
    - {name: packing, lines: [{name: l, equipment: [{name: e, source: m, tags: [{name: x, type: float}, {name: y, type: text}]}]}]}
    - {name: moulding, lines: [{name: l, equipment: [{name: e, source: m, tags: [{name: x, type: float}]}]}]}
data_dir: %s
sources:
  - name: m
    mqtt: {url: "tcp://127.0.0.1:1", subscriptions: [{topic: "{site}/{area}/{line}/{equipment}", payload: json}]}
influx: {url: %q, bucket: plant, create: true, backoff: {initial: 50ms, max: 100ms}}
web: {listen: "127.0.0.1:%d", token: %q}
`, filepath.Join(dir, "data"), db.URL(), freePort(t), queueToken)
	p := &queuePlant{t: t, db: db, config: filepath.Join(dir, "andon.yaml")}
	if err := os.WriteFile(p.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if p.cfg, err = configs.Load(p.config); err != nil {
		t.Fatal(err)
	}
	if p.tree, err = plant.NewTree(p.cfg.Plant); err != nil {
		t.Fatal(err)
	}
	return p
}

// put has n samples a second apart on the stream of an area, in messages of
// one, while andon is stopped. The last of each two comes first.
func (p *queuePlant) put(area string, n int) {
	p.t.Helper()
	b, err := bus.Open(p.t.Context(), bus.Options{Config: p.cfg.Bus, Tree: p.tree})
	if err != nil {
		p.t.Fatal(err)
	}
	defer closeWithin(b.Close)
	tag := p.tree.Tag("s/" + area + "/l/e/x")
	for i := range n {
		at := plant.At(time.Now()).Truncate(time.Second).Add(time.Duration(i^1) * time.Millisecond)
		if err := b.Put(p.t.Context(), plant.Batch{Samples: []plant.Sample{{Tag: tag, Value: plant.Float(float64(i)), Time: at}}}); err != nil {
			p.t.Fatal(err)
		}
	}
}

// andon runs andon until what it returns is called.
func (p *queuePlant) andon() (stop func()) {
	p.t.Helper()
	ctx, cancel := context.WithCancel(p.t.Context())
	log := slog.New(slog.NewTextHandler(p.t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
	done := make(chan error, 1)
	go func() { done <- runDaemon(ctx, p.cfg, operator{log: func(configs.Log) *slog.Logger { return log }}) }()
	eventually(p.t, 30*time.Second, "andon answers", func() error {
		resp, err := http.Get("http://" + p.cfg.Web.Listen + "/healthz")
		if err != nil {
			return err
		}
		return resp.Body.Close()
	})
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			p.t.Errorf("andon: got %v, want nil", err)
		}
	}
	p.t.Cleanup(stop)
	return stop
}

// do runs one command line and wants it to succeed.
func (p *queuePlant) do(args ...string) string {
	p.t.Helper()
	out, errs, err := p.try(args...)
	if err != nil {
		p.t.Fatalf("andon %s: %v\n%s%s", strings.Join(args, " "), err, out, errs)
	}
	return out
}

func (p *queuePlant) try(args ...string) (out, errs string, err error) {
	var o, e strings.Builder
	err = run(p.t.Context(), append(args, "-c", p.config), &o, &e)
	return o.String(), e.String(), err
}

func (p *queuePlant) stat(area string) queue.Stat {
	p.t.Helper()
	var s queue.Stat
	if err := json.Unmarshal([]byte(p.do("queue", "stat", "--json", "--area", area)), &s); err != nil {
		p.t.Fatal(err)
	}
	return s
}

// influx returns how far InfluxDB is in an area.
func (p *queuePlant) influx(area string) queue.Reader {
	p.t.Helper()
	s := p.stat(area)
	for _, r := range s.Areas[0].Readers {
		if r.Name == "influx" {
			return r
		}
	}
	p.t.Fatalf("got %+v, want the reader influx", s)
	return queue.Reader{}
}

// written waits until InfluxDB has all samples of an area.
func (p *queuePlant) written(area string) {
	p.t.Helper()
	eventually(p.t, 30*time.Second, "InfluxDB has all", func() error {
		if r := p.influx(area); r.Oldest != 0 || r.Position == 0 {
			return fmt.Errorf("got %+v", r)
		}
		return nil
	})
}

func (p *queuePlant) rows(area string) int {
	p.t.Helper()
	return len(p.db.Query("plant", `SELECT "x" FROM "telemetry" WHERE "area" = '`+area+`'`))
}
