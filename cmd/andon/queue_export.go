package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"andon/queue"

	"github.com/spf13/cobra"
)

const exportHelp = `export writes samples of the stream, all there is or those of a time of the stream (when andon took
them), as a recording: NDJSON in order of time, one sample a line, which andon replay reads. A file
that ends in .gz is compressed. The file appears when it is complete; an export that fails leaves none.

--unwritten gives out what InfluxDB lacks, such as before the stream's disk is replaced.
--format line-protocol gives out exactly what InfluxDB is given, derived points included, to load it
elsewhere by hand: influx write, or curl to /api/v2/write.

A running andon lets two exports run at once. What retention removes meanwhile is told.`

const exportExample = `  andon queue export -c andon.yaml --from 2026-03-02T06:00:00Z --to 2026-03-02T14:00:00Z --out early.ndjson.gz
  andon queue export -c andon.yaml --unwritten --area packing --out missing.ndjson
  andon queue export -c andon.yaml --from 2h --format line-protocol --out lines.txt.gz
  andon replay -c andon.yaml --samples early.ndjson.gz --out report/`

func queueExport(q *queueCall) *cobra.Command {
	var from, to, file string
	e := queue.Export{}
	cmd := &cobra.Command{
		Use:     "export",
		Short:   "Write a part of the stream to a file",
		Long:    exportHelp,
		Example: exportExample,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			now := time.Now()
			e.Area = q.area
			if e.From, err = when("from", from, now); err != nil {
				return err
			}
			if e.To, err = when("to", to, now); err != nil {
				return err
			}
			switch {
			case e.Unwritten && from != "":
				return errors.New("want either --unwritten or --from")
			case e.To != 0 && e.From >= e.To:
				return errors.New("--to: want a time after --from")
			}
			side, err := q.open(cmd.Context())
			if err != nil {
				return err
			}
			defer side.Close()
			return exportTo(cmd.Context(), side, e, exportFile{name: file, stdout: cmd.OutOrStdout(), told: cmd.ErrOrStderr()})
		},
	}
	f := cmd.Flags()
	f.StringVar(&from, "from", "", "from this time on: RFC 3339, or how long ago, such as 2h (default: all there is)")
	f.StringVar(&to, "to", "", "before this time (default: up to now)")
	f.BoolVar(&e.Unwritten, "unwritten", false, "what InfluxDB lacks")
	f.StringVar(&file, "out", "-", "file to write, compressed when it ends in .gz; - for standard output")
	f.StringVar(&e.Format, "format", queue.FormatNDJSON, "ndjson or line-protocol")
	words(cmd, "format", queue.FormatNDJSON, queue.FormatLines)
	return cmd
}

// An exportFile is where an export goes.
type exportFile struct {
	name         string
	stdout, told io.Writer
}

// exportTo writes an export and tells what it was.
func exportTo(ctx context.Context, side queueSide, e queue.Export, to exportFile) error {
	out, done, err := to.open()
	if err != nil {
		return err
	}
	progress := &progressWriter{out: out, told: to.told, last: time.Now()}
	sum, err := side.Export(ctx, e, progress)
	if err := done(err == nil); err != nil {
		return err
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(to.told, "%d samples of %d messages exported\n", sum.Samples, sum.Messages)
	if sum.Missed > 0 {
		fmt.Fprintf(to.told, "retention removed %d messages before they could be exported\n", sum.Missed)
	}
	return nil
}

// open returns what to write to, and what to call when all or some is written.
func (x exportFile) open() (io.Writer, func(complete bool) error, error) {
	if x.name == "-" {
		return x.stdout, func(bool) error { return nil }, nil
	}
	part := x.name + ".part"
	f, err := os.Create(part)
	if err != nil {
		return nil, nil, fmt.Errorf("create export: %w", err)
	}
	var out io.Writer = f
	var z *gzip.Writer
	if strings.HasSuffix(x.name, ".gz") {
		z = gzip.NewWriter(f)
		out = z
	}
	return out, func(complete bool) error {
		var err error
		if z != nil {
			err = z.Close()
		}
		err = errors.Join(err, f.Sync(), f.Close())
		if err != nil || !complete {
			return errors.Join(err, os.Remove(part))
		}
		return os.Rename(part, x.name)
	}, nil
}

// progressEvery is how often a long export tells how far it is.
const progressEvery = 2 * time.Second

// A progressWriter tells now and then how much went through it.
type progressWriter struct {
	out, told    io.Writer
	lines, bytes uint64
	last         time.Time
}

// Write implements io.Writer.
func (p *progressWriter) Write(b []byte) (int, error) {
	n, err := p.out.Write(b)
	p.lines += uint64(bytes.Count(b[:n], []byte{'\n'}))
	p.bytes += uint64(n)
	if now := time.Now(); now.Sub(p.last) >= progressEvery {
		p.last = now
		fmt.Fprintf(p.told, "%d lines, %s\n", p.lines, size(p.bytes))
	}
	return n, err
}
