package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"andon/collector"
)

func TestReadinessNamesWhatIsWrong(t *testing.T) {
	s := full(t, nil)
	type answer struct {
		Ready    bool
		Problems []string
		Checks   []struct {
			Name string
			OK   bool
		}
		Sources []struct{ Source string }
	}
	if got := decode[answer](t, s.expect(s.get("/readyz"), http.StatusOK)); !got.Ready || len(got.Problems) != 0 || len(got.Checks) != 2 || len(got.Sources) != 1 {
		t.Errorf("a well site: got %+v, want ready", got)
	}
	s.influx.Store("server closed")
	s.sources = append(s.sources, collector.Health{Source: "mqtt-2", Since: wall.Add(-time.Minute), Error: "dial refused"}, collector.Health{Source: "mqtt-3"})
	got := decode[answer](t, s.expect(s.get("/readyz"), http.StatusServiceUnavailable))
	want := []string{"influx: server closed", "source mqtt-2: down since 10:23:31: dial refused", "source mqtt-3: not connected yet"}
	if got.Ready || !slices.Equal(got.Problems, want) {
		t.Errorf("problems: got %q, want %q", got.Problems, want)
	}
	if body := s.expect(s.get("/healthz"), http.StatusOK); body != "ok\n" {
		t.Errorf("healthz of a site in trouble: got %q, want ok", body)
	}
}

func TestWhatSomebodyShouldLookAtIsNoTrouble(t *testing.T) {
	s := full(t, nil)
	s.notes = []string{"the records: a damaged part was set aside"}
	got := decode[struct {
		Ready bool
		Notes []string
	}](t, s.expect(s.get("/readyz"), http.StatusOK))
	if !got.Ready || len(got.Notes) != 1 {
		t.Errorf("got %+v, want ready and the note", got)
	}
}

func TestMetricsCountRequestsByRoute(t *testing.T) {
	s := full(t, nil)
	s.get("/api/v1/alarms/alarm-hot")
	s.get("/api/v1/alarms/nobody")
	s.get("/wp-admin/" + strings.Repeat("x", 100))
	body := s.expect(s.get("/metrics"), http.StatusOK)
	for _, want := range []string{
		`andon_web_requests_total{class="2xx",route="/api/v1/alarms/{id}"} 1`,
		`andon_web_requests_total{class="4xx",route="/api/v1/alarms/{id}"} 1`,
		`andon_web_requests_total{class="4xx",route="none"} 1`,
		`andon_web_requests_refused_total{reason="not_found"} 2`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("metrics: got none such, want %s", want)
		}
	}
}
