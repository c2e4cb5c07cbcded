// Package queue tells what of the stream InfluxDB has and what it lacks, gives
// any of it out, and has it written again. It is the same for an andon that
// runs and for a stopped one, whose stream bus.Look opens.
package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"andon/bus"
	"andon/influx"
	"andon/plant"
)

// ErrUnknownArea says that the plant has no such area.
var ErrUnknownArea = errors.New("no such area")

// Options are what a Queue is made of. Of a stopped andon Parts is empty.
type Options struct {
	Bus  *bus.Bus
	Tree *plant.Tree
	// EngineAt returns the position up to which the engine took the stream; facts
	// of the last seconds of a large area follow. nil when nobody knows.
	EngineAt func(ctx context.Context, area *plant.Area) (uint64, error)
	Letters  influx.DeadLetterConfig
	Parts    []Part           // one an area, of a running andon
	Now      func() time.Time // wall clock; time.Now when nil
}

// A Part is what runs for one area.
type Part struct {
	Area     string // its name
	Writer   *influx.Writer
	Rewriter *influx.Rewriter
}

// A Queue is the stream as InfluxDB's queue. It is safe for concurrent use.
type Queue struct{ o Options }

// New returns a Queue.
func New(o Options) *Queue {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Queue{o}
}

// areas returns the area of a name or path, all when it is "".
func (q *Queue) areas(name string) ([]*plant.Area, error) {
	if name == "" {
		return q.o.Tree.Areas, nil
	}
	var known []string
	for _, a := range q.o.Tree.Areas {
		if a.Path == name || a.Name == name {
			return []*plant.Area{a}, nil
		}
		known = append(known, a.Name)
	}
	return nil, fmt.Errorf("%w %q; the plant has %s", ErrUnknownArea, name, strings.Join(known, ", "))
}

// part returns what runs for an area; it is false for a stopped andon.
func (q *Queue) part(a *plant.Area) (Part, bool) {
	for _, p := range q.o.Parts {
		if p.Area == a.Name {
			return p, true
		}
	}
	return Part{}, false
}

// written returns the position up to which InfluxDB has the area's stream.
func (q *Queue) written(ctx context.Context, a *plant.Area) (uint64, error) {
	if p, ok := q.part(a); ok {
		if at := p.Writer.Lag().Position; at > 0 {
			return at, nil
		}
	}
	return q.o.Bus.LoadPosition(ctx, influx.PositionName(a.Name))
}

// A Moment is a time in JSON: RFC 3339, or null when there is none.
type Moment plant.Instant

// MarshalJSON writes the time or null.
func (m Moment) MarshalJSON() ([]byte, error) {
	if m == 0 {
		return []byte("null"), nil
	}
	return []byte(`"` + plant.Instant(m).String() + `"`), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Moment) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*m = 0
		return nil
	}
	return (*plant.Instant)(m).UnmarshalText([]byte(strings.Trim(string(b), `"`)))
}
