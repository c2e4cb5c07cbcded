package cases

import (
	"context"
	"fmt"
	"time"

	"andon/bench/internal/influx"
)

// drainWithin is how long after the last sample all must have arrived; more is
// a backlog. It is three of Telegraf's flushes.
const drainWithin = 3 * time.Second

// Samples count as lost when none has arrived for lostAfter, or not all
// within giveUpAfter.
const (
	lostAfter   = 15 * time.Second
	giveUpAfter = 2 * time.Minute
)

// An end is how a run came to its end.
type end struct {
	arrived int64
	// taken is how many samples the side has worked through.
	taken int64
	took  time.Duration
	// idle is how long nothing had arrived at its end.
	idle time.Duration
}

// over says whether everything that was sent is done with.
func (e end) over(sent int64) bool { return e.arrived >= sent && e.taken >= sent }

// drain waits until all that was sent has arrived and was worked through, or
// counts as lost, and reads the costs then.
func (con *consumer) drain(ctx context.Context, s *span, watch *influx.Watch, look time.Duration) (e end, err error) {
	done := time.Now()
	tick := time.NewTicker(look)
	defer tick.Stop()
	// A count of all costs InfluxDB some tenths of a second, so it is not asked
	// for as often as the probes.
	const countEvery = 500 * time.Millisecond
	counted, progress := done, done
	for {
		select {
		case <-ctx.Done():
			return e, ctx.Err()
		case <-con.process.Done():
			return e, con.process.Failure()
		case <-tick.C:
		}
		if err := con.look(ctx, s, watch); err != nil {
			return e, err
		}
		if time.Since(counted) < countEvery {
			continue
		}
		counted = time.Now()
		before := e
		if e, err = con.count(ctx, s, counted); err != nil {
			return e, err
		}
		if e.arrived > before.arrived || e.taken > before.taken {
			progress = counted
		}
		e.took, e.idle = counted.Sub(done), counted.Sub(progress)
		if e.over(s.done.Sent) || e.idle > lostAfter || e.took > giveUpAfter {
			s.after, err = con.costs()
			return e, err
		}
	}
}

// count asks how far the side is.
func (con *consumer) count(ctx context.Context, s *span, now time.Time) (e end, err error) {
	e.arrived, err = con.influx.Count(ctx, con.stored, s.start.Time(), now.Add(time.Hour))
	if err != nil || con.taken == nil {
		e.taken = e.arrived
		return e, err
	}
	e.taken, err = con.taken(ctx)
	e.taken -= con.earlier
	return e, err
}

// fault says what kept a run from passing, "" for nothing.
func (s *span) fault(e end) string {
	sent := s.done.Sent
	switch {
	case e.arrived < sent && e.idle > lostAfter:
		return fmt.Sprintf("%d of %d samples are lost: none came any more for %s", sent-e.arrived, sent, lostAfter)
	case e.arrived < sent:
		return fmt.Sprintf("%d of %d samples did not arrive within %s", sent-e.arrived, sent, giveUpAfter)
	case e.arrived > sent:
		return fmt.Sprintf("%d samples arrived, and %d were sent", e.arrived, sent)
	case e.taken < sent:
		return fmt.Sprintf("%d of %d samples were not worked through %.0f s after the end", sent-e.taken, sent, e.took.Seconds())
	case e.took > drainWithin:
		return fmt.Sprintf("a backlog needed %.1f s after the end, want at most %s", e.took.Seconds(), drainWithin)
	}
	return ""
}
