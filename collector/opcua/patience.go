package opcua

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gopcua/opcua/ua"
)

const (
	// patience is for how long a server may refuse for a moment, such as for
	// want of memory, what is lost when it is not asked for again.
	patience = 5 * time.Second
	// patiencePause is the wait before it is.
	patiencePause = 200 * time.Millisecond
)

// refusedForNow reports whether a fault may pass, so that the same request may
// find another answer soon. What is not a fault, such as no answer in time, does
// not count.
func refusedForNow(err error) bool {
	var s ua.StatusCode
	return errors.As(err, &s) && !fatal(err) && !slices.Contains([]ua.StatusCode{
		ua.StatusBadServiceUnsupported, ua.StatusBadNotImplemented, ua.StatusBadNotSupported, ua.StatusBadUserAccessDenied,
		ua.StatusBadSubscriptionIDInvalid, ua.StatusBadNoSubscription, ua.StatusBadMessageNotAvailable,
		ua.StatusBadSequenceNumberInvalid, ua.StatusBadSequenceNumberUnknown, ua.StatusBadNothingToDo,
		ua.StatusBadTimeout, ua.StatusBadRequestTimeout,
		ua.StatusBadResponseTooLarge, ua.StatusBadEncodingLimitsExceeded,
	}, s)
}

// patiently is call, again and again while the server refuses for a moment.
func patiently[T ua.Response](ctx context.Context, x *session, req func() ua.Request) (T, error) {
	for end := time.Now().Add(patience); ; {
		resp, err := call[T](ctx, x, req())
		if !refusedForNow(err) || time.Now().After(end) || !sleep(ctx, patiencePause) {
			return resp, err
		}
	}
}
