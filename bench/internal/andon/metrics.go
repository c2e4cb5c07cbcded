package andon

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Daemon is a running andon.
type Daemon struct {
	// URL is its base address.
	URL string
}

// Ready reports nil once andon says that all its parts are well.
func (d Daemon) Ready(ctx context.Context) error {
	resp, err := d.get(ctx, "/readyz")
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// Taken returns how many samples the computations have taken so far.
func (d Daemon) Taken(ctx context.Context) (int64, error) {
	return d.sum(ctx, "andon_engine_samples_total")
}

// sum adds up a metric over its labels.
func (d Daemon) sum(ctx context.Context, metric string) (int64, error) {
	resp, err := d.get(ctx, "/metrics")
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var sum float64
	found := false
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		rest, ok := strings.CutPrefix(lines.Text(), metric)
		if !ok || rest == "" || rest[0] != '{' && rest[0] != ' ' {
			continue
		}
		v, err := strconv.ParseFloat(rest[strings.LastIndexByte(rest, ' ')+1:], 64)
		if err != nil {
			return 0, fmt.Errorf("read andon's metric %s: %w", metric, err)
		}
		sum, found = sum+v, true
	}
	if err := lines.Err(); err != nil {
		return 0, fmt.Errorf("read andon's metrics: %w", err)
	}
	if !found {
		return 0, fmt.Errorf("andon has no metric %s", metric)
	}
	return int64(sum), nil
}

// get returns an answer with the status 200. The caller closes its body.
func (d Daemon) get(ctx context.Context, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.URL+path, nil)
	if err != nil {
		return nil, fmt.Errorf("ask andon: %w", err)
	}
	client := http.Client{Timeout: 5 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask andon: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, fmt.Errorf("ask andon for %s: %s", path, resp.Status)
	}
	return resp, nil
}
