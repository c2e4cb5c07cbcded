package mqtt_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"andon/cmd/plantsim/internal/mqtt"
	"andon/cmd/plantsim/internal/northfield"

	paho "github.com/eclipse/paho.mqtt.golang"
)

const path = "northfield/packing/lineA/A3"

func broker(t *testing.T) *mqtt.Broker {
	t.Helper()
	b, err := mqtt.StartBroker("127.0.0.1:0", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// labeller starts A3 and returns how to stop it.
func labeller(t *testing.T, broker *url.URL) (*mqtt.Device, func()) {
	t.Helper()
	for _, eq := range northfield.Plant() {
		if eq.Name != "A3" {
			continue
		}
		d := mqtt.NewDevice(eq, mqtt.Options{Broker: broker, Log: slog.New(slog.DiscardHandler)})
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { d.Run(ctx) })
		stop := func() { cancel(); wg.Wait() }
		t.Cleanup(stop)
		return d, stop
	}
	t.Fatal("no A3")
	return nil, nil
}

// listen subscribes to everything below A3; each message is "topic payload".
func listen(t *testing.T, broker *url.URL) <-chan string {
	t.Helper()
	out := make(chan string, 1000)
	c := paho.NewClient(paho.NewClientOptions().AddBroker(broker.String()).SetClientID("listener-" + t.Name()).
		SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) {
			out <- fmt.Sprintf("%s %s", strings.TrimPrefix(m.Topic(), path+"/"), m.Payload())
		}))
	for _, step := range []func() paho.Token{c.Connect, func() paho.Token { return c.Subscribe(path+"/#", 1, nil) }} {
		if tok := step(); !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
			t.Fatalf("listen: %v", tok.Error())
		}
	}
	t.Cleanup(func() { c.Disconnect(100) })
	return out
}

func expect(t *testing.T, messages <-chan string, want ...string) {
	t.Helper()
	for _, w := range want {
		select {
		case got := <-messages:
			if got != w {
				t.Fatalf("got message %q, want %q", got, w)
			}
		case <-time.After(15 * time.Second):
			t.Fatalf("no message within 15 s, want %q", w)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestDeviceTellsThatItIsOnlineAndWhenItLeaves(t *testing.T) {
	b := broker(t)
	messages := listen(t, b.URL())
	d, stop := labeller(t, b.URL())
	must(t, d.Publish(t.Context(), "state", []byte("RUN")))
	must(t, d.Flush(t.Context()))
	stop()
	expect(t, messages, "status online", "state RUN", "status offline")
}

func TestLostDeviceIsReportedByItsLastWill(t *testing.T) {
	b := broker(t)
	messages := listen(t, b.URL())
	d, _ := labeller(t, b.URL())
	ctx := t.Context()
	must(t, d.Publish(ctx, "count", []byte("1")))
	must(t, d.Lose(ctx))
	expect(t, messages, "status online", "count 1", "status offline")
	must(t, d.Return(ctx))
	must(t, d.Publish(ctx, "count", []byte("2")))
	expect(t, messages, "status online", "count 2")
}

func TestLateListenerGetsTheLastState(t *testing.T) {
	b := broker(t)
	d, _ := labeller(t, b.URL())
	must(t, d.Publish(t.Context(), "state", []byte("RUN")))
	must(t, d.Publish(t.Context(), "state", []byte("DOWN")))
	must(t, d.Flush(t.Context()))
	got := map[string]bool{}
	messages := listen(t, b.URL())
	for range 2 {
		select {
		case m := <-messages:
			got[m] = true
		case <-time.After(10 * time.Second):
			t.Fatalf("got only %v", got)
		}
	}
	if !got["status online"] || !got["state DOWN"] {
		t.Errorf("got %v, want status online and state DOWN", got)
	}
}

// A broker that restarts loses nothing of what the plant told meanwhile.
func TestDeviceKeepsMessagesWhileItsBrokerIsAway(t *testing.T) {
	dir := t.TempDir()
	b, err := mqtt.StartBroker("127.0.0.1:0", dir)
	must(t, err)
	d, _ := labeller(t, b.URL())
	<-d.Connected()
	must(t, b.Close())
	const messages = 20
	for i := range messages {
		must(t, d.Publish(t.Context(), "count", fmt.Append(nil, i)))
	}
	again, err := mqtt.StartBroker(b.URL().Host, dir)
	must(t, err)
	t.Cleanup(func() { _ = again.Close() })
	got := listen(t, again.URL())
	must(t, d.Flush(t.Context()))
	for last := ""; last != fmt.Sprintf("count %d", messages-1); {
		select {
		case last = <-got:
		case <-time.After(20 * time.Second):
			t.Fatalf("last message %q, want count %d", last, messages-1)
		}
	}
}

func TestTakenPortIsAnError(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	if b, err := mqtt.StartBroker(l.Addr().String(), t.TempDir()); err == nil {
		_ = b.Close()
		t.Fatal("broker started on a taken port, want an error")
	}
}

func TestBrokerURLs(t *testing.T) {
	f := func(text string, want bool) {
		t.Helper()
		u, err := url.Parse(text)
		must(t, err)
		if got := mqtt.CheckURL(u) == nil; got != want {
			t.Errorf("%s: accepted %v, want %v", text, got, want)
		}
	}
	f("tcp://127.0.0.1:1883", true)
	f("ssl://broker:8883", true)
	f("ws://broker:80", false)
	f("tcp://broker", false)
	f("broker:1883", false)
}
