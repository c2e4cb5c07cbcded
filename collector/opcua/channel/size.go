package channel

import (
	"errors"
	"strings"

	"github.com/gopcua/opcua/ua"
)

// TooLarge returns the status of a call that failed because it was too large or
// its answer was, which less may mend; StatusOK for any other error, and for nil.
func TooLarge(err error) ua.StatusCode {
	if err == nil {
		return ua.StatusOK
	}
	for _, s := range []ua.StatusCode{
		ua.StatusBadTooManyOperations, ua.StatusBadRequestTooLarge, ua.StatusBadResponseTooLarge,
		ua.StatusBadEncodingLimitsExceeded, ua.StatusBadTCPMessageTooLarge,
	} {
		if errors.Is(err, s) {
			return s
		}
	}
	if _, plain := err.(ua.StatusCode); plain {
		return ua.StatusOK // asked for every value: it must cost nothing
	}
	// gopcua has no other name for a message beyond the bounds.
	if text := err.Error(); strings.Contains(text, "opcua: message too large:") || strings.Contains(text, "opcua: too many chunks:") {
		return ua.StatusBadResponseTooLarge
	}
	return ua.StatusOK
}
