//go:build !race

package interop_test

// underRace says that the race detector watches.
const underRace = false
