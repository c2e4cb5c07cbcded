package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"andon/alerts"
	"andon/bus"
	"andon/engine"
	"andon/plant"
	"andon/plant/setting"
	"andon/production/productiontest"
	"andon/rules"
	"andon/web"

	"github.com/prometheus/client_golang/prometheus"
)

// A factory is Northfield with all that is real: the embedded broker, the
// records, the running engine and the web server. The scripted hour reached
// it a little while ago.
type factory struct {
	*site
	plant   *engine.Plant
	begin   plant.Instant // of the scripted hour
	address string
}

// lastHour returns when the scripted hour begins that was over a little
// before now and lies in one shift.
func lastHour(t *testing.T, now time.Time) plant.Instant {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	begin := now.Add(-62 * time.Minute).Truncate(time.Minute)
	for shift := func(t time.Time) int { return (t.In(berlin).Hour() + 2) / 8 % 3 }; shift(begin) != shift(begin.Add(time.Hour)); {
		begin = begin.Add(-10 * time.Minute)
	}
	return plant.At(begin)
}

func newFactory(t *testing.T) *factory {
	t.Helper()
	f := &factory{begin: lastHour(t, time.Now())}
	cfg := engine.Config{Production: productiontest.Config(f.begin), Rules: rules.DefaultConfig(), Alerts: alerts.DefaultConfig()}
	cfg.Production.Reasons = append(cfg.Production.Reasons, reviewedHour().Reasons[len(cfg.Production.Reasons):]...)
	tree, err := plant.NewTree(productiontest.Plant())
	if err != nil {
		t.Fatal(err)
	}
	broker := openBus(t, tree)
	f.site = newSiteWith(t, nil, func(o *web.Options) {
		f.plant, err = engine.New(engine.Options{Config: cfg, Tree: tree, Bus: broker, Store: o.Store,
			Log: slog.New(slog.DiscardHandler), Metrics: engine.NewMetrics(prometheus.NewRegistry())})
		if err != nil {
			t.Fatal(err)
		}
		o.Tree, o.Engine, o.KPIs, o.Desk, o.Outlook, o.Now = tree, f.plant, f.plant.KPIs(), f.plant.Desk(), f.plant.Outlook(), time.Now
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.plant.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("engine: got %v, want nil", err)
		}
	})
	f.address, _ = f.run()
	f.hour(broker, tree)
	return f
}

func openBus(t *testing.T, tree *plant.Tree) *bus.Bus {
	t.Helper()
	c := bus.DefaultConfig()
	c.Dir = setting.File(t.TempDir())
	b, err := bus.Open(t.Context(), bus.Options{Config: c, Tree: tree, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := b.Close(ctx); err != nil {
			t.Errorf("close bus: %v", err)
		}
	})
	return b
}

// hour puts the scripted hour on the stream, as a collector that was cut off
// does, and waits until it is in the records.
func (f *factory) hour(broker *bus.Bus, tree *plant.Tree) {
	f.t.Helper()
	samples := productiontest.Northfield(tree, f.begin)
	contacts := productiontest.Contacts(f.begin)
	for len(samples) > 0 {
		n := min(len(samples), 500)
		b := plant.Batch{Samples: samples[:n]}
		for len(contacts) > 0 && (n == len(samples) || contacts[0].Time <= samples[n-1].Time) {
			b.Contacts, contacts = append(b.Contacts, contacts[0]), contacts[1:]
		}
		if err := broker.Put(f.t.Context(), b); err != nil {
			f.t.Fatal(err)
		}
		samples = samples[n:]
	}
	changed, cancel := f.plant.Subscribe()
	defer cancel()
	deadline := time.After(60 * time.Second)
	for {
		if k := f.kpi(productiontest.A1); k.Good == 3310 && len(f.list(productiontest.A1)) == 5 && len(f.list(productiontest.B1)) >= 2 {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			f.t.Fatalf("hour: got %+v and stops %+v after 60 s", f.kpi(productiontest.A1), f.list(productiontest.A1))
		}
	}
}

// at is a time of the scripted hour.
func (f *factory) at(m, s int) plant.Instant {
	return f.begin.Add(time.Duration(m)*time.Minute + time.Duration(s)*time.Second)
}

