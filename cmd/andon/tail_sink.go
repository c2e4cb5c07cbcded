package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"andon/collector"
	"andon/plant"
)

// A tailSink prints samples. Sources may put from several goroutines.
type tailSink struct {
	json   bool
	wanted string // pattern of tags
	enough func() // ends the source

	mu   sync.Mutex // guards all below
	out  io.Writer
	left int // values to print, 0 for no end
	came int
	err  error
	full bool
}

var _ collector.Sink = (*tailSink)(nil)

// Put prints the samples of batch that are wanted. It fails when they cannot be
// written, as when a pipe is closed.
func (s *tailSink) Put(_ context.Context, batch plant.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b bytes.Buffer
	for _, sample := range batch.Samples {
		if s.full || !tailMatch(s.wanted, sample.Tag) {
			continue
		}
		if s.json {
			jsonLine(&b, sample)
		} else {
			textLine(&b, sample)
		}
		if s.came++; s.came == s.left {
			s.full = true
		}
	}
	if b.Len() > 0 && s.err == nil {
		_, s.err = s.out.Write(b.Bytes())
	}
	if s.full || s.err != nil {
		s.enough()
	}
	return s.err
}

// taken returns how many values were printed.
func (s *tailSink) taken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.came
}

// failure returns why values could not be printed.
func (s *tailSink) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// textLine writes time, status, tag and value in columns.
func textLine(b *bytes.Buffer, s plant.Sample) {
	value := printable(s.Value.String())
	if s.Value.Kind() == plant.KindNone {
		value = "-"
	}
	fmt.Fprintf(b, "%s  %-9s  %s  %s\n", s.Time.Time().UTC().Format("2006-01-02T15:04:05.000Z"), s.Status, s.Tag.Path, value)
}

// A tailLine is a sample in JSON.
type tailLine struct {
	Time   time.Time   `json:"time"` // of the source, UTC
	Tag    string      `json:"tag"`
	Status string      `json:"status"`
	Code   uint32      `json:"code"` // of the status
	Value  plant.Value `json:"value"`
	Unit   string      `json:"unit,omitempty"`
}

func jsonLine(b *bytes.Buffer, s plant.Sample) {
	line := tailLine{Time: s.Time.Time().UTC(), Tag: s.Tag.Path, Status: s.Status.String(), Code: uint32(s.Status), Value: s.Value, Unit: s.Tag.Unit}
	// A value writes itself, and what JSON has no form for as null.
	if text, err := json.Marshal(line); err == nil {
		b.Write(append(text, '\n'))
	}
}
