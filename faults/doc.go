// Package faults holds the tests of the promise that nothing acknowledged is
// lost. They run the programs as a plant does: andon and plantsim as processes
// of their own, a real InfluxDB, a broker, and between andon and InfluxDB a
// proxy that gives the answers a healthy InfluxDB never gives. While the plant
// tells its values something breaks, andon is killed at random moments, and in
// the end everything that the plant told is compared with everything that
// InfluxDB has.
//
// docs/reliability.md lists the scenarios. In their short form they are part
// of every test run; ANDON_TEST_FAULTS=long is what `make test-faults` runs.
// Moments of killing follow a seed that each test prints; ANDON_TEST_SEED
// gives it one.
package faults
