package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"andon/plant"
	"andon/queue"

	"github.com/spf13/cobra"
)

func queueStat(q *queueCall) *cobra.Command {
	var asJSON, check bool
	cmd := &cobra.Command{
		Use:   "stat",
		Short: "Show how much the stream holds, and what InfluxDB and the engine have of it",
		Long: `stat shows for each area how many messages the stream holds and how full it is, how far its readers
are, how old the oldest sample is that they lack, and when retention reaches it at the rate of the last
ten minutes. Messages are those of the stream: telemetry of many samples each, ticks of the clock,
commands and derived points.

STATE of influx is ok, retrying (an outage; andon tries again by itself), held (a person must act) or
stopped (andon does not run).

The exit status is 0 when there was an answer. With --check it is 1 when somebody should look: InfluxDB
is retried or held, messages were removed unread, what InfluxDB lacks is removed within a day, or dead
letters wait.`,
		Example: `  andon queue stat -c /etc/andon/andon.yaml
  andon queue stat -c andon.yaml --area packing --json | jq '.areas[0].readers'
  andon queue stat --url https://andon.plant.example:8080 --check >/dev/null || echo look at InfluxDB`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			side, err := q.open(cmd.Context())
			if err != nil {
				return err
			}
			defer side.Close()
			s, err := side.Stat(cmd.Context(), q.area)
			if err != nil {
				return err
			}
			if err := writeStat(cmd.OutOrStdout(), s, asJSON); err != nil {
				return err
			}
			if check && needsLook(s) {
				return errQuiet
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON, as GET /api/v1/queue answers")
	cmd.Flags().BoolVar(&check, "check", false, "status 1 when somebody should look")
	return cmd
}

// lostSoon is how long before retention reaches what InfluxDB lacks somebody
// should look: a day leaves time to act on a Sunday.
const lostSoon = 24 * time.Hour

func needsLook(s queue.Stat) bool {
	for _, a := range s.Areas {
		if a.DeadLetters > 0 {
			return true
		}
		for _, r := range a.Readers {
			soon := r.LostAt != 0 && plant.Instant(r.LostAt).Sub(plant.Instant(s.Now)) < lostSoon
			if r.Missed > 0 || r.State == "retrying" || r.State == "held" || r.Name == "influx" && soon {
				return true
			}
		}
	}
	return false
}

func writeStat(out io.Writer, s queue.Stat, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(s)
	}
	for i, a := range s.Areas {
		if i > 0 {
			fmt.Fprintln(out)
		}
		if err := writeArea(out, s, a); err != nil {
			return err
		}
	}
	return nil
}

func writeArea(out io.Writer, s queue.Stat, a queue.Area) error {
	fmt.Fprintf(out, "%s: %d messages, %s of %s (%.1f %%)", a.Area, a.Messages, size(a.Bytes), size(uint64(max(a.MaxBytes, 0))), 100*a.BytesRatio)
	if a.BytesPerSecond > 0 {
		fmt.Fprintf(out, ", %s/s", size(uint64(a.BytesPerSecond)))
	}
	fmt.Fprintln(out)
	if a.Messages > 0 {
		fmt.Fprintf(out, "positions %d to %d, %s to %s (%.1f %% of max_age)\n", a.First, a.Last, clock(a.FirstTime), clock(a.LastTime), 100*a.AgeRatio)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "READER\tPOSITION\tBEHIND\tLACKS SINCE\tAGE\tLOST FROM\tREMOVED UNREAD\tSTATE")
	for _, r := range a.Readers {
		age, lost := "-", "-"
		if r.Oldest != 0 {
			age = rounded(r.LagSeconds)
			lost = fmt.Sprintf("%s (%s)", clock(r.LostAt), r.LostBy)
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\t%s\t%d\t%s\n", r.Name, r.Position, r.LagMessages, clock(r.Oldest), age, lost, r.Missed, r.State)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, r := range a.Readers {
		if r.Why != "" {
			fmt.Fprintf(out, "%s since %s: %s\n", r.Name, clock(r.Since), r.Why)
		}
	}
	if a.Rewrite != nil {
		fmt.Fprintln(out, rewriteText(*a.Rewrite))
	}
	if a.DeadLetters > 0 {
		fmt.Fprintf(out, "%d dead letters: see andon deadletter list\n", a.DeadLetters)
	}
	return nil
}

// rewriteText says how far writing again is.
func rewriteText(r queue.Rewrite) string {
	text := fmt.Sprintf("writing again from position %d: at %d, %d messages left, %s", r.From, r.Position, r.Left, r.State)
	switch {
	case r.State == "stopped":
		text = fmt.Sprintf("the next start of andon writes again from position %d: %d messages", r.From, r.Left)
	case r.State == "waiting":
		text += " for new data, which goes first"
	case r.LeftSeconds > 0:
		text += ", about " + rounded(r.LeftSeconds) + " more"
	}
	if r.Why != "" {
		text += ": " + r.Why
	}
	return text
}

func clock(m queue.Moment) string {
	if m == 0 {
		return "-"
	}
	return plant.Instant(m).Time().Format("2006-01-02T15:04:05Z")
}

// rounded writes seconds to about two places.
func rounded(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d < time.Minute:
		return d.Round(100 * time.Millisecond).String()
	case d < time.Hour:
		return d.Round(time.Second).String()
	}
	return d.Round(time.Minute).String()
}

// size writes a number of bytes.
func size(n uint64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	f, i := float64(n)/unit, 0
	for f >= unit && i < 3 {
		f, i = f/unit, i+1
	}
	return fmt.Sprintf("%.1f %ciB", f, "KMGT"[i])
}
