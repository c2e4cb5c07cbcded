package system_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"andon/alerts"
)

// A phone is what the people on call hold: it keeps every message.
type phone struct {
	url  string
	mu   sync.Mutex
	got  []alerts.Message
	keys map[string]int // by Idempotency-Key
	rang chan struct{}  // of size 1
}

func newPhone() (*phone, func()) {
	p := &phone{keys: map[string]int{}, rang: make(chan struct{}, 1)}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var m alerts.Message
		if err := json.Unmarshal(body, &m); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.got = append(p.got, m)
		p.keys[r.Header.Get("Idempotency-Key")]++
		select {
		case p.rang <- struct{}{}:
		default:
		}
	}))
	p.url = s.URL
	return p, s.Close
}

// calls returns the messages of one kind about one rule.
func (p *phone) calls(kind alerts.Kind, rule string) []alerts.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []alerts.Message
	for _, m := range p.got {
		if m.Kind == kind && m.About.Rule == rule {
			out = append(out, m)
		}
	}
	return out
}

func (p *phone) all() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := ""
	for _, m := range p.got {
		text += fmt.Sprintf("%s %s to %s: %s\n", m.Kind, m.About.Rule, m.To, m.Title)
	}
	return text
}

// ring waits for a message of a kind about a rule.
func (p *phone) ring(kind alerts.Kind, rule string) (alerts.Message, error) {
	late := time.After(30 * time.Second)
	for {
		if m := p.calls(kind, rule); len(m) > 0 {
			return m[0], nil
		}
		select {
		case <-p.rang:
		case <-late:
			return alerts.Message{}, fmt.Errorf("nobody was told that %s is %s; messages:\n%s", rule, kind, p.all())
		}
	}
}
