package production_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain asks fewer checks of properties than usual, since each is a plant's
// two hours; -rapid.checks still says otherwise.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "12"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
