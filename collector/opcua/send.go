package opcua

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopcua/opcua/ua"
)

// writeTime is what a request gets to be written when it is given up.
const writeTime = 20 * time.Millisecond

// send sends one request and waits for its response until ctx is done.
//
// gopcua numbers a message and looks at the context then. One that is given up
// in between leaves a gap in the numbers, or half a message, and strict servers
// hang up for that. So gopcua hears of the end a little later.
func send[T ua.Response](ctx context.Context, x *session, req ua.Request) (T, error) {
	var resp T
	if err := ctx.Err(); err != nil {
		return resp, err
	}
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(writeTime, cancel) })
	defer stop()
	err := x.channel.secure.SendRequestWithTimeout(late, req, x.token, channelTimeout, func(r ua.Response) error {
		var ok bool
		if resp, ok = r.(T); ok {
			return nil
		}
		if own, isRead := r.(*readResponse); isRead {
			if resp, ok = ua.Response(own.decoded()).(T); ok {
				return own.err
			}
		}
		return fmt.Errorf("response: got %T, want %T", r, resp)
	})
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = ctx.Err()
	}
	return resp, err
}
