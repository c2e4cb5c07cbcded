package opcua

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
	"github.com/prometheus/client_golang/prometheus"
)

const (
	// clockReads is how many readings make one measurement of a clock. Their
	// median leaves out those that a busy line delayed on one way only.
	clockReads = 5
	// clockTrouble is where Status tells of a server's clock.
	clockTrouble = "server clock"
	// clockBack is how far within the limit a clock must be for the trouble to
	// be over, so that one at the limit is not told again and again.
	clockBack = 0.8
)

func newSkewGauge() *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "andon_opcua_clock_skew_seconds",
		Help: "How far the server's clock is ahead of andon's, negative when it is behind; missing while there is no session.",
	}, []string{"source"})
}

func (m sourceMetrics) setSkew(d time.Duration) {
	m.all.skew.WithLabelValues(m.source).Set(d.Seconds())
}

func (m sourceMetrics) forgetSkew() { m.all.skew.DeleteLabelValues(m.source) }

// skew returns how far a server's clock is ahead, by one reading of it: asked
// and answered are times of the own clock, and the reading lies between them.
func skew(asked, answered, server time.Time) time.Duration {
	return server.Sub(asked.Add(answered.Sub(asked) / 2))
}

// median returns the middle one of list.
func median(list []time.Duration) time.Duration {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// watchClock measures the server's clock again and again. Times of samples are
// the server's: one whose clock is wrong has its stops at the wrong time.
func (s *Source) watchClock(ctx context.Context, x *session, out *output) error {
	if s.config.Clock.Interval == 0 {
		return nil
	}
	defer s.metrics.forgetSkew()
	var told bool
	for {
		skew, ok, err := x.measureClock(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case ok:
			s.metrics.setSkew(skew)
			told = s.tellClock(out, skew, told)
		}
		if !sleep(ctx, s.config.Clock.Interval) {
			return nil
		}
	}
}

// measureClock returns how far the server's clock is ahead; false when it
// tells no time.
func (x *session) measureClock(ctx context.Context) (time.Duration, bool, error) {
	clock := []*ua.NodeID{ua.NewNumericNodeID(0, id.Server_ServerStatus_CurrentTime)}
	var list []time.Duration
	for range clockReads {
		asked := time.Now()
		values, err := x.read(ctx, clock)
		answered := time.Now()
		if err := x.lost(ctx, err); err != nil {
			return 0, false, err
		}
		if err != nil || values[0].Value == nil {
			continue
		}
		if at, ok := values[0].Value.Value().(time.Time); ok && !at.IsZero() {
			list = append(list, skew(asked, answered, at))
		}
	}
	if len(list) == 0 {
		return 0, false, nil
	}
	return median(list), true, nil
}

// tellClock tells of a clock that is further off than the limit, once, and
// when it is right again. It returns whether there is trouble.
func (s *Source) tellClock(out *output, skew time.Duration, told bool) bool {
	limit := s.config.Clock.Limit
	switch off := skew.Abs(); {
	case limit == 0:
		return false
	case off > limit && !told:
		way := "ahead of"
		if skew < 0 {
			way = "behind"
		}
		text := fmt.Sprintf("%v %s andon's, more than %v: times of samples are the server's", off.Round(time.Millisecond), way, limit)
		if out.status.OwnTrouble(clockTrouble, text) {
			s.log.Warn("server clock is off", "skew", skew, "limit", limit)
		}
		return true
	case off <= time.Duration(clockBack*float64(limit)):
		if out.status.OwnTrouble(clockTrouble, "") {
			s.log.Info("server clock is right again", "skew", skew)
		}
		return false
	}
	return told
}
