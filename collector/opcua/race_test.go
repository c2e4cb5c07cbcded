//go:build race

package opcua_test

// underRace says that the race detector watches. gopcua v0.9.1 counts requests
// in a WaitGroup that it waits for at each renewal of the channel's keys and
// adds to meanwhile; the detector takes that for a race now and then, in
// gopcua's own code. `make test` runs the renewal without the detector.
const underRace = true
