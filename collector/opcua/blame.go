package opcua

import (
	"context"
	"errors"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/wire"
	"andon/plant"
)

// tolerated is how many polls of a group in a row may fail before its tags are
// unknown: one may by chance.
const tolerated = 1

// fail takes a poll of points that failed as a whole with err. What their values
// are is not known then, and contacts would say that they did not change.
func (r *reader) fail(ctx context.Context, g *group, points []*point, err error) error {
	r.session.source.log.Debug("poll failed", "interval", g.interval, "err", err)
	if r.failures[g]++; r.failures[g] != tolerated+1 {
		return nil // or it was told before
	}
	values := make([]wire.ReadValue, len(points))
	for i := range values {
		values[i] = unreachable(err)
	}
	return r.put(ctx, points, values)
}

// unreachable is a value that could not be had because of err.
func unreachable(err error) wire.ReadValue {
	status := ua.StatusBadNoCommunication
	errors.As(err, &status)
	return wire.ReadValue{DataValue: wire.DataValue{Status: status}, Err: err}
}

// put puts the samples of points.
func (r *reader) put(ctx context.Context, points []*point, values []wire.ReadValue) error {
	now := time.Now()
	samples := make([]plant.Sample, 0, len(values))
	var made wire.Reading
	for i := range values {
		r.roll.note(points[i], stateOf(&values[i]))
		for p := points[i]; p != nil; p = p.next {
			p.makeOut(&values[i].DataValue, &made)
			samples = append(samples, r.out.decoder.sample(p, &made, now))
			r.noteNode(p, &values[i])
		}
	}
	if err := r.out.put(ctx, samples); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

// readApart is readAll for a server that may refuse a whole call because of one
// node: calls are halved until that one is found, and it alone has no value.
func (r *reader) readApart(ctx context.Context, list []*ua.ReadValueID) ([]wire.ReadValue, error) {
	all, cause := r.session.readAll(ctx, list)
	if !refusedAll(cause) || time.Now().Before(r.searchAt) {
		return all, cause
	}
	blame, well := search{most: len(list) / 2}, false
	for len(list) > 0 {
		n := min(len(list), max(blame.most, 1))
		values, err := r.session.readAll(ctx, list[:n])
		switch {
		case err == nil:
			blame, well = search{most: 2 * n}, true
		case !refusedAll(err):
			return nil, err
		case blame.refused == maxRefused: // it is not for single nodes
			r.searchAt = time.Now().Add(r.session.source.config.ItemRetry)
			return nil, cause
		default:
			blame.refused++
			if blame.most = n / 2; n > 1 {
				continue
			}
			values = []wire.ReadValue{unreachable(err)}
		}
		all, list = append(all, values...), list[n:]
	}
	if !well {
		r.searchAt = time.Now().Add(r.session.source.config.ItemRetry)
		return nil, cause
	}
	return all, nil
}

// refusedAll reports whether the server answered and refused one request.
func refusedAll(err error) bool { return isFault(err) && !fatal(err) }
