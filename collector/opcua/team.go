package opcua

import (
	"context"
	"sync"

	"andon/collector"
)

// A team is goroutines that end together: the first error ends the context of
// them all. Whoever makes it waits for it.
type team struct {
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup
}

// newTeam makes a team and the context that ends with it. cancel must be
// called.
func newTeam(parent context.Context) (context.Context, *team) {
	ctx, cancel := context.WithCancelCause(parent)
	return ctx, &team{cancel: cancel}
}

// start runs f in a goroutine; its panic is an error, too. A member may start
// others.
func (t *team) start(ctx context.Context, f func(context.Context) error) {
	t.wg.Go(func() {
		if err := collector.Contain(func() error { return f(ctx) }); err != nil {
			t.cancel(err)
		}
	})
}