// A reviewedStop is what these tests look at of a stop.
type reviewedStop struct {
	ID, From, To, Reason string
	Duration             float64
	Source               string `json:"reason_source"`
	Life                 string `json:"life_cycle"`
	Failure              bool
	Parent               string
	Children             []string
	Corrected            bool
	Not                  bool `json:"not_downtime"`
	Comments             []struct{ User, Text string }
	Cost                 struct{ Amount json.Number }
}

// A figures is what these tests look at of the KPIs of the hour.
type figures struct {
	OEE       json.Number            `json:"oee_index"`
	Failures  int                    `json:"failures"`
	Stops     int                    `json:"stops"`
	Good      int                    `json:"good_quantity"`
	ByReason  map[string]json.Number `json:"downtime_by_reason"`
	Waterfall map[string]json.Number `json:"waterfall"`
	Cost      struct{ Total json.Number }
}

// call sends a request over the network and returns status and body.
func (f *factory) call(method, path, body string, header ...string) (int, string) {
	f.t.Helper()
	r, err := http.NewRequestWithContext(f.t.Context(), method, f.address+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func read[T any](f *factory, path string, query url.Values) (v T) {
	f.t.Helper()
	status, body := f.call(http.MethodGet, path+"?"+query.Encode(), "")
	if status != http.StatusOK {
		f.t.Fatalf("get %s: got %d %s", path, status, body)
	}
	d := json.NewDecoder(bytes.NewBufferString(body))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		f.t.Fatalf("get %s: %v in %s", path, err, body)
	}
	return v
}

// kpi is the hour of one equipment.
func (f *factory) kpi(path string) figures {
	f.t.Helper()
	return read[figures](f, "/api/v1/kpis", url.Values{"equipment": {path}, "from": {f.at(0, 0).String()}, "to": {f.at(60, 0).String()}})
}

func (f *factory) list(path string) []reviewedStop {
	f.t.Helper()
	return read[struct{ Stops []reviewedStop }](f, "/api/v1/stops", url.Values{"equipment": {path}, "from": {f.at(0, 0).String()}, "to": {f.at(60, 0).String()}}).Stops
}

// stop is the one of A1 that began at a time of the hour.
func (f *factory) stop(m, s int) reviewedStop {
	f.t.Helper()
	return f.stopOf(productiontest.A1, m, s)
}

func (f *factory) stopOf(path string, m, s int) reviewedStop {
	f.t.Helper()
	for _, x := range f.list(path) {
		if x.From == f.at(m, s).String() {
			return x
		}
	}
	f.t.Fatalf("no stop of %s at %d:%02d in %+v", path, m, s, f.list(path))
	return reviewedStop{}
}

// tells sends a program's command, which must be done, and returns its id.
func (f *factory) tells(path string, fields map[string]any) string {
	f.t.Helper()
	status, body := f.post(path, fields)
	if status != http.StatusOK {
		f.t.Fatalf("%s %v: got %d %s", path, fields, status, body)
	}
	return decode[struct{ Command string }](f.t, body).Command
}

func (f *factory) post(path string, fields map[string]any) (int, string) {
	f.t.Helper()
	all := map[string]any{"user": "Anna"}
	for k, v := range fields {
		all[k] = v
	}
	return f.call(http.MethodPost, "/api/v1/"+path, string(encode(f.t, all)), "Authorization", "Bearer "+token, "Content-Type", "application/json")
}

// chains checks that the audit of each area is whole and returns how many
// edits it has.
func (f *factory) chains() (edits int) {
	f.t.Helper()
	audit := read[struct {
		Edits  []struct{ ID, Hash string }
		Chains []struct {
			Area, Head, Broken string
			Edits              int
		}
	}](f, "/api/v1/edits", nil)
	for _, c := range audit.Chains {
		if edits += c.Edits; c.Broken != "" || (c.Head == "") != (c.Edits == 0) {
			f.t.Errorf("chain of %s: got %+v, want it whole", c.Area, c)
		}
	}
	if len(audit.Edits) != edits {
		f.t.Errorf("audit: got %d edits, want the %d of the chains", len(audit.Edits), edits)
	}
	return edits
}
