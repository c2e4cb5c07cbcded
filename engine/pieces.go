package engine

import (
	"context"
	"time"

	"andon/plant"
)

// behindBy is how far the engine may be behind the clock before it waits for
// revisions: then it works through what is past, and those must not see what
// came after their time.
const behindBy = 10 * time.Second

// patienceAt returns how long the engine waits for revisions at t of the
// stream: while it is live not at all, for alarms come before figures.
func patienceAt(t plant.Instant, past patience) patience {
	if time.Since(t.Time()) > behindBy {
		return past
	}
	return atOnce
}

// handle takes messages piece by piece and commits each. Revisions are made of
// what the records say at the end of each quiet time and after each command,
// so pieces end there, however many messages come at once.
func (r *runner) handle(ctx context.Context, msgs []plant.Message) error {
	if len(msgs) == 0 {
		return r.commit(ctx, false)
	}
	for len(msgs) > 0 {
		if end := r.quietEnds(msgs[0]); end != 0 {
			r.asOf.Store(int64(end))
			r.look(ctx, patienceAt(end, untilAll))
		}
		n := r.piece(msgs)
		r.take(msgs[:n])
		if err := r.commit(ctx, false); err != nil {
			return err
		}
		r.written.Store(int64(r.core.now)) // also when there was nothing to write
		if msgs[0].Kind == plant.KindCommand {
			r.look(ctx, patienceAt(msgs[0].Time, untilSaid))
		}
		msgs = msgs[n:]
	}
	return nil
}

// quietEnds returns the end of the quiet time before m that m is the first
// behind, 0 when there is none. After a leap of the clock the next one counts.
func (r *runner) quietEnds(m plant.Message) plant.Instant {
	now := r.core.now
	end := m.Time.Truncate(r.quiet())
	if m.Kind == plant.KindDerived || m.Time <= now || m.Time.Sub(now) > leap || now >= end {
		return 0
	}
	return end
}

// piece returns how many of the messages make one commit.
func (r *runner) piece(msgs []plant.Message) int {
	last := msgs[0].Time
	for i, m := range msgs[1:] {
		apart := last.Sub(m.Time) > setBack || m.Time > last && m.Time.Truncate(r.quiet()) > last.Truncate(r.quiet())
		if m.Kind == plant.KindCommand || msgs[i].Kind == plant.KindCommand || apart && m.Kind != plant.KindDerived {
			return i + 1
		}
		if m.Kind != plant.KindDerived {
			last = max(last, m.Time)
		}
	}
	return len(msgs)
}

func (r *runner) quiet() time.Duration { return r.o.Config.Production.Quiet }
