//go:build !race

package opcua_test

// underRace says that the race detector watches.
const underRace = false
