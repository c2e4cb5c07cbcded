// Package mqttload publishes the samples of a made-up plant to an MQTT broker
// at an exact rate. It writes the protocol itself, from prepared topics, so
// that the publisher is not what a measurement measures.
package mqttload

import (
	"fmt"
	"strconv"
	"time"
)

// The plant: 10 lines with 10 machines and 10 tags each. Topics are
// plant/line/machine/tag.
const (
	Lines    = 10
	Machines = 10 // of each line
	Tags     = Lines * Machines * len(TagNames)
)

// TagNames are the tags of every machine: what production works with, and
// measurements.
var TagNames = [...]string{"state", "total", "reject", "speed", "temp", "vibration", "pressure", "current", "level", "torque"}

// ProbeTag is the tag by which latency is watched.
const ProbeTag = "temp"

// Line and Machine name the n-th line and the n-th machine of a line.
func Line(n int) string { return fmt.Sprintf("l%02d", n) }

// Machine names the n-th machine of a line, n counting over the whole plant.
func Machine(n int) string { return fmt.Sprintf("m%03d", n) }

// A tag is one topic with what its next message needs.
type tag struct {
	topic   string
	machine int
	name    int   // index of TagNames
	last    int64 // time stamp of its last sample, ms
}

// tags returns all tags in the order in which they are published: the same tag
// of all machines, then the next one. So the samples of a machine are spread
// over time and each has a time stamp of its own: nobody can merge them.
func tags() []tag {
	all := make([]tag, 0, Tags)
	for name := range TagNames {
		for m := range Lines * Machines {
			all = append(all, tag{
				topic:   "plant/" + Line(m/Machines) + "/" + Machine(m) + "/" + TagNames[name],
				machine: m,
				name:    name,
			})
		}
	}
	return all
}

// States of PackML that the machines show.
const (
	execute = 6
	held    = 11
)

// A machine runs 50 s of each minute; each has its own phase.
const (
	cycle   = 60_000 // ms
	running = 50_000
	perUnit = 500 // ms of run for a unit
)

// appendValue appends the value of a tag at a time, in ms since the load's
// start. Numbers of counters grow while the machine runs.
func appendValue(b []byte, t *tag, at int64) []byte {
	at += int64(t.machine) * (cycle / (Lines * Machines)) // the machine's phase
	inCycle := at % cycle
	run := at/cycle*running + min(inCycle, running)
	units := run / perUnit
	switch TagNames[t.name] {
	case "state":
		if inCycle < running {
			return strconv.AppendInt(b, execute, 10)
		}
		return strconv.AppendInt(b, held, 10)
	case "total":
		return strconv.AppendInt(b, 1000+units, 10)
	case "reject":
		return strconv.AppendInt(b, 10+units/50, 10)
	}
	return append(b, waves[(at/7+int64(t.name)*31)%int64(len(waves))]...)
}

// waves are the measurements: a triangle from 40 to 60 in steps of 0.02, as
// texts, so that making one costs nothing.
var waves = func() (w [2000]string) {
	for i := range w {
		height := float64(min(i, len(w)-i)) * 0.02
		w[i] = strconv.FormatFloat(40+height, 'f', 3, 64)
	}
	return w
}()

// millis is a time in milliseconds since 1970.
func millis(t time.Time) int64 { return t.UnixMilli() }
