// Package influx runs the InfluxDB of a measurement and asks it what arrived.
package influx

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"andon/bench/internal/proc"
)

// Database is the one that both sides write to. Every run has an InfluxDB of
// its own, so it is always empty at the start.
const Database = "plant"

// A Server is a running InfluxDB 1.8 with an empty database. Its methods are
// safe for concurrent use.
type Server struct {
	// URL is its base address.
	URL string
	// Process is the program.
	Process *proc.Process

	client *http.Client
}

// config is that of a small plant: no limits, no own statistics, the index in
// memory. Paths are relative to the folder of the run.
const config = `reporting-disabled = true
bind-address = %q
[meta]
  dir = "meta"
[data]
  dir = "data"
  wal-dir = "wal"
  index-version = "inmem"
  query-log-enabled = false
  max-series-per-database = 0
  max-values-per-tag = 0
[monitor]
  store-enabled = false
[subscriber]
  enabled = false
[http]
  bind-address = %q
  log-enabled = false
  max-body-size = 0
[logging]
  level = "warn"
[continuous_queries]
  enabled = false
`

// Start runs the program binary in dir, which must be empty, and creates the
// database.
func Start(ctx context.Context, g *proc.Group, binary, dir string) (*Server, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of influxd: %w", err)
	}
	address, err := proc.FreeAddress()
	if err != nil {
		return nil, err
	}
	backup, err := proc.FreeAddress()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "influxdb.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, config, backup, address), 0o644); err != nil {
		return nil, fmt.Errorf("write the configuration of influxd: %w", err)
	}
	s := &Server{URL: "http://" + address, client: &http.Client{Timeout: time.Minute}}
	s.Process, err = g.Start(ctx, proc.Spec{
		Name: "influxd",
		Args: []string{binary, "-config", file},
		Dir:  dir,
		Ready: func(ctx context.Context) error {
			_, err := s.Query(ctx, "SHOW DATABASES")
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	if _, err := s.post(ctx, "CREATE DATABASE "+Database); err != nil {
		return nil, err
	}
	return s, nil
}

// A Series is one table of an answer. Times are nanoseconds since 1970.
type Series struct {
	Name    string            `json:"name"`
	Tags    map[string]string `json:"tags"`
	Columns []string          `json:"columns"`
	Values  [][]json.Number   `json:"values"` // null is ""
}

// A Result is the answer to one statement.
type Result struct {
	ID     int      `json:"statement_id"`
	Series []Series `json:"series"`
	Err    string   `json:"error"`
}

// Query reads with one or more InfluxQL statements, separated by semicolons,
// whose answers hold numbers only. There is a Result for each.
func (s *Server) Query(ctx context.Context, q string) ([]Result, error) {
	return s.do(ctx, http.MethodGet, q)
}

// post is a Query with statements that change something.
func (s *Server) post(ctx context.Context, q string) ([]Result, error) {
	return s.do(ctx, http.MethodPost, q)
}

func (s *Server) do(ctx context.Context, method, q string) ([]Result, error) {
	target := s.URL + "/query?" + url.Values{"db": {Database}, "epoch": {"ns"}, "q": {q}}.Encode()
	req, err := http.NewRequestWithContext(ctx, method, target, nil)
	if err != nil {
		return nil, fmt.Errorf("ask InfluxDB: %w", err)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask InfluxDB: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer of InfluxDB: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask InfluxDB %q: %s: %s", q, resp.Status, strings.TrimSpace(string(body)))
	}
	var answer struct{ Results []Result }
	if strings.HasPrefix(q, "SHOW") {
		return nil, nil // its answer holds texts
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("read the answer of InfluxDB to %q: %w", q, err)
	}
	for _, r := range answer.Results {
		if r.Err != "" {
			return nil, fmt.Errorf("ask InfluxDB %q: %s", q, r.Err)
		}
	}
	return answer.Results, nil
}
