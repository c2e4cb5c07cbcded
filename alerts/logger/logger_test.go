package logger_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"andon/alerts"
	"andon/alerts/alertstest"
	"andon/alerts/logger"
)

// A page is a log that can be read while it is written.
type page struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *page) lines(t *testing.T) (out []map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range strings.Split(strings.TrimSpace(p.text.String()), "\n") {
		if line == "" {
			continue
		}
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func TestNotifier(t *testing.T) {
	alertstest.TestNotifier(t, func(t *testing.T) alertstest.Fixture {
		p := &page{}
		return alertstest.Fixture{
			Notifier: logger.New(slog.New(slog.NewJSONHandler(p, nil))),
			Received: func() (out []string) {
				for _, l := range p.lines(t) {
					out = append(out, l["id"].(string)+" "+l["title"].(string))
				}
				return out
			},
		}
	})
}

func TestWhatNeedsAPersonIsAWarning(t *testing.T) {
	p := &page{}
	n := logger.New(slog.New(slog.NewJSONHandler(p, nil)))
	kinds := []alerts.Kind{alerts.KindRaised, alerts.KindEscalated, alerts.KindAcknowledged, alerts.KindResolved}
	for _, k := range kinds {
		m := alertstest.Message(1)
		m.Kind = k
		if err := n.Notify(t.Context(), "first", m); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{"WARN", "WARN", "INFO", "INFO"} {
		if l := p.lines(t)[i]; l["level"] != want || l["contact"] != "first" || l["kind"] != string(kinds[i]) {
			t.Errorf("line %d: got %v, want level %s", i, l, want)
		}
	}
}
