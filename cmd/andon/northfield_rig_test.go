package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"
)

// A liveNorthfield is the whole of andon beside a plant that plays an hour of
// some hours ago at many times its speed, as a backlog would come.
type liveNorthfield struct {
	*rig
	start time.Time
}

// speedup is how much faster than real time the hour is played.
const speedup = "80"

// settledAfter is how long after the beginning of an hour its KPIs are kept for
// sure: settle is 15 minutes.
const settledAfter = 80 * time.Minute

// recentStart is nine o'clock at Northfield, on the latest day on which the
// hour since is over and settled.
func recentStart(t *testing.T) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().In(zone)
	start := time.Date(now.Year(), now.Month(), now.Day(), 9, 0, 0, 0, zone)
	if now.Before(start.Add(settledAfter)) {
		start = start.AddDate(0, 0, -1)
	}
	return start.UTC()
}

// newLiveNorthfield prepares andon with the example configuration, on the day
// of start and working on all days. There is no InfluxDB: it is not asked. More
// are further edits of the example.
func newLiveNorthfield(t *testing.T, start time.Time, more ...string) *liveNorthfield {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), opcua: freePort(t), mqtt: freePort(t)}
	port := freePort(t)
	r.url = fmt.Sprintf("http://127.0.0.1:%d", port)
	r.env = []string{fmt.Sprintf("ANDON_PORT=%d", port), fmt.Sprintf("INFLUX_PORT=%d", freePort(t)), fmt.Sprintf("OPCUA_PORT=%d", r.gate()),
		fmt.Sprintf("MQTT_PORT=%d", r.mqtt), "ANDON_DATA=" + r.dir + "/andon"}
	r.config = northfieldConfig(t, movedTo(start, append(more, "[mon, tue, wed, thu, fri]", "[mon, tue, wed, thu, fri, sat, sun]",
		"alerts:\n", "collector: {retry_initial: 200ms, retry_max: 1s}\nalerts:\n", "production:\n", "production:\n  quiet: 1s\n", "web:\n", "web:\n  token: demo\n")...)...)
	return &liveNorthfield{r, start}
}

// movedTo returns edits that move the orders of the example to an hour that
// begins at start.
func movedTo(start time.Time, more ...string) []string {
	for _, text := range []string{"2026-03-02T05:00:00Z", "2026-03-02T08:40:00Z", "2026-03-02T12:00:00Z"} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			panic(err)
		}
		more = append(more, text, start.Add(at.Sub(northfieldStart)).Format(time.RFC3339))
	}
	return more
}

// gate listens for andon where it looks for the OPC UA server, and lets it
// through once it listens to the devices on MQTT: the hour begins with the
// first OPC UA client.
func (r *rig) gate() int {
	r.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.t.Fatal(err)
	}
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	r.t.Cleanup(func() {
		cancel()
		l.Close()
		wg.Wait()
	})
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { r.pass(ctx, c) })
		}
	})
	return l.Addr().(*net.TCPAddr).Port
}

// pass connects c with the OPC UA server until one of them closes.
func (r *rig) pass(ctx context.Context, c net.Conn) {
	defer c.Close()
	if !r.sourceUp("broker") {
		return // andon tries again
	}
	server, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", r.opcua))
	if err != nil {
		return
	}
	defer server.Close()
	defer context.AfterFunc(ctx, func() { c.Close(); server.Close() })()
	var wg sync.WaitGroup
	for _, x := range [][2]net.Conn{{c, server}, {server, c}} {
		wg.Go(func() {
			_, _ = io.Copy(x[0], x[1]) // whoever is left learns it by the close
			x[0].Close()
		})
	}
	wg.Wait()
}

func (r *rig) sourceUp(name string) bool {
	var ready struct {
		Sources []struct {
			Source string
			Up     bool
		}
	}
	if _, err := r.get("/readyz", &ready); err != nil {
		return false
	}
	for _, s := range ready.Sources {
		if s.Source == name && s.Up {
			return true
		}
	}
	return false
}

// play lets the hour happen, kills andon in the middle of it, starts it again
// and waits until the records have it all. That is early enough for the
// plant's broker to send again, after 30 s, what andon had not confirmed.
func (n *liveNorthfield) play() *child {
	n.t.Helper()
	first := n.andon()
	plant := n.plant("hour", "--speed", speedup, "--start", n.start.Format(time.RFC3339), "--wait")
	<-time.After(8 * time.Second)
	first.cmd.Process.Kill()
	<-first.done
	second := n.andon()
	plant.ended(60 * time.Second)
	eventually(n.t, time.Minute, "all units in the records", func() error {
		for path, want := range map[string]int{a1: 3352, b1: 852, "northfield/packing/lineA/A3": 3310, "northfield/moulding/lineB/B3": 852} {
			var k struct {
				Produced int `json:"produced_quantity"`
			}
			if err := json.Unmarshal(n.kpi(path, 0, time.Hour), &k); err != nil || k.Produced != want {
				return fmt.Errorf("%s: got %d units, want %d (%v)", path, k.Produced, want, err)
			}
		}
		return nil
	})
	return second
}

// kpi asks for the KPIs of a place from one time after the start to another.
func (n *liveNorthfield) kpi(path string, from, to time.Duration, more ...string) json.RawMessage {
	n.t.Helper()
	q := url.Values{"equipment": {path}, "from": {n.start.Add(from).Format(time.RFC3339)}, "to": {n.start.Add(to).Format(time.RFC3339)}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	var body json.RawMessage
	if status, err := n.get("/api/v1/kpis?"+q.Encode(), &body); err != nil || status != http.StatusOK {
		n.t.Fatalf("KPIs of %s: %d %v %s", path, status, err, body)
	}
	return body
}

// say tells andon what a person says.
func (n *liveNorthfield) say(path string, body map[string]any) {
	n.t.Helper()
	body["user"] = "Anna"
	text, err := json.Marshal(body)
	if err != nil {
		n.t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, n.url+path, bytes.NewReader(text))
	if err != nil {
		n.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer demo")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		n.t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		n.t.Fatalf("POST %s %s: %s %s", path, text, resp.Status, answer)
	}
}

func (n *liveNorthfield) at(after time.Duration) time.Time { return n.start.Add(after) }

func (n *liveNorthfield) stops() []toldStop {
	n.t.Helper()
	var list struct{ Stops []toldStop }
	path := "/api/v1/stops?limit=500&from=" + n.start.Format(time.RFC3339) + "&to=" + n.at(time.Hour).Format(time.RFC3339)
	if status, err := n.get(path, &list); err != nil || status != http.StatusOK {
		n.t.Fatalf("stops: %d %v", status, err)
	}
	return list.Stops
}
