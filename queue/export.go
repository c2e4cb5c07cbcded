package queue

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"andon/bus"
	"andon/influx"
	"andon/plant"
)

// The formats of an export.
const (
	FormatNDJSON = "ndjson"        // a recording, as andon replay reads it: samples in order of time
	FormatLines  = "line-protocol" // what InfluxDB is given: samples and derived points
)

// An Export says what of the stream to give out.
type Export struct {
	Area string // name or path, "" for all
	// From and To bound the stream time; 0 for from the first and to the last
	// message that there is when the export begins.
	From, To plant.Instant
	// Unwritten gives out what InfluxDB lacks, instead of From.
	Unwritten bool
	Format    string
}

// ErrBadExport says that an Export makes no sense.
var ErrBadExport = errors.New("bad export")

// Validate returns what is wrong with e, an error that wraps ErrBadExport.
func (e Export) Validate() error {
	switch {
	case e.Format != FormatNDJSON && e.Format != FormatLines:
		return fmt.Errorf("%w: format: want %s or %s", ErrBadExport, FormatNDJSON, FormatLines)
	case e.Unwritten && e.From != 0:
		return fmt.Errorf("%w: want either unwritten or from", ErrBadExport)
	case e.To != 0 && e.From >= e.To:
		return fmt.Errorf("%w: to: want a time after from", ErrBadExport)
	}
	return nil
}

// Exported is what was given out.
type Exported struct {
	Messages uint64 `json:"messages"`
	Samples  uint64 `json:"samples"`
	// Missed is how many messages retention removed before they were given
	// out.
	Missed uint64 `json:"missed_messages"`
}

// Export writes messages of the stream. It holds a bounded part of them in
// memory, whatever the span. An error may come after some of it was written.
func (q *Queue) Export(ctx context.Context, e Export, to io.Writer) (Exported, error) {
	if err := e.Validate(); err != nil {
		return Exported{}, err
	}
	areas, err := q.areas(e.Area)
	if err != nil {
		return Exported{}, err
	}
	x := &export{out: bufio.NewWriterSize(to, 64<<10)}
	x.give = x.record
	if e.Format == FormatLines {
		lines := influx.NewLines(q.o.Tree)
		x.give = func(m *plant.Message) error { return x.lines(lines, m) }
	}
	for _, a := range areas {
		c, err := q.cursor(ctx, a, e)
		if err != nil {
			return x.sum, err
		}
		if c != nil {
			defer c.in.Close()
			x.cursors = append(x.cursors, c)
		}
	}
	if err := x.run(ctx); err != nil {
		return x.sum, err
	}
	for x.held.Len() > 0 {
		if err := x.release(); err != nil {
			return x.sum, err
		}
	}
	return x.sum, x.out.Flush()
}

// A cursor reads the messages of one area up to one position.
type cursor struct {
	in      *bus.Reader
	area    string
	last    uint64
	waiting []plant.Message
}

// cursor returns a cursor over what e means of an area, nil for nothing.
func (q *Queue) cursor(ctx context.Context, a *plant.Area, e Export) (*cursor, error) {
	info, err := q.o.Bus.Info(ctx, a)
	if err != nil || info.Messages == 0 {
		return nil, err
	}
	first, last := info.First, info.Last
	if e.Unwritten {
		done, err := q.written(ctx, a)
		if err != nil {
			return nil, err
		}
		if done <= info.Last {
			first = max(first, done+1)
		}
	} else if first, err = q.o.Bus.PositionAt(ctx, a, e.From); err != nil {
		return nil, err
	}
	if e.To != 0 {
		end, err := q.o.Bus.PositionAt(ctx, a, e.To)
		if err != nil {
			return nil, err
		}
		last = end - 1
	}
	if first > last {
		return nil, nil
	}
	in, err := q.o.Bus.Reader(ctx, a, first-1)
	if err != nil {
		return nil, err
	}
	return &cursor{in: in, area: a.Path, last: last}, nil
}

const (
	fetchMessages = 64 // the reader bounds their samples
	fetchWait     = time.Second
	patience      = 30 // waits for a message that the stream must have
)

// fill makes sure that a message waits; it is false after the last.
func (c *cursor) fill(ctx context.Context) (bool, error) {
	for tries := 0; len(c.waiting) == 0; tries++ {
		if c.in.Position() >= c.last {
			return false, nil
		}
		if tries == patience {
			return false, fmt.Errorf("stream of %s gives nothing after position %d", c.area, c.in.Position())
		}
		var err error
		if c.waiting, err = c.in.Fetch(ctx, fetchMessages, fetchWait); err != nil {
			return false, fmt.Errorf("read stream of %s: %w", c.area, err)
		}
	}
	return c.waiting[0].Pos <= c.last, nil
}

// An export is one run of Export.
type export struct {
	out     *bufio.Writer
	cursors []*cursor
	give    func(*plant.Message) error
	held    heldSamples
	// heldBytes is how long the texts are that are held.
	heldBytes int
	count     uint64
	buf       []byte
	sum       Exported
}

// run gives out the messages of all cursors in order of stream time.
func (x *export) run(ctx context.Context) error {
	for {
		var next *cursor
		for _, c := range x.cursors {
			more, err := c.fill(ctx)
			if err != nil {
				return err
			}
			if more && (next == nil || c.waiting[0].Time < next.waiting[0].Time) {
				next = c
			}
		}
		if next == nil {
			for _, c := range x.cursors {
				x.sum.Missed += c.in.Skipped()
			}
			return nil
		}
		if err := x.give(&next.waiting[0]); err != nil {
			return err
		}
		x.sum.Messages++
		next.waiting = next.waiting[1:]
	}
}

// lines gives out line protocol.
func (x *export) lines(l *influx.Lines, m *plant.Message) error {
	x.buf = l.Append(x.buf[:0], m)
	x.sum.Samples += uint64(len(m.Samples))
	_, err := x.out.Write(x.buf)
	return err
}

// A recorded is a line of a recording.
type recorded struct {
	Tag        string        `json:"tag"`
	Time       plant.Instant `json:"ts"`
	Value      plant.Value   `json:"value"`
	Status     string        `json:"status,omitempty"`
	Backfilled bool          `json:"backfilled,omitempty"` // read from a server's history
}

// A recordedGap is a line that says what a source has not got.
type recordedGap struct {
	Gap struct {
		Area   string         `json:"area"`
		Source string         `json:"source"`
		From   plant.Instant  `json:"from"`
		To     plant.Instant  `json:"to"`
		Cause  plant.GapCause `json:"cause"`
		Tags   int            `json:"tags"`
	} `json:"gap"`
}

func (x *export) writeGap(g *plant.Gap) error {
	var line recordedGap
	l := &line.Gap
	l.Area, l.Source, l.From, l.To, l.Cause, l.Tags = g.Area, g.Source, g.From, g.To, g.Cause, g.Tags
	text, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("encode gap of %s: %w", g.Source, err)
	}
	_, err = x.out.Write(append(text, '\n'))
	return err
}

func (x *export) write(s *heldSample) error {
	line := recorded{Tag: s.Tag.Path, Time: s.Time, Value: s.Value, Backfilled: s.backfilled}
	if s.Status != 0 {
		line.Status = s.Status.String()
	}
	text, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("encode sample of %s: %w", s.Tag.Path, err)
	}
	x.sum.Samples++
	_, err = x.out.Write(append(text, '\n'))
	return err
}
