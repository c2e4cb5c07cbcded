package web

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"andon/collector"
	"andon/system"
)

// checkTimeout bounds one check; a part that takes longer to say that it is
// well is not.
const checkTimeout = 2 * time.Second

// readiness is what /readyz answers.
type readiness struct {
	Ready    bool               `json:"ready"`
	Version  string             `json:"version"`
	Problems []string           `json:"problems"` // what is wrong, in words
	Notes    []string           `json:"notes"`    // what somebody should look at some day
	Checks   []checkResult      `json:"checks"`
	Sources  []collector.Health `json:"sources"`
	System   []system.Active    `json:"system"` // alarms about andon itself that hold now
}

type checkResult struct {
	Name  string `json:"name"`
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
}

// A healthWatch keeps the latest results of the checks for the pages, which
// must not wait for a part that hangs.
type healthWatch struct {
	last atomic.Pointer[[]checkResult]
}

// watchHealth runs the checks with every heartbeat until ctx is done.
func (s *Server) watchHealth(ctx context.Context) {
	beat := time.NewTicker(s.o.Config.Heartbeat)
	defer beat.Stop()
	for {
		results := s.runChecks(ctx)
		if ctx.Err() != nil {
			return
		}
		s.health.last.Store(&results)
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		}
	}
}

// latestChecks returns the results of the last heartbeat, or those of now
// when there was none yet.
func (s *Server) latestChecks(ctx context.Context) []checkResult {
	if last := s.health.last.Load(); last != nil {
		return *last
	}
	return s.runChecks(ctx)
}

// runChecks runs all checks at the same time and waits for them.
func (s *Server) runChecks(ctx context.Context) []checkResult {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	results := make([]checkResult, len(s.o.Checks))
	var wg sync.WaitGroup
	for i, c := range s.o.Checks {
		wg.Go(func() {
			results[i] = checkResult{Name: c.Name, OK: true}
			if err := c.Check(ctx); err != nil {
				results[i].OK, results[i].Error = false, err.Error()
			}
		})
	}
	wg.Wait()
	return results
}

// problems says in words what is wrong with the parts and the sources.
func (s *Server) problems(checks []checkResult, sources []collector.Health) []string {
	found := []string{}
	for _, c := range checks {
		if !c.OK {
			found = append(found, c.Name+": "+c.Error)
		}
	}
	for _, h := range sources {
		if h.Up {
			continue
		}
		text := "source " + h.Source + ": not connected yet"
		if !h.Since.IsZero() {
			text = fmt.Sprintf("source %s: down since %s", h.Source, h.Since.In(s.o.Tree.Zone).Format("15:04:05"))
		}
		if h.Error != "" {
			text += ": " + h.Error
		}
		found = append(found, text)
	}
	return found
}

// system returns the conditions of andon itself that hold now.
func (s *Server) system() []system.Active {
	if s.o.System == nil {
		return []system.Active{}
	}
	return s.o.System()
}

// unrecorded says in words which of them are not in the list of alarms,
// because nothing can be recorded.
func (s *Server) unrecorded() []string {
	var found []string
	for _, a := range s.system() {
		if a.Direct {
			found = append(found, fmt.Sprintf("since %s, not yet among the alarms: %s", s.clock(a.Since), a.Message))
		}
	}
	return found
}

// serveAlive says that the process lives.
func (s *Server) serveAlive(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
	return nil
}

// serveReady says whether everything works, and what does not.
func (s *Server) serveReady(w http.ResponseWriter, r *http.Request) error {
	a := readiness{Version: s.o.Version, Checks: s.runChecks(r.Context()), Sources: s.o.Sources()}
	if a.Sources == nil {
		a.Sources = []collector.Health{}
	}
	a.Notes = append([]string{}, s.o.Notes()...)
	a.System = s.system()
	a.Problems = s.problems(a.Checks, a.Sources)
	a.Ready = len(a.Problems) == 0
	status := http.StatusOK
	if !a.Ready {
		status = http.StatusServiceUnavailable
	}
	return writeJSON(w, status, a)
}
