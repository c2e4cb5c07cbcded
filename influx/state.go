package influx

import (
	"context"
	"fmt"
	"sync"
	"time"

	"andon/plant"
)

// A Lag is how far a Writer is behind its stream.
type Lag struct {
	Position uint64        // the last message that is in InfluxDB
	Messages uint64        // after Position, when Known
	Known    bool          // whether the end of the stream is known
	Oldest   plant.Instant // stream time of the oldest message that waits for InfluxDB, 0 when none does
}

// A state is what others may ask of a running Writer.
type state struct {
	mu    sync.Mutex // guards all below
	lag   Lag
	last  uint64 // of the stream, when known
	fault verdict
	since time.Time
	// standing has the fields that fault does not tell.
	standing Standing
}

// Healthy returns nil while InfluxDB takes the data, and what is wrong while
// it does not: an outage, or a refusal that a person must see to.
func (w *Writer) Healthy() error {
	s := &w.state
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault.action == 0 {
		return nil
	}
	what := "trying again"
	if s.fault.action == actionHold {
		what = "held until somebody acts"
	}
	return fmt.Errorf("influxdb does not take data of area %s since %s, %s: %s",
		w.options.Area, s.since.UTC().Format(time.RFC3339), what, s.fault.text)
}

// A Trouble is why InfluxDB does not take data.
type Trouble struct {
	Since time.Time // wall clock
	Held  bool      // a person must act; else it is tried again by itself
	Text  string
}

// Trouble returns why InfluxDB does not take data; it is false while it does.
func (w *Writer) Trouble() (Trouble, bool) {
	s := &w.state
	s.mu.Lock()
	defer s.mu.Unlock()
	return Trouble{s.since, s.fault.action == actionHold, s.fault.text}, s.fault.action != 0
}

// Lag returns how far the writer is behind.
func (w *Writer) Lag() Lag {
	s := &w.state
	s.mu.Lock()
	defer s.mu.Unlock()
	lag := s.lag
	if lag.Known && s.last > lag.Position {
		lag.Messages = s.last - lag.Position
	}
	return lag
}

func (s *state) moved(pos uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lag.Position, s.lag.Oldest = pos, 0
}

func (s *state) waiting(since plant.Instant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lag.Oldest = since
}

// trouble notes why InfluxDB does not take data. The first time and when the
// reason changes it is logged.
func (w *Writer) trouble(v verdict) {
	w.metrics.retries.WithLabelValues(w.options.Area, v.reason).Inc()
	held := 0.0
	if v.action == actionHold {
		held = 1
	}
	w.gauge(w.metrics.held, held)
	s := &w.state
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault.action == 0 {
		s.since = time.Now()
	}
	if s.fault.reason != v.reason || s.fault.action != v.action {
		w.log.Warn("influxdb does not take data; it is kept in the stream", "reason", v.reason, "err", v.text)
	}
	s.fault = v
}

// recovered notes that InfluxDB answers as it should.
func (w *Writer) recovered() {
	s := &w.state
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault.action == 0 {
		return
	}
	w.gauge(w.metrics.held, 0)
	w.log.Info("influxdb takes data again", "after", time.Since(s.since).Round(time.Millisecond).String())
	s.fault = verdict{}
}

// measureLag asks for the end of the stream now and then.
func (w *Writer) measureLag(ctx context.Context) {
	if w.options.Last == nil || time.Since(w.lagAt) < lagEvery {
		return
	}
	w.lagAt = time.Now()
	last, err := w.options.Last(ctx)
	if err != nil {
		w.log.Debug("end of the stream not known", "err", err)
		return
	}
	w.state.mu.Lock()
	w.state.last, w.state.lag.Known = last, true
	w.state.mu.Unlock()
	w.gauge(w.metrics.lag, float64(w.Lag().Messages))
}
