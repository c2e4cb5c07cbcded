package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"andon/plant"
	"andon/queue"
)

// A runningQueue asks a running andon.
type runningQueue struct {
	client client
	hint   string // for one that does not answer
}

// Close implements queueSide.
func (r *runningQueue) Close() error { return nil }

// ask asks and explains an andon that does not answer.
func (r *runningQueue) ask(ctx context.Context, method, path string, body, into any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	return r.explain(r.client.ask(ctx, method, path, text, into))
}

func (r *runningQueue) explain(err error) error {
	var away *url.Error
	if errors.As(err, &away) {
		return fmt.Errorf("%w (%s)", err, r.hint)
	}
	return err
}

// Stat implements queueSide.
func (r *runningQueue) Stat(ctx context.Context, area string) (s queue.Stat, err error) {
	err = r.ask(ctx, http.MethodGet, "/api/v1/queue"+values("area", area), nil, &s)
	return s, err
}

// Plan implements queueSide.
func (r *runningQueue) Plan(ctx context.Context, area string, from plant.Instant) ([]queue.Plan, error) {
	var a struct{ Plans []queue.Plan }
	err := r.ask(ctx, http.MethodGet, "/api/v1/queue/replay"+values("area", area, "from", from.String()), nil, &a)
	return a.Plans, err
}

// Replay implements queueSide.
func (r *runningQueue) Replay(ctx context.Context, area string, from plant.Instant) ([]queue.Plan, error) {
	var a struct{ Plans []queue.Plan }
	err := r.ask(ctx, http.MethodPost, "/api/v1/queue/replay", map[string]any{"user": r.client.user, "area": area, "from": from}, &a)
	return a.Plans, err
}

// StopReplay implements queueSide.
func (r *runningQueue) StopReplay(ctx context.Context, area string) error {
	var a struct{}
	return r.ask(ctx, http.MethodPost, "/api/v1/queue/replay", map[string]any{"user": r.client.user, "area": area, "stop": true}, &a)
}

// Export implements queueSide.
func (r *runningQueue) Export(ctx context.Context, e queue.Export, to io.Writer) (sum queue.Exported, err error) {
	unwritten := ""
	if e.Unwritten {
		unwritten = "true"
	}
	path := "/api/v1/queue/export" + values("area", e.Area, "from", e.From.String(), "to", e.To.String(), "unwritten", unwritten, "format", e.Format)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(r.client.url, "/")+path, nil)
	if err != nil {
		return sum, fmt.Errorf("--url: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+cmp.Or(r.client.token, os.Getenv("ANDON_TOKEN")))
	resp, err := cmp.Or(r.client.http, http.DefaultClient).Do(req)
	if err != nil {
		return sum, r.explain(fmt.Errorf("ask andon: %w", err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return sum, refusal(resp)
	}
	_, err = io.Copy(to, resp.Body)
	if errors.Is(err, io.ErrUnexpectedEOF) || err == nil && json.Unmarshal([]byte(resp.Trailer.Get("Andon-Exported")), &sum) != nil {
		return sum, errors.New("the export is cut off: andon stopped, or could not go on; its log says why")
	}
	if err != nil {
		return sum, fmt.Errorf("read export: %w", err)
	}
	return sum, nil
}

// refusal reads why andon did not do something.
func refusal(resp *http.Response) error {
	var p struct {
		Error struct{ Code, Message string }
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err == nil && json.Unmarshal(answer, &p) == nil && p.Error.Message != "" {
		return errors.New(p.Error.Message)
	}
	return fmt.Errorf("andon answered %s", resp.Status)
}

// values makes a query of names and values, without the empty ones.
func values(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}
