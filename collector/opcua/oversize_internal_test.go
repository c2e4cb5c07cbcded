package opcua

import (
	"errors"
	"testing"
)

// Ids are above 0 by the standard, but it is the server that gives them.
func TestAMessageIsGivenUpOnceAlsoOfASubscriptionWithoutANumber(t *testing.T) {
	var v vain
	for ask, want := range []error{nil, nil, nil, errHungUp, errKnown} {
		if got := v.again(0, 7); !errors.Is(got, want) {
			t.Errorf("ask %d: got %v, want %v", ask+1, got, want)
		}
	}
}
