package opcua

import (
	"context"
	"fmt"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/wire"
)

// send sends one request and waits for its response until ctx is done.
func send[T ua.Response](ctx context.Context, x *session, req ua.Request) (T, error) {
	var resp T
	err := x.channel.Send(ctx, req, x.token, func(r ua.Response) error {
		var ok bool
		if resp, ok = r.(T); ok {
			return nil
		}
		if own, isRead := r.(*wire.ReadResponse); isRead {
			if resp, ok = ua.Response(own.Decoded()).(T); ok {
				return own.Err
			}
		}
		return fmt.Errorf("response: got %T, want %T", r, resp)
	})
	return resp, err
}
