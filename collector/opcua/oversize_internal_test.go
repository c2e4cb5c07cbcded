package opcua

import (
	"errors"
	"testing"
)

// Connections may be lost on several messages in a row, and each of them is told
// as lost once.
func TestEachMessageOnWhichConnectionsAreLostIsGivenUp(t *testing.T) {
	var v vain
	told, sessions := map[uint32]int{}, 0
	for ; sessions < 20; sessions++ {
		asked := false
		for _, seq := range []uint32{7, 8} {
			err := v.again(1, seq)
			if errors.Is(err, errHungUp) {
				told[seq]++
			}
			if err == nil {
				asked = true
				break // the connection is lost
			}
		}
		if !asked {
			break
		}
	}
	if sessions != 2*mostAsks || told[7] != 1 || told[8] != 1 {
		t.Errorf("got past both after %d sessions, told %v, want after %d and each once", sessions, told, 2*mostAsks)
	}
}
