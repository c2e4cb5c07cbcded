// Package load is a plant of any size for tests under load: so many machines
// with so many tags each, telling their values evenly at one rate over MQTT or OPC UA.
// What a machine tells follows from its number and the number of its message
// alone; only the time stamps are those of the day.
package load

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"andon/cmd/plantsim/internal/northfield"
	"andon/cmd/plantsim/internal/opcua"
	"andon/cmd/plantsim/internal/sim"
	"andon/plant"
)

// MinTags is how many tags a machine has at least: its state and two counts.
const MinTags = 3

// The place of every machine in the tree.
const (
	site = "load"
	area = "hall"
	// lineSize is how many machines stand in one line.
	lineSize = 10
)

// A Plant is machines of the same kind. It is read only and safe to share.
type Plant struct {
	machines []machine
	analogs  []analog
}

type machine struct {
	path    string // site/area/line/equipment, also its topic
	signals []northfield.Signal
}

// An analog is one measured value: a slow wave around what is usual.
type analog struct {
	name, unit   string
	usual, swing float64
}

// measured are the values that machines measure; further ones are numbered.
var measured = [...]analog{
	{"temperature", "degC", 62, 8}, {"pressure", "bar", 5.8, 0.6}, {"vibration", "mm/s", 2.2, 0.9}, {"current", "A", 31, 6},
	{"speed", "1/min", 1480, 25}, {"torque", "Nm", 96, 12}, {"flow", "L/min", 210, 18}, {"level", "%", 55, 30},
}

// NewPlant returns a plant of so many machines with so many tags each, at
// least one machine and MinTags tags.
func NewPlant(machines, tags int) *Plant {
	p := &Plant{}
	for i := range tags - MinTags {
		a := measured[i%len(measured)]
		if round := i / len(measured); round > 0 {
			a.name += "_" + strconv.Itoa(round+1)
		}
		p.analogs = append(p.analogs, a)
	}
	for i := range machines {
		m := machine{path: fmt.Sprintf("%s/%s/line%d/m%03d", site, area, i/lineSize+1, i+1)}
		for k, name := range p.names() {
			m.signals = append(m.signals, northfield.Signal{Name: name, Path: m.path + "/" + name, Type: signalType(k),
				Node: fmt.Sprintf("line%d.m%03d.%s", i/lineSize+1, i+1, name)})
		}
		p.machines = append(p.machines, m)
	}
	return p
}

// signalType returns the type that the kth signal of a machine has on OPC UA.
func signalType(k int) northfield.Type {
	switch k {
	case 0:
		return northfield.String
	case 1, 2:
		return northfield.UInt32
	}
	return northfield.Double
}

// OPCUA returns the machines as equipment of an OPC UA server, and what their
// nodes show before they tell anything: nothing.
func (p *Plant) OPCUA() (equipment []*northfield.Equipment, initial []opcua.Value) {
	now := time.Now().Truncate(time.Millisecond)
	for _, m := range p.machines {
		eq := &northfield.Equipment{Name: m.path, Path: m.path, Transport: northfield.OPCUA, Cavities: 1, Signals: m.signals}
		equipment = append(equipment, eq)
		for i := range m.signals {
			initial = append(initial, opcua.Value{Signal: &m.signals[i], Status: sim.BadWaitingForInitialData, Time: now})
		}
	}
	return equipment, initial
}

func (p *Plant) names() []string {
	names := []string{"state", "total", "reject"}
	for _, a := range p.analogs {
		names = append(names, a.name)
	}
	return names
}

// A Message is what one machine tells of one moment: each of its tags once.
type Message struct {
	Topic   string
	Payload []byte // JSON: ts, the Unix time in milliseconds, and the tags
	Samples []sim.Sample
}

// rejectEvery is how many units a machine makes for one that is rejected.
const rejectEvery = 97

// A machine runs for so many messages, then it is stopped for so many.
const (
	runMessages  = 90
	stopMessages = 10
)

// Message returns the nth message of a machine, both counted from 0. at is in
// whole milliseconds.
func (p *Plant) Message(number, n int, at time.Time) Message {
	m := &p.machines[number]
	msg := Message{Topic: m.path, Payload: strconv.AppendInt([]byte(`{"ts":`), at.UnixMilli(), 10),
		Samples: make([]sim.Sample, 0, len(m.signals))}
	add := func(v plant.Value, text string) {
		sig := &m.signals[len(msg.Samples)]
		msg.Payload = append(append(append(msg.Payload, `,"`...), sig.Name...), `":`...)
		msg.Payload = append(msg.Payload, text...)
		msg.Samples = append(msg.Samples, sim.Sample{Signal: sig, Value: v})
	}
	state := "RUN"
	if (n+number)%(runMessages+stopMessages) >= runMessages {
		state = "STOPPED"
	}
	add(plant.Text(state), strconv.Quote(state))
	units := uint64(n + 1)
	add(plant.Uint(units), strconv.FormatUint(units, 10))
	add(plant.Uint(units/rejectEvery), strconv.FormatUint(units/rejectEvery, 10))
	for i, a := range p.analogs {
		v := a.at(n, number+i)
		add(plant.Float(v), strconv.FormatFloat(v, 'g', -1, 64))
	}
	msg.Payload = append(msg.Payload, '}')
	return msg
}

// at returns the nth value in thousandths; phase tells machines apart.
func (a analog) at(n, phase int) float64 {
	wave := math.Sin(float64(n)/40 + float64(phase))
	return math.Round((a.usual+a.swing*wave)*1000) / 1000
}
