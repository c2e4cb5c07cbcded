package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/cmd/plantsim/internal/northfield"
	"andon/plant"

	paho "github.com/eclipse/paho.mqtt.golang"
	gopcua "github.com/gopcua/opcua"
	"github.com/gopcua/opcua/ua"
)

// A message is one MQTT message.
type message struct {
	topic   string
	payload []byte
}

// subscribe returns what a broker publishes on a topic filter.
func subscribe(t *testing.T, broker, filter string) chan message {
	t.Helper()
	out := make(chan message, 100_000)
	c := paho.NewClient(paho.NewClientOptions().AddBroker(broker).SetClientID("test").SetAutoReconnect(false).
		SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) { out <- message{m.Topic(), m.Payload()} }))
	for _, step := range []func() paho.Token{c.Connect, func() paho.Token { return c.Subscribe(filter, 1, nil) }} {
		if tok := step(); !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
			t.Fatalf("subscribe to %s: %v", filter, tok.Error())
		}
	}
	t.Cleanup(func() { c.Disconnect(100) })
	return out
}

// listener returns an address at which somebody listens.
func listener(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// monitorAll subscribes to every signal on OPC UA and returns, as lines of
// the ground truth, what arrives.
func monitorAll(t *testing.T, endpoint string) <-chan string {
	t.Helper()
	c, err := gopcua.NewClient(endpoint, gopcua.AutoReconnect(false))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.WithoutCancel(t.Context())) }) // plantsim may have ended before
	signals, items := allItems()
	// Requests of our own: gopcua's subscriptions sometimes begin with no publish
	// request at all.
	sub, err := request[*ua.CreateSubscriptionResponse](t.Context(), c, &ua.CreateSubscriptionRequest{
		RequestedPublishingInterval: 50, RequestedLifetimeCount: 10_000, RequestedMaxKeepAliveCount: 20, PublishingEnabled: true,
	})
	if err == nil {
		_, err = request[*ua.CreateMonitoredItemsResponse](t.Context(), c, &ua.CreateMonitoredItemsRequest{
			SubscriptionID: sub.SubscriptionID, TimestampsToReturn: ua.TimestampsToReturnBoth, ItemsToCreate: items,
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	out := make(chan string, 100_000)
	go publish(t.Context(), c, func(it *ua.MonitoredItemNotification) { out <- lineOf(signals[it.ClientHandle], it.Value) })
	return out
}

// publish takes every notification until ctx is done or plantsim ends.
func publish(ctx context.Context, c *gopcua.Client, take func(*ua.MonitoredItemNotification)) {
	var acks []*ua.SubscriptionAcknowledgement
	for {
		resp, err := request[*ua.PublishResponse](ctx, c, &ua.PublishRequest{SubscriptionAcknowledgements: acks})
		if err != nil {
			return
		}
		acks = nil
		for _, n := range resp.NotificationMessage.NotificationData {
			if dc, ok := n.Value.(*ua.DataChangeNotification); ok {
				for _, it := range dc.MonitoredItems {
					take(it)
				}
			}
			acks = []*ua.SubscriptionAcknowledgement{{SubscriptionID: resp.SubscriptionID, SequenceNumber: resp.NotificationMessage.SequenceNumber}}
		}
	}
}

// request sends a request in the client's session.
func request[T ua.Response](ctx context.Context, c *gopcua.Client, req ua.Request) (resp T, err error) {
	err = c.Send(ctx, req, func(r ua.Response) error {
		var ok bool
		if resp, ok = r.(T); !ok {
			return fmt.Errorf("got %T", r)
		}
		return nil
	})
	return resp, err
}

// allItems asks for every signal on OPC UA; its client handle is its place.
func allItems() ([]northfield.Signal, []*ua.MonitoredItemCreateRequest) {
	var signals []northfield.Signal
	var items []*ua.MonitoredItemCreateRequest
	for _, eq := range northfield.Plant() {
		for _, s := range eq.Signals {
			if s.Node == "" {
				continue
			}
			item := gopcua.NewMonitoredItemCreateRequestWithDefaults(ua.NewStringNodeID(northfield.Namespace, s.Node),
				ua.AttributeIDValue, uint32(len(signals)))
			item.RequestedParameters.QueueSize = 10_000
			items, signals = append(items, item), append(signals, s)
		}
	}
	return signals, items
}

// lineOf writes a value as the ground truth does.
func lineOf(s northfield.Signal, v *ua.DataValue) string {
	var value []byte
	if v.Value != nil {
		value, _ = json.Marshal(v.Value.Value())
	}
	return line(s.Path, v.SourceTimestamp, string(value), plant.Status(v.Status))
}

func line(tag string, at time.Time, value string, status plant.Status) string {
	if status.IsGood() {
		return fmt.Sprintf(`{"tag":%q,"ts":"%s","value":%s}`, tag, at.UTC().Format(time.RFC3339Nano), value)
	}
	return fmt.Sprintf(`{"tag":%q,"ts":"%s","value":%s,"status":%q}`, tag, at.UTC().Format(time.RFC3339Nano), value, status)
}

// linesOf takes a device's message apart.
func linesOf(t *testing.T, m message) []string {
	t.Helper()
	fields := map[string]json.RawMessage{}
	if strings.HasSuffix(m.topic, "/status") {
		return nil
	}
	if err := json.Unmarshal(m.payload, &fields); err != nil {
		t.Fatalf("%s %s: %v", m.topic, m.payload, err)
	}
	var millis int64
	if err := json.Unmarshal(fields["ts"], &millis); err != nil {
		t.Fatalf("%s %s: %v", m.topic, m.payload, err)
	}
	var lines []string
	for _, eq := range northfield.Plant() {
		for _, s := range eq.Signals {
			if v, ok := fields[s.Field]; ok && m.topic == eq.Path+"/"+s.Message {
				lines = append(lines, line(s.Path, time.UnixMilli(millis), string(v), plant.Good))
			}
		}
	}
	return lines
}

// readLines returns the lines of a file, each with how often it stands there.
func readLines(t *testing.T, file string) map[string]int {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]int{}
	for s := bufio.NewScanner(bytes.NewReader(b)); s.Scan(); {
		lines[s.Text()]++
	}
	return lines
}

// Two clients that know nothing of each other see exactly the ground truth:
// every change of the hour, on OPC UA and on MQTT, once.
func TestClientsSeeExactlyTheGroundTruth(t *testing.T) {
	file := filepath.Join(t.TempDir(), "truth.ndjson")
	p := launch(t, "--scenario", "hour", "--start", "2026-03-02T08:00:00Z", "--speed", "150", "--wait",
		"--opcua-listen", "127.0.0.1:0", "--mqtt-listen", "127.0.0.1:0", "--truth", file)
	endpoint, broker := endpoints(t, p.until(t, "ready "))
	messages := subscribe(t, broker, "northfield/#")
	values := monitorAll(t, endpoint)
	p.until(t, "told ")
	truth := readLines(t, file)
	seen := map[string]int{}
	for timeout := time.After(20 * time.Second); missing(truth, seen) > 0; {
		select {
		case v := <-values:
			if !strings.Contains(v, "bad_out_of_service") { // before the start
				seen[v]++
			}
		case m := <-messages:
			for _, l := range linesOf(t, m) {
				seen[l]++
			}
		case <-timeout:
			t.Fatalf("%d of %d values not seen, such as %s", missing(truth, seen), len(truth), first(truth, seen))
		}
	}
	for l, n := range seen {
		if n != 1 || truth[l] != 1 {
			t.Errorf("%s: seen %d times, told %d times, want once", l, n, truth[l])
		}
	}
	if got := p.wait(t); got != 0 {
		t.Errorf("got exit code %d, want 0: %s", got, p.errors.String())
	}
	recorded := filepath.Join(t.TempDir(), "hour.ndjson")
	if err := record(t.Context(), recordOptions{scenario: "hour", start: "2026-03-02T08:00:00Z", out: recorded}, io.Discard); err != nil {
		t.Fatal(err)
	}
	if got, want := readFile(t, file), readFile(t, recorded); !bytes.Equal(got, want) {
		t.Error("the ground truth of a live hour differs from the recorded hour")
	}
}

func missing(truth, seen map[string]int) int {
	n := 0
	for l := range truth {
		if seen[l] == 0 {
			n++
		}
	}
	return n
}

func first(truth, seen map[string]int) string {
	for l := range truth {
		if seen[l] == 0 {
			return l
		}
	}
	return ""
}

func readFile(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRecordingIsTheSameEveryTime(t *testing.T) {
	dir := t.TempDir()
	var files [2][]byte
	for i := range files {
		o := recordOptions{scenario: "hour", start: "2026-03-02T08:00:00Z", out: filepath.Join(dir, fmt.Sprintf("%d.ndjson.gz", i))}
		if err := record(t.Context(), o, io.Discard); err != nil {
			t.Fatal(err)
		}
		files[i] = readFile(t, o.out)
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("two recordings differ")
	}
	z, err := gzip.NewReader(bytes.NewReader(files[0]))
	if err != nil {
		t.Fatal(err)
	}
	var last plant.Instant
	n := 0
	for s := bufio.NewScanner(z); s.Scan(); n++ {
		var l struct {
			Time plant.Instant `json:"ts"`
		}
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		if l.Time < last {
			t.Fatalf("line %d: time %s after %s", n+1, l.Time, last)
		}
		last = l.Time
	}
	if last.String() != "2026-03-02T09:00:00Z" || n < 5000 {
		t.Errorf("got %d lines up to %s, want the whole hour", n, last)
	}
}

func TestRecordingCanBeLongerThanTheScenario(t *testing.T) {
	var out bytes.Buffer
	o := recordOptions{scenario: "showcase", start: "2026-03-02T08:00:00Z", out: "-", duration: 15 * time.Minute}
	if err := record(t.Context(), o, &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if last := lines[len(lines)-1]; !strings.Contains(last, `"ts":"2026-03-02T08:15:00Z"`) {
		t.Errorf("got last line %s, want one at 08:15", last)
	}
}
