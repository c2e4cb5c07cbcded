// Package truth writes down what the plant told: one JSON line for each
// change, and a summary. The lines are recordings that andon can replay and
// the measure of whether a collector got everything.
package truth

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"andon/cmd/plantsim/internal/sim"
	"andon/plant"
)

// A line is one sample as recordings hold it.
type line struct {
	Tag    string        `json:"tag"`
	Time   plant.Instant `json:"ts"`
	Value  plant.Value   `json:"value"`
	Status string        `json:"status,omitempty"` // absent when good
}

// A Writer writes events as lines. It is not safe for concurrent use.
type Writer struct {
	out     *bufio.Writer
	enc     *json.Encoder
	summary Summary
	tags    map[string]int // place in summary.Tags
}

// NewWriter returns a Writer to w. Nothing is closed by it.
func NewWriter(w io.Writer) *Writer {
	out := bufio.NewWriter(w)
	return &Writer{out: out, enc: json.NewEncoder(out), tags: map[string]int{}}
}

// Add writes the samples of one event that happened at the given time and
// hands them on to the operating system.
func (w *Writer) Add(at time.Time, samples []sim.Sample) error {
	for _, s := range samples {
		l := line{Tag: s.Signal.Path, Time: plant.At(at), Value: s.Value}
		if s.Status != plant.Good {
			l.Status = s.Status.String()
		}
		if err := w.enc.Encode(l); err != nil {
			return fmt.Errorf("write %s: %w", s.Signal.Path, err)
		}
		w.count(l)
	}
	if len(samples) == 0 {
		return nil
	}
	if err := w.out.Flush(); err != nil {
		return fmt.Errorf("write samples: %w", err)
	}
	return nil
}

func (w *Writer) count(l line) {
	i, ok := w.tags[l.Tag]
	if !ok {
		i = len(w.summary.Tags)
		w.tags[l.Tag] = i
		w.summary.Tags = append(w.summary.Tags, TagSummary{Tag: l.Tag})
	}
	t := &w.summary.Tags[i]
	t.Lines++
	t.Last = l
	if w.summary.Lines == 0 {
		w.summary.First = l.Time
	}
	w.summary.Lines++
	w.summary.Last = l.Time
}

// A Summary says what a Writer has written.
type Summary struct {
	Scenario string        `json:"scenario"`
	Lines    int           `json:"lines"`
	First    plant.Instant `json:"first"`
	Last     plant.Instant `json:"last"`
	Tags     []TagSummary  `json:"tags"`
}

// A TagSummary says how often one tag was told and what it was last.
type TagSummary struct {
	Tag   string `json:"tag"`
	Lines int    `json:"lines"`
	Last  line   `json:"last"`
}

// Summary returns what was written so far.
func (w *Writer) Summary(scenario string) Summary {
	s := w.summary
	s.Scenario = scenario
	return s
}
