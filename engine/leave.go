package engine

import (
	"context"
	"time"
)

// flushWait bounds the last commits when andon stops.
const flushWait = 3 * time.Second

// leave writes what was taken, and with what is left of flushWait a snapshot,
// so that the next process has nothing to do again. That of a large plant may
// take longer than there is: then the one of before and the stream will do.
func (r *runner) leave(ctx context.Context) error {
	flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushWait)
	defer cancel()
	if err := r.commit(flush, false); err != nil {
		return err
	}
	if end, ok := flush.Deadline(); ok && time.Until(end) < 2*r.snapTook { // to make it, and to write it
		r.log.Info("no time for a last snapshot, the next start works through the stream since the one before", "took", r.snapTook)
		return nil
	}
	err := r.commit(flush, true)
	if err != nil && flush.Err() != nil {
		r.log.Info("no time for a last snapshot, the next start works through the stream since the one before", "err", err)
		return nil
	}
	return err
}
