package mqttload_test

import (
	"bufio"
	"encoding/json"
	"io"
	"log/slog"
	"testing"
	"time"

	"andon/bench/internal/broker"
	"andon/bench/internal/generator"
	"andon/bench/internal/mqttload"
	"andon/bench/internal/proc"
)

func TestTheBuiltInBrokerAcknowledgesEverySample(t *testing.T) {
	address := serveBroker(t)
	commands, say := io.Pipe()
	hear, events := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		c := mqttload.Config{Broker: address, QoS: 1, Rate: 2000, Warmup: 100 * time.Millisecond, Window: 400 * time.Millisecond}
		err := mqttload.Run(t.Context(), c, commands, events)
		events.CloseWithError(io.EOF)
		ended <- err
	}()
	kinds := map[string]generator.Event{}
	for lines := bufio.NewScanner(hear); lines.Scan(); {
		var e generator.Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("event %q: %v", lines.Text(), err)
		}
		kinds[e.Event] = e
		switch e.Event {
		case generator.Ready:
			if _, err := io.WriteString(say, "go\n"); err != nil {
				t.Fatal(err)
			}
		case generator.Done:
			say.Close()
		}
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if done := kinds[generator.Done]; done.Sent != 1000 || done.Planned != 1000 {
		t.Errorf("sent %d of %d, want 1000 of 1000", done.Sent, done.Planned)
	}
	if start, measured := kinds[generator.Start], kinds[generator.Measure]; start.At == 0 || measured.At < start.At {
		t.Errorf("start at %d, measurement from %d", start.At, measured.At)
	}
}

// serveBroker runs the built-in broker until the test ends.
func serveBroker(t *testing.T) (address string) {
	t.Helper()
	address, err := proc.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	served := make(chan error, 1)
	go func() { served <- broker.Serve(ctx, address, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() { // the context of the test is done by now
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	if err := proc.Poll(ctx, 10*time.Millisecond, func() error { return proc.Listens(address)(ctx) }); err != nil {
		t.Fatal(err)
	}
	return address
}
