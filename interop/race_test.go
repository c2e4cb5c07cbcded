//go:build race

package interop_test

// underRace says that the race detector watches. gopcua v0.9.1 counts requests
// in a WaitGroup that it waits for at each renewal of the channel's keys and
// adds to meanwhile; the detector takes that for a race now and then, in
// gopcua's own code. `make test-interop` runs the renewal without the detector.
const underRace = true
