package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"andon/configs"
	"andon/influx"

	"github.com/spf13/cobra"
)

// A deadletterCall is what the flags of andon deadletter say.
type deadletterCall struct {
	config, area, reason, since string
}

func deadletterCommand() *cobra.Command {
	var d deadletterCall
	cmd := &cobra.Command{
		Use:   "deadletter",
		Short: "List the lines that InfluxDB refused, and write them again",
		Long: `deadletter works on the files of influx.dead_letter.dir, whether andon runs or not: both hold a lock
while they change them. It must be allowed to read and write them; as the user that andon runs as it is.`,
		Example: `  andon deadletter list -c /etc/andon/andon.yaml --since 24h
  andon deadletter retry -c andon.yaml --dry-run`,
		Args: cobra.NoArgs,
	}
	f := cmd.PersistentFlags()
	f.StringVarP(&d.config, "config", "c", "andon.yaml", "configuration file")
	f.StringVar(&d.area, "area", "", "only this area, by name or path (default: all)")
	f.StringVar(&d.reason, "reason", "", "only those whose reason contains this text")
	f.StringVar(&d.since, "since", "", "only those refused since a time: RFC 3339, or how long ago, such as 24h")
	if err := cmd.MarkPersistentFlagFilename("config", "yaml", "yml"); err != nil {
		panic(err) // the flag was declared above
	}
	if err := cmd.RegisterFlagCompletionFunc("area", completeAreas); err != nil {
		panic(err) // so was this
	}
	cmd.AddCommand(deadletterList(&d), deadletterRetry(&d))
	return cmd
}

// load returns where the letters are and the areas that are meant.
func (d *deadletterCall) load() (influx.Config, []string, error) {
	cfg, err := configs.Load(d.config)
	if err != nil {
		return influx.Config{}, nil, err
	}
	var all []string
	for _, a := range cfg.Plant.Areas {
		if d.area == a.Name || d.area == cfg.Plant.Site+"/"+a.Name {
			return cfg.Influx, []string{a.Name}, nil
		}
		all = append(all, a.Name)
	}
	if d.area != "" {
		return cfg.Influx, nil, fmt.Errorf("--area: no such area %q; the plant has %s", d.area, strings.Join(all, ", "))
	}
	return cfg.Influx, all, nil
}

// match returns what letters are meant.
func (d *deadletterCall) match(now time.Time) (func(influx.DeadLetter) bool, error) {
	since, err := when("since", d.since, now)
	return func(l influx.DeadLetter) bool {
		return (since == 0 || !l.Time.Before(since.Time())) && strings.Contains(strings.ToLower(l.Reason), strings.ToLower(d.reason))
	}, err
}

func deadletterList(d *deadletterCall) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List dead letters: when, where, why and the line",
		Long: `list shows the dead letters of all areas, from both files of each, the oldest first. Reasons and lines
are cut in the table; --json has one letter a line, whole. Lines of the files that are no dead letters
are counted; andon deadletter retry puts them into a file of their own.`,
		Example: `  andon deadletter list -c andon.yaml
  andon deadletter list -c andon.yaml --area packing --reason conflict --since 2026-03-02T06:00:00Z
  andon deadletter list -c andon.yaml --json | jq -r .line`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			match, err := d.match(time.Now())
			if err != nil {
				return err
			}
			cfg, areas, err := d.load()
			if err != nil {
				return err
			}
			l := &letterList{out: cmd.OutOrStdout(), match: match}
			if !asJSON {
				l.table = tabwriter.NewWriter(l.out, 0, 0, 2, ' ', 0)
			}
			return l.run(cfg, areas, cmd.ErrOrStderr())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line, whole")
	return cmd
}

// A letterList writes dead letters.
type letterList struct {
	out   io.Writer
	table *tabwriter.Writer // nil for JSON
	match func(influx.DeadLetter) bool
	count int
}

// tableRows bounds how many rows are aligned together.
const tableRows = 1000

func (l *letterList) run(cfg influx.Config, areas []string, told io.Writer) error {
	if l.table != nil {
		fmt.Fprintln(l.table, "TIME\tAREA\tREASON\tLINE")
	}
	var errs []error
	unreadable := 0
	for _, area := range areas {
		n, err := influx.EachDeadLetter(cfg.DeadLetter, area, l.write)
		unreadable += n
		errs = append(errs, err)
	}
	if l.table != nil {
		errs = append(errs, l.table.Flush())
		fmt.Fprintf(l.out, "%d dead letters\n", l.count)
	}
	if unreadable > 0 {
		fmt.Fprintf(told, "%d lines of the files are no dead letters; andon deadletter retry puts them aside\n", unreadable)
	}
	return errors.Join(errs...)
}

func (l *letterList) write(x influx.DeadLetter) error {
	if !l.match(x) {
		return nil
	}
	l.count++
	if l.table == nil {
		return json.NewEncoder(l.out).Encode(x)
	}
	if _, err := fmt.Fprintf(l.table, "%s\t%s\t%s\t%s\n", x.Time.UTC().Format(time.RFC3339), x.Area, cut(x.Reason, 60), cut(x.Line, 100)); err != nil {
		return err
	}
	if l.count%tableRows == 0 {
		return l.table.Flush()
	}
	return nil
}

// cut makes one short line of a text.
func cut(text string, most int) string {
	letters := []rune(strings.Join(strings.Fields(text), " "))
	if len(letters) <= most {
		return string(letters)
	}
	return string(slices.Concat(letters[:most-1], []rune("…")))
}
