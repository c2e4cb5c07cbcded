package mqtt_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"andon/collector"
	"andon/collector/collectortest"
	"andon/collector/mqtt"
	"andon/collector/mqtt/mqtttest"
	"andon/plant"
)

type sink = collectortest.Sink

// supervise runs the station's source as the daemon does and waits until it
// is up.
func (s *station) supervise() {
	c := collector.DefaultConfig()
	c.RetryInitial, c.RetryMax = 20*time.Millisecond, 200*time.Millisecond
	super, err := collector.NewSupervisor(collector.Options{Config: c, Sources: []collector.Source{s.source},
		Sink: s.sink, Log: slog.Default(), Metrics: collector.NewMetrics(prometheus.NewRegistry())})
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- super.Run(ctx) }()
	s.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Errorf("stop supervisor: %v", err)
		}
	})
	s.poll("source up", func() bool { return super.Health()[0].Up })
}

func (s *station) waitTotals(from, to int) {
	s.t.Helper()
	tag := s.tag(a3 + "/total")
	s.sink.Wait(s.t, fmt.Sprintf("totals %d to %d", from, to), func(k *sink) bool {
		seen := map[plant.Value]bool{}
		for _, x := range k.Samples() {
			if x.Tag == tag {
				seen[x.Value] = true
			}
		}
		for i := from; i <= to; i++ {
			if !seen[plant.Uint(uint64(i))] {
				return false
			}
		}
		return true
	})
}

func publishTotals(line *mqtttest.Client, from, to int) {
	for i := from; i <= to; i++ {
		line.Publish(a3+"/count", fmt.Sprintf(`{"ts":%d,"total":%d}`, 1772438400000+i, i))
	}
}

func TestPackingLineKeepsCountingAfterBrokerRestart(t *testing.T) {
	b := broker(t)
	s := newStation(t, config(b.URL(), counts))
	s.supervise()
	line := b.Connect(t, mqtttest.ClientOptions{})
	publishTotals(line, 1, 20)
	b.Stop()
	b.Start()
	publishTotals(line, 21, 40)
	s.waitTotals(1, 40)
}

func TestWhatWasPublishedWhileAndonWasAwayArrives(t *testing.T) {
	b := broker(t)
	s := newStation(t, config(b.URL(), counts)).up()
	line := b.Connect(t, mqtttest.ClientOptions{})
	publishTotals(line, 1, 5)
	s.waitTotals(1, 5)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	publishTotals(line, 6, 30)
	s.up().waitTotals(1, 30)
}

func TestNothingIsAcknowledgedBeforeTheBusTookIt(t *testing.T) {
	b := broker(t)
	p := mqtttest.StartProxy(t, b)
	s := newStation(t, config(p.URL(), counts)).up()
	line := b.Connect(t, mqtttest.ClientOptions{})
	s.sink.Block()
	publishTotals(line, 1, 10)
	s.sink.Wait(t, "a blocked Put", func(*sink) bool { return s.sink.Waiting() > 0 })
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if got := p.Acks(); got != 0 {
		t.Fatalf("acknowledgements before the bus took anything: got %d, want 0", got)
	}
	s.sink.Unblock()
	s.up().waitTotals(1, 10)
	s.poll("10 acknowledgements", func() bool { return p.Acks() >= 10 })
}

func TestCutConnectionIsAnErrorAndDrainsWhatHadCome(t *testing.T) {
	b := broker(t)
	p := mqtttest.StartProxy(t, b)
	s := newStation(t, config(p.URL(), counts)).up()
	line := b.Connect(t, mqtttest.ClientOptions{})
	publishTotals(line, 1, 3)
	s.waitTotals(1, 3)
	s.sink.Block()
	publishTotals(line, 4, 8)
	s.sink.Wait(t, "a blocked Put", func(*sink) bool { return s.sink.Waiting() > 0 })
	p.Cut()
	s.sink.Unblock()
	if err := s.ended(); err == nil {
		t.Fatal("run after the connection was cut: got nil, want an error")
	}
	s.up().waitTotals(1, 8)
}

func TestTopicOfAnEarlierConfigurationIsSaidAndAcknowledged(t *testing.T) {
	b := broker(t)
	p := mqtttest.StartProxy(t, b)
	old := mqtt.Subscription{Topic: "{site}/{area}/{line}/{equipment}/old"}
	if err := newStation(t, config(p.URL(), counts, old)).up().stop(); err != nil {
		t.Fatal(err)
	}
	s := newStation(t, config(p.URL(), counts)).up()
	b.Connect(t, mqtttest.ClientOptions{}).Publish(a3+"/old", `{"total":1}`)
	s.trouble(a3+"/old", "no subscription matches; the broker may still hold one of an earlier configuration")
	s.poll("an acknowledgement", func() bool { return p.Acks() == 1 })
}

func TestSourcePassesTheSuite(t *testing.T) {
	collectortest.TestSource(t, func(t *testing.T) collectortest.Rig {
		b := broker(t)
		p := mqtttest.StartProxy(t, b)
		s := newStation(t, config(p.URL(), mqtt.Subscription{Topic: "{site}/{area}/{line}/{equipment}/{tag}", Payload: mqtt.PayloadScalar}))
		line := b.Connect(t, mqtttest.ClientOptions{})
		tag := s.tag("northfield/moulding/lineB/B1/alarm_id")
		return collectortest.Rig{Source: s.source, Tag: tag, Lose: p.Cut, NoStatus: true, Acked: p.Acks,
			Set: func(v plant.Value, _ plant.Status) { line.Publish(tag.Path, v.String()) }}
	})
}
