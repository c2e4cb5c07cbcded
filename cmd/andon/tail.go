package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"andon/collector"
	"andon/collector/mqtt"
	"andon/collector/opcua"
	"andon/configs"
	"andon/plant"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"
)

// A tailCall is what the flags of andon tail say.
type tailCall struct {
	config string
	json   bool
	count  int
	span   time.Duration
}

func tailCommand() *cobra.Command {
	var t tailCall
	cmd := &cobra.Command{
		Use:   "tail SOURCE [PATTERN]",
		Short: "Show the values of a source as they come",
		Long: `tail prints each value that a configured source gets, one a line: time, status, tag, value. It asks the
server or the broker itself, in a session and with a subscription of its own that end with it: the daemon
may run meanwhile and loses nothing by it. Nothing is stored.

PATTERN selects tags by their path, with * and ? within a name and ** at the end for the rest; a pattern
without / is one of the tag's name. Polled tags come at their interval. A broker sends retained messages
first, and of shared subscriptions ($share/…) tail takes a copy instead of a share.`,
		Example: `  andon tail -c andon.yaml packing                                # everything
  andon tail -c andon.yaml packing 'northfield/packing/lineA/A1/**'
  andon tail -c andon.yaml packing state --json | jq .value
  andon tail -c andon.yaml packing --count 1 && echo "the source has values"`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error { return t.run(cmd, args) },
	}
	configFlag(cmd, &t.config)
	f := cmd.Flags()
	f.BoolVar(&t.json, "json", false, "one JSON object a line")
	f.IntVarP(&t.count, "count", "n", 0, "end after so many values (default: go on until Ctrl-C)")
	f.DurationVar(&t.span, "for", 0, "end after so long (default: go on until Ctrl-C)")
	cmd.ValidArgsFunction = completeSources(&t.config, func(configs.Source) bool { return true })
	return cmd
}

// errNoValue says that --for passed without what was waited for.
var errNoValue = errors.New("no value came in that time")

func (t *tailCall) run(cmd *cobra.Command, args []string) error {
	cfg, err := configs.Load(t.config)
	if err != nil {
		return err
	}
	src, err := sourceNamed(cfg, args[0])
	if err != nil {
		return err
	}
	tree, err := plant.NewTree(cfg.Plant)
	if err != nil {
		return err
	}
	wanted := "**"
	if len(args) == 2 {
		wanted = args[1]
	}
	if !plant.IsPattern(wanted) {
		return fmt.Errorf("pattern %q: want one of tag paths, such as northfield/packing/**, or of a tag's name", wanted)
	}
	reader, err := tailSource(cfg, src, tailTree{tree, wanted}, newLog(configs.Log{Level: "warn", Format: "text"}, cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	if t.span > 0 {
		ctx, cancel = context.WithTimeout(ctx, t.span)
		defer cancel()
	}
	sink := &tailSink{out: cmd.OutOrStdout(), json: t.json, left: t.count, wanted: wanted, enough: cancel}
	err = cmp.Or(reader.Run(ctx, sink, &collector.Status{}), sink.failure())
	if err == nil && cmd.Context().Err() == nil && t.short(sink.taken()) {
		return errNoValue
	}
	return err
}

// short reports whether fewer values came than were asked for.
func (t *tailCall) short(came int) bool {
	return came < t.count || t.span > 0 && came == 0
}

// A tailTree is the plant and the pattern of the tags to show.
type tailTree struct {
	*plant.Tree
	wanted string
}

// tailMatch reports whether a pattern of a tag's path, or without / of its
// name, matches.
func tailMatch(pattern string, tag *plant.Tag) bool {
	if pattern == "**" {
		return true
	}
	if !strings.Contains(pattern, "/") {
		return plant.Match(pattern, tag.Name)
	}
	return plant.Match(pattern, tag.Path)
}

// tailSource makes a source that reads what src does and leaves no trace.
func tailSource(cfg *configs.Config, src configs.Source, t tailTree, log *slog.Logger) (collector.Source, error) {
	if src.MQTT != nil {
		return mqtt.New(mqtt.Options{Config: tailBroker(*src.MQTT), Name: src.Name, Tree: t.Tree, Log: log})
	}
	tags := slices.DeleteFunc(configs.TagsOf(t.Tree, src.Name), func(tag *plant.Tag) bool { return !tailMatch(t.wanted, tag) })
	if len(tags) == 0 {
		return nil, fmt.Errorf("source %s: no tag of it matches %q", src.Name, t.wanted)
	}
	c := *src.OPCUA
	c.KeepFor = 0 // the end deletes the subscription
	c.Events, c.Discover, c.History.Backfill = nil, nil, false
	return opcua.New(opcua.Options{Config: c, Name: src.Name, Tags: tags, Log: log, Metrics: opcua.NewMetrics(prometheus.NewRegistry()),
		StateDir: filepath.Join(string(cfg.DataDir), "pki")})
}

// tailBroker returns how to read a broker without getting in the way of the
// daemon: under another name, with a session that is forgotten.
func tailBroker(c mqtt.Config) mqtt.Config {
	c.ClientID = fmt.Sprintf("andon-tail-%d-%d", os.Getpid(), time.Now().UnixNano())
	c.CleanSession = true
	c.Subscriptions = slices.Clone(c.Subscriptions)
	for i, s := range c.Subscriptions {
		if rest, ok := strings.CutPrefix(s.Topic, "$share/"); ok {
			_, c.Subscriptions[i].Topic, _ = strings.Cut(rest, "/")
		}
	}
	return c
}
