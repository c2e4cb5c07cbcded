// Package influxtest runs InfluxDB for tests: the real influxd 1.8.10 of
// deploy/influxd as a child process on a free loopback port, and a
// programmable Server for the answers that a healthy InfluxDB never gives.
package influxtest
