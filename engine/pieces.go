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

// handle takes messages piece by piece and commits them. Revisions are made of
// what the records say at the end of each quiet time and after each command,
// so commits end there, however many messages come at once. Otherwise what
// nobody waits for is left for the next tick: with every commit the records of
// all running equipment are written again.
func (r *runner) handle(ctx context.Context, msgs []plant.Message) error {
	if len(msgs) == 0 {
		return r.commit(ctx, false)
	}
	for len(msgs) > 0 {
		end := r.quietEnds(msgs[0])
		if (r.held > 0 || r.divided != nil) && (end != 0 || r.parts(r.heldUpTo, msgs[0])) {
			if err := r.commitAll(ctx); err != nil {
				return err
			}
		}
		if end != 0 {
			r.asOf.Store(int64(end))
			r.look(ctx, patienceAt(end, untilAll))
		}
		n := r.piece(msgs)
		r.take(msgs[:n])
		if err := r.commitDue(ctx, msgs[:n]); err != nil {
			return err
		}
		if msgs[0].Kind == plant.KindCommand {
			r.look(ctx, patienceAt(msgs[0].Time, untilSaid))
		}
		msgs = msgs[n:]
	}
	return nil
}

// commitAll commits what was taken; then the records are complete, also when
// there was nothing to write.
func (r *runner) commitAll(ctx context.Context) error {
	if err := r.commit(ctx, false); err != nil {
		return err
	}
	r.written.Store(int64(r.core.now))
	return nil
}

// due notes a piece that was taken and reports whether it is to be committed
// now: somebody waits for it, a second is over, or it is enough. The stream has
// the rest, and the engine takes it again after a crash.
func (r *runner) due(piece []plant.Message) bool {
	waits := false
	for i, m := range piece {
		waits = waits || m.Kind == plant.KindTick || m.Kind == plant.KindCommand
		if m.Kind != plant.KindDerived && (i == 0 && r.held == 0 || m.Time > r.heldUpTo) {
			r.heldUpTo = m.Time
		}
	}
	r.held += len(piece)
	return waits || r.held >= fetchMax || r.prepared != nil || r.core.book.Changed()
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
		if msgs[i].Kind == plant.KindCommand || r.parts(last, m) {
			return i + 1
		}
		if m.Kind != plant.KindDerived {
			last = max(last, m.Time)
		}
	}
	return len(msgs)
}

// parts reports whether a commit ends before m, when it reaches to a time so
// far.
func (r *runner) parts(last plant.Instant, m plant.Message) bool {
	apart := last.Sub(m.Time) > setBack || m.Time > last && m.Time.Truncate(r.quiet()) > last.Truncate(r.quiet())
	return m.Kind == plant.KindCommand || apart && m.Kind != plant.KindDerived
}

func (r *runner) quiet() time.Duration { return r.o.Config.Production.Quiet }
