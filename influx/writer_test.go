package influx_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"andon/influx"
	"andon/influx/influxtest"
	"andon/plant"
	"andon/plant/setting"
)

func TestValueShowsSoonAfterItWasPut(t *testing.T) {
	server := influxtest.NewServer(t)
	s := newStream()
	w := run(t, s, config(t, server.URL))
	w.written(s.samples(speeds(t, 0, 1)...))
	worst := time.Duration(0)
	for i := 1; i < 10; i++ {
		put := time.Now()
		w.written(s.samples(speeds(t, i, 1)...))
		worst = max(worst, time.Since(put))
	}
	if worst > 300*time.Millisecond {
		t.Errorf("slowest of ten: got %v, want at most 300ms", worst)
	}
}

func TestTrickleIsGathered(t *testing.T) {
	server := influxtest.NewServer(t)
	s := newStream()
	w := run(t, s, config(t, server.URL))
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var last uint64
	for i := range 100 { // half a second
		last = s.samples(speeds(t, i, 1)...)
		<-tick.C
	}
	w.written(last)
	if n := len(server.Requests()); n > 20 {
		t.Errorf("requests for half a second of samples: got %d, want at most 20", n)
	}
	if n := len(server.Lines()); n != 100 {
		t.Errorf("lines: got %d, want 100", n)
	}
}

func TestBacklogIsWrittenInFullBatchesWithoutPause(t *testing.T) {
	server := influxtest.NewServer(t)
	s := newStream()
	for i := range 100 {
		s.samples(speeds(t, i*1000, 1000)...)
	}
	w := run(t, s, config(t, server.URL))
	w.written(100)
	for i, r := range server.Requests() {
		if r.Lines != 5000 {
			t.Errorf("request %d: got %d lines, want 5000", i, r.Lines)
		}
	}
	if got := w.metric("written_samples_total"); got != 100_000 {
		t.Errorf("samples counted: got %v, want 100000", got)
	}
}

func TestRequestInFlightEndsBeforeTheWriterDoes(t *testing.T) {
	server := influxtest.NewServer(t)
	answered := make(chan struct{})
	server.Answer(influxtest.Answer{Status: 204, Until: answered})
	arrived := server.Arrived()
	s := newStream()
	s.samples(speeds(t, 0, 10)...)
	w := run(t, s, config(t, server.URL))
	<-arrived
	w.cancel()
	close(answered)
	w.stop()
	if got := s.saved(); got != 1 {
		t.Errorf("position: got %d, want that of the write in flight", got)
	}
}

func TestStopDoesNotWaitForAnOutageToEnd(t *testing.T) {
	cfg := config(t, "http://127.0.0.1:9") // nobody listens
	cfg.Backoff = influx.BackoffConfig{Initial: time.Hour, Max: time.Hour}
	s := newStream()
	s.samples(speeds(t, 0, 10)...)
	w := run(t, s, cfg)
	eventually(t, "the outage shows", func() bool { return w.Healthy() != nil })
	began := time.Now()
	w.stop()
	if d := time.Since(began); d > 2*time.Second {
		t.Errorf("stop took %v, want less than 2s", d)
	}
	if got := s.saved(); got != 0 {
		t.Errorf("position: got %d, want 0", got)
	}
}

func TestPositionPassesWhatHasNothingForInfluxDB(t *testing.T) {
	server := influxtest.NewServer(t)
	s := newStream()
	for range 3 {
		s.put(plant.Message{Kind: plant.KindTick})
	}
	s.put(plant.Message{Kind: plant.KindCommand, Command: &plant.Command{ID: "1", Verb: plant.VerbAlarmAck}})
	w := run(t, s, config(t, server.URL))
	w.written(4)
	eventually(t, "it lags by nothing", func() bool { return w.Lag() == influx.Lag{Position: 4, Known: true} })
	w.stop()
	if got, n := s.saved(), len(server.Requests()); got != 4 || n != 0 {
		t.Errorf("got position %d after %d requests, want 4 after none", got, n)
	}
}

func TestServerIsVerified(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshake that must fail
	server.StartTLS()
	t.Cleanup(server.Close)
	s := newStream()
	s.samples(speeds(t, 0, 1)...)
	cfg := config(t, server.URL)
	w := run(t, s, cfg)
	eventually(t, "the unknown certificate shows", func() bool {
		return w.Healthy() != nil && strings.Contains(w.Healthy().Error(), "certificate")
	})
	w.stop()

	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if ok := x509.NewCertPool().AppendCertsFromPEM(ca); !ok {
		t.Fatal("test certificate is not PEM")
	}
	cfg.TLS.CAFile = setting.File(tempFile(t, string(ca)))
	run(t, s, cfg).written(1)
}

func TestWebPageIsNotTakenForInfluxDB(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"a page for everything": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, "<html>Welcome</html>")
		},
		"a redirection to a page": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/login" {
				return // 200
			}
			http.Redirect(w, r, "/login", http.StatusFound)
		},
	} {
		server := httptest.NewServer(answer)
		t.Cleanup(server.Close)
		s := newStream()
		s.samples(speeds(t, 0, 1)...)
		w := run(t, s, config(t, server.URL))
		eventually(t, "the wrong address shows", func() bool { return w.Healthy() != nil })
		w.stop()
		if got := s.saved(); got != 0 {
			t.Errorf("position after %s: got %d, want 0", name, got)
		}
	}
}

func TestWriterIsNotMadeOfBadFiles(t *testing.T) {
	for name, set := range map[string]func(*influx.Config){
		"a missing token file":     func(c *influx.Config) { c.TokenFile = "/missing/token" },
		"a missing authority":      func(c *influx.Config) { c.TLS.CAFile = "/missing/ca.pem" },
		"an authority without PEM": func(c *influx.Config) { c.TLS.CAFile = setting.File(tempFile(t, "no certificate")) },
		"a file as folder":         func(c *influx.Config) { c.DeadLetter.Dir = setting.File(tempFile(t, "")) },
		"no bucket":                func(c *influx.Config) { c.Bucket = "" },
	} {
		cfg := config(t, "http://127.0.0.1:9")
		set(&cfg)
		if _, err := influx.New(influx.Options{Config: cfg, Area: "packing"}); err == nil {
			t.Errorf("%s: got nil, want an error", name)
		}
	}
}

// brokenStream cannot be read.
type brokenStream struct{ *stream }

func (brokenStream) Fetch(context.Context, int, time.Duration) ([]plant.Message, error) {
	return nil, errors.New("stream is gone")
}

func TestRunEndsWhenTheStreamDoes(t *testing.T) {
	server := influxtest.NewServer(t)
	s := newStream()
	w, err := influx.New(influx.Options{Config: config(t, server.URL), Area: "packing", Reader: brokenStream{s}, Positions: s})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "stream is gone") {
		t.Errorf("run: got %v, want that the stream is gone", err)
	}
}
