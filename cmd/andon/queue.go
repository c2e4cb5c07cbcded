package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"andon/bus"
	"andon/configs"
	"andon/plant"
	"andon/plant/setting"
	"andon/queue"
	"andon/store"

	"github.com/spf13/cobra"
)

// A queueCall is what the flags of andon queue say.
type queueCall struct {
	config, url, token, user string
	area                     string
}

func queueCommand() *cobra.Command {
	var q queueCall
	cmd := &cobra.Command{
		Use:   "queue",
		Short: "Show, export and write again what is in the stream",
		Long: `queue tells what InfluxDB has and lacks of the stream, gives any of it out as a file, and has it
written to InfluxDB again.

It asks the andon that runs with the configuration, at its web.listen, and reads the stream itself when
none runs: that changes nothing, removes nothing, and lets andon start meanwhile. With --url it asks an
andon elsewhere. Exports and replays need the token of the web configuration; the configuration gives
it, or --token, or better the environment variable ANDON_TOKEN, which others on the machine cannot see.`,
		Example: `  andon queue stat -c /etc/andon/andon.yaml
  andon queue export -c andon.yaml --unwritten --out missing.ndjson.gz
  andon queue replay -c andon.yaml --from 2026-03-02T06:00:00Z --dry-run`,
		Args: cobra.NoArgs,
	}
	f := cmd.PersistentFlags()
	f.StringVarP(&q.config, "config", "c", "andon.yaml", "configuration file")
	f.StringVar(&q.url, "url", "", "address of a running andon to ask, instead of a configuration")
	f.StringVar(&q.token, "token", "", "token of the web configuration; ANDON_TOKEN when left out")
	f.StringVar(&q.user, "user", cmp.Or(os.Getenv("USER"), "shell"), "in whose name")
	f.StringVar(&q.area, "area", "", "only this area, by name or path (default: all)")
	cmd.MarkFlagsMutuallyExclusive("config", "url")
	if err := cmd.MarkPersistentFlagFilename("config", "yaml", "yml"); err != nil {
		panic(err) // the flag was declared above
	}
	if err := cmd.RegisterFlagCompletionFunc("area", completeAreas); err != nil {
		panic(err) // so was this
	}
	cmd.AddCommand(queueStat(&q), queueExport(&q), queueReplay(&q))
	return cmd
}

// completeAreas completes names of areas of the configuration.
func completeAreas(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	file, err := cmd.Flags().GetString("config")
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	cfg, err := configs.Load(file)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, a := range cfg.Plant.Areas {
		names = append(names, a.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// A queueSide answers for a running andon or for a stopped one.
type queueSide interface {
	Stat(ctx context.Context, area string) (queue.Stat, error)
	Export(ctx context.Context, e queue.Export, to io.Writer) (queue.Exported, error)
	Plan(ctx context.Context, area string, from plant.Instant) ([]queue.Plan, error)
	Replay(ctx context.Context, area string, from plant.Instant) ([]queue.Plan, error)
	StopReplay(ctx context.Context, area string) error
	// Close frees what answering took.
	Close() error
}

var (
	_ queueSide = (*stoppedQueue)(nil)
	_ queueSide = (*runningQueue)(nil)
)

// open returns who answers.
func (q *queueCall) open(ctx context.Context) (queueSide, error) {
	if q.url != "" {
		return &runningQueue{client: client{url: q.url, token: q.token, user: q.user}, hint: "is andon running there?"}, nil
	}
	cfg, err := configs.Load(q.config)
	if err != nil {
		return nil, err
	}
	if cfg.Bus.URL != "" { // whoever runs has no lock on a stream that is elsewhere
		running, err := q.running(cfg)
		if err != nil {
			return nil, err
		}
		if running.answers(ctx) {
			return running, nil
		}
	}
	stopped, err := openStopped(ctx, cfg)
	if errors.Is(err, bus.ErrInUse) {
		return q.running(cfg)
	}
	return stopped, err
}

// running returns how to ask the andon of a configuration.
func (q *queueCall) running(cfg *configs.Config) (*runningQueue, error) {
	token, err := setting.Read(cfg.Web.Token, cfg.Web.TokenFile)
	if err != nil {
		return nil, err
	}
	http, address, err := healthQuestion{file: q.config}.where()
	if err != nil {
		return nil, err
	}
	c := client{url: address, token: q.token, user: q.user, http: http}
	if c.token == "" && os.Getenv("ANDON_TOKEN") == "" {
		c.token = token.Reveal()
	}
	return &runningQueue{client: c, hint: "andon runs on this stream; does web.listen of this configuration name it?"}, nil
}

// A stoppedQueue reads the stream of an andon that does not run.
type stoppedQueue struct {
	*queue.Queue
	cfg     *configs.Config
	tree    *plant.Tree
	bus     *bus.Bus
	records *store.Store // nil when there are none
}

func openStopped(ctx context.Context, cfg *configs.Config) (*stoppedQueue, error) {
	tree, err := plant.NewTree(cfg.Plant)
	if err != nil {
		return nil, err
	}
	s := &stoppedQueue{cfg: cfg, tree: tree}
	if s.bus, err = bus.Look(ctx, bus.Options{Config: cfg.Bus, Tree: tree}); err != nil {
		return nil, err
	}
	o := queue.Options{Bus: s.bus, Tree: tree, Letters: cfg.Influx.DeadLetter}
	if _, err := os.Stat(string(cfg.Store.Path)); err == nil {
		if s.records, err = store.OpenReadOnly(ctx, string(cfg.Store.Path)); err != nil {
			return nil, errors.Join(err, s.Close())
		}
		o.EngineAt = engineAt(s.records)
	}
	s.Queue = queue.New(o)
	return s, nil
}

// Replay keeps where the next start of andon writes again.
func (s *stoppedQueue) Replay(ctx context.Context, area string, from plant.Instant) (plans []queue.Plan, err error) {
	err = s.write(ctx, func(q *queue.Queue) error {
		plans, err = q.Replay(ctx, area, from)
		return err
	})
	return plans, err
}

// StopReplay forgets it.
func (s *stoppedQueue) StopReplay(ctx context.Context, area string) error {
	return s.write(ctx, func(q *queue.Queue) error { return q.StopReplay(ctx, area) })
}

// write does something on the stream itself, as andon would.
func (s *stoppedQueue) write(ctx context.Context, do func(*queue.Queue) error) error {
	b, err := bus.Open(ctx, bus.Options{Config: s.cfg.Bus, Tree: s.tree})
	if err != nil {
		return err
	}
	err = do(queue.New(queue.Options{Bus: b, Tree: s.tree, Letters: s.cfg.Influx.DeadLetter}))
	return errors.Join(err, closeWithin(b.Close))
}

// Close implements queueSide.
func (s *stoppedQueue) Close() error {
	err := closeWithin(s.bus.Close)
	if s.records != nil {
		err = errors.Join(err, s.records.Close())
	}
	return err
}

func closeWithin(do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return do(ctx)
}

// answers reports whether a running andon answers.
func (r *runningQueue) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	var any struct{}
	return r.client.ask(ctx, http.MethodGet, "/api/v1/queue", nil, &any) == nil
}

// when reads a time of the command line: RFC 3339, or a time ago such as 2h.
func when(flag, text string, now time.Time) (plant.Instant, error) {
	if text == "" {
		return 0, nil
	}
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return plant.At(now.Add(-d)), nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return 0, fmt.Errorf("--%s: want a time such as 2026-03-02T08:20:00Z, or how long ago, such as 2h, not %q", flag, text)
	}
	return plant.At(t), nil
}
