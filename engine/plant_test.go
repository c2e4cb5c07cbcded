package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"andon/alerts"
	"andon/bus"
	"andon/engine"
	"andon/plant"
	"andon/production/productiontest"
	"andon/store"
)

// A hall is both areas of Northfield with running engines.
type hall struct {
	*engine.Plant
	t       *testing.T
	tree    *plant.Tree
	bus     *bus.Bus
	records *store.Store
	changed <-chan struct{}
	woken   chan struct{}
}

// newHall builds the engines; run starts them.
func newHall(t *testing.T) *hall {
	t.Helper()
	h := &hall{t: t, tree: engine.Northfield(t), woken: make(chan struct{}, 100)}
	h.bus = engine.OpenBus(t, h.tree)
	h.records, _ = engine.OpenStore(t)
	cfg := engine.NorthfieldConfig()
	cfg.Production.Quiet = time.Second
	p, err := engine.New(engine.Options{Config: cfg, Tree: h.tree, Bus: h.bus, Store: h.records,
		Log: slog.New(slog.DiscardHandler), Metrics: engine.NewMetrics(prometheus.NewRegistry()), Wake: func() { h.woken <- struct{}{} }})
	if err != nil {
		t.Fatal(err)
	}
	changed, cancel := p.Subscribe()
	t.Cleanup(cancel)
	h.Plant, h.changed = p, changed
	return h
}

func (h *hall) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	h.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			h.t.Errorf("run: %v", err)
		}
	})
}

func TestAPlantStoppedWhileItStartsStopsInOrder(t *testing.T) {
	for after := range 15 {
		h := newHall(t)
		h.says(productiontest.A1+"/state", plant.Int(6))
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(after)*2*time.Millisecond)
		if err := h.Run(ctx); err != nil {
			t.Errorf("stopped after %d ms: %v", after*2, err)
		}
		cancel()
	}
}

// says puts what equipment says now on the stream.
func (h *hall) says(tag string, v plant.Value) {
	h.t.Helper()
	s := plant.Sample{Tag: h.tree.Tag(tag), Value: v, Time: plant.At(time.Now())}
	if err := h.bus.Put(h.t.Context(), plant.Batch{Samples: []plant.Sample{s}}); err != nil {
		h.t.Fatal(err)
	}
}

// until waits for signals of a change until ok holds.
func (h *hall) until(what string, ok func() bool) {
	h.t.Helper()
	deadline := time.After(20 * time.Second)
	for !ok() {
		select {
		case <-h.changed:
		case <-deadline:
			h.t.Fatalf("%s: not within 20 s", what)
		}
	}
}

// alarm waits for the open alarm of an equipment's fault and returns it.
func (h *hall) alarm(equipment string) alerts.Alarm {
	h.t.Helper()
	var a alerts.Alarm
	h.until("alarm of "+equipment, func() bool {
		rows, err := h.records.Alarms(h.t.Context(), store.AlarmFilter{Open: true, Equipment: equipment})
		if err != nil {
			h.t.Fatal(err)
		}
		for _, r := range rows {
			if err := json.Unmarshal(r.Body, &a); err != nil {
				h.t.Fatal(err)
			}
			if a.Rule == "fault" {
				return true
			}
		}
		return false
	})
	return a
}

func ack(id, target string) plant.Command {
	return plant.Command{ID: id, Verb: plant.VerbAlarmAck, Target: target, User: "anna", Comment: "on my way", Time: plant.At(time.Now())}
}

func TestAPersonTakesAnAlarm(t *testing.T) {
	h := newHall(t)
	h.run()
	h.says(productiontest.A1+"/state", plant.Int(9))
	a := h.alarm(productiontest.A1)
	<-h.woken
	if err := h.Do(t.Context(), ack("c1", a.ID)); err != nil {
		t.Fatalf("first acknowledgement: %v", err)
	}
	row, err := h.records.Alarm(t.Context(), a.ID)
	if err != nil || row.State != string(alerts.StateAcknowledged) {
		t.Errorf("alarm once Do returned: got %s, %v; want it acknowledged", row.State, err)
	}
	var late *alerts.AcknowledgedError
	if err := h.Do(t.Context(), ack("c2", "fault@"+productiontest.A1)); !errors.As(err, &late) || late.User != "anna" {
		t.Errorf("second acknowledgement: got %v, want that Anna was first", err)
	}
	if err := h.Do(t.Context(), ack("c3", "fault@"+productiontest.A4)); !errors.Is(err, alerts.ErrUnknownAlarm) {
		t.Errorf("alarm that is not open: got %v, want ErrUnknownAlarm", err)
	}
	for _, target := range []string{"nobody", "fault@elsewhere/packing/lineA/A1", "fault@northfield/pack", ""} {
		if err := h.Do(t.Context(), ack("c4", target)); !errors.Is(err, engine.ErrUnknownTarget) {
			t.Errorf("target %q: got %v, want ErrUnknownTarget", target, err)
		}
	}
}

