package engine_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"andon/alerts"
	"andon/alerts/alertstest"
	"andon/alerts/outbox"
	"andon/alerts/webhook"
	"andon/engine"
	"andon/plant"
	"andon/store"
)

// The environment of the process that TestKilledInTheRequest… starts.
const (
	envRecords = "ANDON_TEST_RECORDS"
	envURL     = "ANDON_TEST_URL"
)

// deliver lets a worker deliver from the records in a file.
func deliver(t *testing.T, path, url string) {
	t.Helper()
	records, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { records.Close() })
	n, err := webhook.New(alerts.Webhook{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	w, err := outbox.New(outbox.Options{Config: alerts.DefaultConfig().Delivery, Queue: engine.Queue{Store: records},
		Notifiers: map[string]alerts.Notifier{"first": n}, Log: slog.New(slog.DiscardHandler), Metrics: outbox.NewMetrics(prometheus.NewRegistry())})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- w.Run(t.Context()) }() // ends before the cleanups run
	t.Cleanup(func() { <-done })
}

// TestDeliveringProcess is the process that is killed.
func TestDeliveringProcess(t *testing.T) {
	if os.Getenv(envRecords) == "" {
		t.Skip("runs only as a process of another test")
	}
	deliver(t, os.Getenv(envRecords), os.Getenv(envURL))
	<-time.After(time.Minute) // it is killed before
}

// queued puts messages to the first on duty into new records.
func queued(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "andon.db")
	records, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer records.Close()
	c := store.Commit{Area: "northfield/packing", Pos: 1, Time: plant.At(time.Now())}
	for i := range n {
		m := alertstest.Message(i + 1)
		m.Time = plant.At(time.Now())
		body, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		c.Messages = append(c.Messages, store.Message{ID: m.ID, Contact: m.To, Alarm: m.Alarm, Created: m.Time, Body: body})
	}
	if err := records.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestKilledInTheRequestTheReceiverThatRemembersKeysTakesEachMessageOnce(t *testing.T) {
	var mu sync.Mutex
	var requests, taken []string
	came, killed, all := make(chan struct{}), make(chan struct{}), make(chan struct{})
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		key := r.Header.Get(webhook.HeaderKey)
		requests = append(requests, key)
		first := len(requests) == 1
		if !slices.Contains(taken, key) {
			if taken = append(taken, key); len(taken) == 3 {
				close(all)
			}
		}
		mu.Unlock()
		if first { // it has the message, and andon dies before it knows
			close(came)
			<-killed
		}
	}))
	defer receiver.Close()
	path := queued(t, 3)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDeliveringProcess$")
	cmd.Env = append(os.Environ(), envRecords+"="+path, envURL+"="+receiver.URL)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	within(t, "the first request", came)
	cmd.Process.Kill()
	cmd.Wait()
	close(killed)
	deliver(t, path, receiver.URL)
	within(t, "the last message", all)
	mu.Lock()
	defer mu.Unlock()
	if diff := cmp.Diff([]string{"message-1", "message-1", "message-2", "message-3"}, requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"message-1", "message-2", "message-3"}, taken); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
}

func within(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s: not within 20 s", what)
	}
}
