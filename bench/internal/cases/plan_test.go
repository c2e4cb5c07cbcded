package cases_test

import (
	"testing"
	"time"

	"andon/bench/internal/cases"
)

// What is run once for the documentation must not take a working day.
func TestFivePairsOfAllCasesFitIntoFiftyFiveMinutes(t *testing.T) {
	r := &cases.Rig{Pairs: 5, Warmup: 3 * time.Second, Try: 6 * time.Second, Confirm: 20 * time.Second}
	var all time.Duration
	for _, c := range cases.All() {
		t.Logf("%-22s %s", c.Name, r.Estimate(c))
		all += r.Estimate(c)
	}
	t.Log("all:", all)
	// Some minutes are kept for building and for what takes longer.
	if all > 52*time.Minute {
		t.Errorf("all cases take %s, want some minutes less than 55", all)
	}
}
