package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"andon/collector/opcua/opcuatest"
	"andon/configs"
)

// A grownPlant is a plant that andon finds out about by itself: its
// configuration names one server and no equipment.
type grownPlant struct {
	t      *testing.T
	server *opcuatest.Server
	config string
	url    string
}

func newGrownPlant(t *testing.T, apply bool) *grownPlant {
	t.Helper()
	dir := t.TempDir()
	p := &grownPlant{t: t, server: opcuatest.Start(t, opcuatest.Options{}), config: filepath.Join(dir, "andon.yaml"), url: fmt.Sprintf("127.0.0.1:%d", freePort(t))}
	text := fmt.Sprintf(`data_dir: %s
influx: {url: "http://127.0.0.1:1", bucket: plant}
collector: {retry_initial: 100ms, retry_max: 200ms}
web: {listen: %q}
sources:
  - name: packing
    opcua:
      endpoint: %q
      publishing_interval: 20ms
      queue_size: 10000
      security: {policy: None, insecure: true}
      discover: {exclude: ["**/Diagnostics"], place: {path: "{line}/{equipment}", area: packing}, apply: %v}
plant:
  site: northfield
  zone: UTC
  areas: [{name: packing}]
`, filepath.Join(dir, "data"), p.url, p.server.URL(), apply)
	if err := os.WriteFile(p.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// andon runs andon until what it returns is called.
func (p *grownPlant) andon() (stop func()) {
	p.t.Helper()
	cfg, err := configs.Load(p.config)
	if err != nil {
		p.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(p.t.Context())
	done := make(chan error, 1)
	go func() {
		done <- runDaemon(ctx, cfg, operator{log: func(configs.Log) *slog.Logger { return slog.New(slog.NewTextHandler(p.t.Output(), nil)) }})
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			p.t.Errorf("andon: got %v, want nil", err)
		}
	})
	p.t.Cleanup(stop)
	return stop
}

// shows waits until what andon answers at a path contains text.
func (p *grownPlant) shows(path, text string) {
	p.t.Helper()
	eventually(p.t, 40*time.Second, path+" shows "+text, func() error {
		resp, err := http.Get("http://" + p.url + path)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err == nil && !strings.Contains(string(body), text) {
			err = fmt.Errorf("got %.300s", body)
		}
		return err
	})
}

func TestANewMachineIsCollectedWithoutARestartAndNothingIsLost(t *testing.T) {
	p := newGrownPlant(t, true)
	p.server.Add("LineA.A1.Count", uint32(0))
	stop := p.andon()
	p.shows("/api/v1/equipment", "northfield/packing/LineA/A1")
	p.shows("/metrics", `andon_opcua_items{reason="",source="packing",state="ok"} 1`)

	// The first machine counts on, whatever andon does.
	var now atomic.Uint32
	end, counted := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(counted)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if err := p.server.Set("LineA.A1.Count", opcuatest.Value{V: now.Add(1)}); err != nil {
					t.Error(err)
				}
			case <-end:
				return
			}
		}
	}()
	p.server.Add("LineA.A2.Count", uint32(7))
	p.server.Cut() // the next session looks again
	p.shows("/api/v1/equipment", "northfield/packing/LineA/A2")
	anew := now.Load()
	p.collects(50)
	p.keepsUp(10)
	p.shows("/metrics", `andon_opcua_items{reason="",source="packing",state="ok"} 2`)
	close(end)
	<-counted
	stop()
	list := p.counts()
	next := float64(0)
	for _, v := range list {
		if v > next {
			t.Errorf("after %v came %v: values between them are lost", next-1, v)
		}
		next = max(next, v+1)
	}
	if next <= float64(anew) {
		t.Errorf("got %d values up to %v, want those after andon was built anew at %d too", len(list), next-1, anew)
	}
}

// counts are the values of the first machine's counter on the stream.
func (p *grownPlant) counts() (list []float64) {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), "all.ndjson")
	if _, told, err := tool(p.t, "queue", "export", "-c", p.config, "--out", file); err != nil {
		p.t.Fatalf("export: %v %s", err, told)
	}
	for _, s := range jsonLines[exported](p.t, file) {
		if s.Tag == "northfield/packing/LineA/A1/Count" && s.Value != nil {
			list = append(list, *s.Value)
		}
	}
	return list
}

// keepsUp waits until andon has stored all that the server sent so far and n
// notifications more: what waited while andon was away comes before them.
func (p *grownPlant) keepsUp(n int) {
	p.t.Helper()
	want := p.server.Counts().Acknowledged + p.server.Unacknowledged() + n
	eventually(p.t, 40*time.Second, "notifications are stored", func() error {
		if got := p.server.Counts().Acknowledged; got < want {
			return fmt.Errorf("got %d, want %d", got, want)
		}
		return nil
	})
}

// collects waits until andon, since it was built, has collected n values.
func (p *grownPlant) collects(n float64) {
	p.t.Helper()
	eventually(p.t, 40*time.Second, "values come", func() error {
		resp, err := http.Get("http://" + p.url + "/metrics")
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		got := samplesTotal.FindSubmatch(body)
		if got == nil {
			return errors.New("no such metric")
		}
		if v, err := strconv.ParseFloat(string(got[1]), 64); err != nil || v < n {
			return fmt.Errorf("got %s, %v; want %v", got[1], err, n)
		}
		return nil
	})
}

var samplesTotal = regexp.MustCompile(`(?m)^andon_collector_samples_total\{source="packing"\} (\S+)$`)

// An exported is a line of a recording.
type exported struct {
	Tag   string   `json:"tag"`
	Value *float64 `json:"value"`
}

func TestWhatIsNewIsToldAndCollectedFromTheNextStart(t *testing.T) {
	p := newGrownPlant(t, false)
	p.server.Add("LineA.A1.Count", uint32(1))
	p.server.Add("LineA.A1.Diagnostics.Load", float32(1))
	stop := p.andon()
	p.shows("/readyz", "1 new variables, such as LineA/A1/Count, are collected from the next start")
	p.shows("/metrics", `andon_opcua_discovered{source="packing",state="waiting"} 1`)
	stop()
	stop = p.andon()
	p.shows("/metrics", `andon_opcua_discovered{source="packing",state="waiting"} 0`)
	p.shows("/metrics", `andon_opcua_items{reason="",source="packing",state="ok"} 1`)
	p.server.Remove("LineA.A1.Count")
	p.server.Cut()
	p.shows("/readyz", "1 tags, such as northfield/packing/LineA/A1/Count, have no node at the server any more")
	stop()
}
