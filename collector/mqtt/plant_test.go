package mqtt_test

import (
	"context"
	"testing"
	"time"

	"andon/collector"
	"andon/collector/collectortest"
	"andon/collector/mqtt"
	"andon/collector/mqtt/mqtttest"
	"andon/plant"
)

// northfield is the part of the plant that publishes by MQTT.
func northfield(t testing.TB) *plant.Tree {
	t.Helper()
	counts := []plant.TagConfig{
		{Name: "total", Role: plant.RoleTotalCount, Type: "uint"}, {Name: "reject", Role: plant.RoleRejectCount, Type: "uint"}}
	packer := append([]plant.TagConfig{{Name: "state", Role: plant.RoleState, Type: "text"},
		{Name: "stop_reason", Type: "text"}}, counts...)
	tree, err := plant.NewTree(plant.Config{Site: "northfield", Zone: "Europe/Berlin", Areas: []plant.AreaConfig{
		{Name: "packing", Lines: []plant.LineConfig{{Name: "lineA", Equipment: []plant.EquipmentConfig{
			{Name: "A3", Source: "broker", Tags: packer},
			{Name: "A4", Source: "broker", Tags: counts},
		}}}},
		{Name: "moulding", Lines: []plant.LineConfig{{Name: "lineB", Equipment: []plant.EquipmentConfig{
			{Name: "B1", Tags: []plant.TagConfig{{Name: "resin", Type: "float"}, {Name: "guard_open", Type: "bool"}, {Name: "alarm_id"}}},
			{Name: "B4", Source: "broker", Tags: []plant.TagConfig{{Name: "energy", Type: "float", Address: "shellies/press4/energy"}}},
		}}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

const (
	a3      = "northfield/packing/lineA/A3"
	countOf = "{site}/{area}/{line}/{equipment}/count"
)

// counts subscribes to what all equipment counts.
var counts = mqtt.Subscription{Topic: countOf, Time: "ts", TimeFormat: mqtt.TimeUnixMilli,
	Tags: map[string]string{"total": "total", "reject": "reject"}}

func config(url string, subscriptions ...mqtt.Subscription) mqtt.Config {
	c := mqtt.DefaultConfig()
	c.URL, c.Subscriptions = url, subscriptions
	return c
}

// A station is andon's end: one source with a sink.
type station struct {
	t      *testing.T
	tree   *plant.Tree
	source *mqtt.Source
	sink   *collectortest.Sink
	status *collector.Status
	cancel context.CancelFunc
	done   chan error
}

func newStation(t *testing.T, c mqtt.Config) *station {
	t.Helper()
	s := &station{t: t, tree: northfield(t), sink: &collectortest.Sink{}, status: &collector.Status{}}
	var err error
	if s.source, err = mqtt.New(mqtt.Options{Config: c, Name: "broker", Tree: s.tree}); err != nil {
		t.Fatalf("new source: %v", err)
	}
	return s
}

// run starts the source; it stops with the test.
func (s *station) run() *station {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	s.cancel, s.done = cancel, done
	go func() { done <- s.source.Run(ctx, s.sink, s.status) }()
	s.t.Cleanup(cancel)
	return s
}

// up is run and waits until the source is up.
func (s *station) up() *station {
	s.t.Helper()
	s.status = &collector.Status{}
	s.run()
	s.poll("source up", func() bool {
		select {
		case err := <-s.done:
			s.t.Fatalf("run: got error %v before it was up", err)
		default:
		}
		return s.status.Health("").Up
	})
	return s
}

// stop ends the source and returns what Run did.
func (s *station) stop() error {
	s.t.Helper()
	s.cancel()
	return s.ended()
}

func (s *station) ended() error {
	s.t.Helper()
	select {
	case err := <-s.done:
		return err
	case <-time.After(patience):
		s.t.Fatalf("run: got no end within %v", patience)
		return nil
	}
}

const patience = 20 * time.Second

// poll asks a Status or a metric, which have no channel to wait on.
func (s *station) poll(what string, done func() bool) {
	s.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(patience)
	for !done() {
		select {
		case <-tick.C:
		case <-limit:
			s.t.Fatalf("%s: not seen within %v; health %+v", what, patience, s.status.Health(""))
		}
	}
}

func (s *station) trouble(key, want string) {
	s.t.Helper()
	s.poll("trouble "+key+": "+want, func() bool { return s.status.Health("").Troubles[key] == want })
}

func (s *station) tag(path string) *plant.Tag {
	s.t.Helper()
	tag := s.tree.Tag(path)
	if tag == nil {
		s.t.Fatalf("no tag %s", path)
	}
	return tag
}

// wait returns the first sample of a tag that has the value.
func (s *station) wait(path string, v plant.Value) plant.Sample {
	s.t.Helper()
	tag := s.tag(path)
	s.sink.WaitValue(s.t, tag, v)
	for _, x := range s.sink.Samples() {
		if x.Tag == tag && x.Value == v {
			return x
		}
	}
	return plant.Sample{}
}

// waitStatus waits until each of the tags has a sample of that status.
func (s *station) waitStatus(status plant.Status, paths ...string) {
	s.t.Helper()
	for _, path := range paths {
		tag := s.tag(path)
		s.sink.Wait(s.t, path+" "+status.String(), func(k *collectortest.Sink) bool {
			for _, x := range k.Samples() {
				if x.Tag == tag && x.Status == status && x.Value == (plant.Value{}) {
					return true
				}
			}
			return false
		})
	}
}

func broker(t *testing.T) *mqtttest.Broker {
	t.Helper()
	return mqtttest.Start(t, mqtttest.Options{})
}