func TestACommandThatNobodyTakesEndsWithItsContext(t *testing.T) {
	h := newHall(t) // the engines do not run
	first, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Do(first, ack("c1", "fault@"+productiontest.A1)) }()
	packing := h.tree.FindArea("packing")
	in, err := h.bus.Reader(t.Context(), packing, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if msgs, err := in.Fetch(t.Context(), 1, 10*time.Second); err != nil || len(msgs) != 1 || msgs[0].Kind != plant.KindCommand {
		t.Fatalf("stream: got %v, %v; want the command", msgs, err)
	}
	if err := h.Do(t.Context(), ack("c1", "fault@"+productiontest.A1)); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("a second of the same id: got %v, want it refused", err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("command whose caller went away: got %v, want context.Canceled", err)
	}
	if err := h.Do(first, ack("c2", "fault@"+productiontest.A1)); !errors.Is(err, context.Canceled) {
		t.Errorf("command of a caller who is gone: got %v, want context.Canceled", err)
	}
}

func TestBothAreasRunAndShowTheirLinesAndEquipment(t *testing.T) {
	h := newHall(t)
	if err := h.Healthy(t.Context()); err == nil || !strings.Contains(err.Error(), "northfield/packing") || !strings.Contains(err.Error(), "northfield/moulding") {
		t.Errorf("health before the start: got %v, want both areas named", err)
	}
	h.run()
	h.says(productiontest.B1+"/state", plant.Text("ALARM"))
	h.alarm(productiontest.B1)
	h.says(productiontest.A1+"/state", plant.Int(9))
	h.alarm(productiontest.A1)
	var names []string
	for l := range h.Live() {
		if l.Line != nil {
			names = append(names, l.Line.Name)
		} else {
			names = append(names, l.Equipment.Name)
		}
	}
	if got, want := strings.Join(names, " "), "lineA A1 A2 A3 A4 lineB B1 B2 B3"; got != want {
		t.Errorf("live: got %q, want %q", got, want)
	}
	if err := h.Healthy(t.Context()); err != nil {
		t.Errorf("health: got %v, want nil", err)
	}
	now := plant.At(time.Now())
	hour := plant.Interval{From: now.Add(-time.Hour), To: now}
	if k, err := h.KPI(t.Context(), productiontest.B1, hour); err != nil || k.Equipment != productiontest.B1 || k.Window != "range" {
		t.Errorf("KPI of B1: got %v, window %q, %v; want B1, range", k.Equipment, k.Window, err)
	}
	if _, err := h.KPI(t.Context(), "northfield/packing/lineA/A9", hour); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("KPI of equipment that is not there: got %v, want ErrNotFound", err)
	}
	due, err := engine.Queue{Store: h.records}.Due(t.Context(), time.Now(), 10)
	if err != nil || len(due) != 1 || due[0].Message.To != "anna" || due[0].Message.About.Rule != "fault" {
		t.Errorf("outbox: got %v, %v; want Anna's oldest message, about the fault", due, err)
	}
}

func TestARunningPlantKeepsTheKPIsOfHoursThatHaveSettled(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	h.run()
	now := plant.At(time.Now())
	before := now.Truncate(time.Hour).Add(-2 * time.Hour)
	for _, tag := range []string{productiontest.A1 + "/state", productiontest.B1 + "/state"} {
		v := plant.Int(9)
		if tag[len(tag)-8] == 'B' {
			v = plant.Text("ALARM")
		}
		s := plant.Sample{Tag: h.tree.Tag(tag), Value: v, Time: before.Add(time.Minute)}
		if err := h.bus.Put(t.Context(), plant.Batch{Samples: []plant.Sample{s}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{productiontest.A1, "northfield/packing/lineA", "northfield/moulding", "northfield"} {
		h.until("revision of "+path, func() bool {
			k, err := h.records.LastKPI(t.Context(), path, "hour", before)
			return err == nil && k.Revision == 1 && k.Hash != ""
		})
	}
	c, err := h.KPIs().Verify(t.Context(), plant.Interval{}, func(string) bool { return true })
	if err != nil || len(c.Differences) > 0 || c.Checked == 0 {
		t.Errorf("verify: got %+v, %v; want all as their facts say", c, err)
	}
}
