// Package northfield describes the simulated plant: its equipment, the
// signals each has, and where each signal is found on the wire. What happens
// in the plant is told by scenarios; what the plant is made of stands here.
//
// Everything returned is read only and safe to share.
package northfield

import "fmt"

// NamespaceURI is the OPC UA namespace that holds the plant's nodes.
const NamespaceURI = "urn:northfield:plant"

// Namespace is the index of NamespaceURI on the plant's OPC UA server.
const Namespace = 2

// A Transport is how equipment tells its values.
type Transport uint8

// The transports of the plant.
const (
	OPCUA Transport = iota + 1
	MQTT
)

// A Meaning is what a signal shows; the simulation computes it from that.
type Meaning uint8

// The meanings of signals.
const (
	State   Meaning = iota + 1 // state word or number of the present segment
	Mode                       // unit mode
	Reason                     // stop reason
	Speed                      // units per hour
	Total                      // cumulative units
	Reject                     // cumulative rejected units
	Energy                     // cumulative energy in kWh
	Level                      // material left
	EStop                      // emergency stop pressed
	Guard                      // guard open
	AlarmID                    // active alarm, "" for none
	Analog                     // measured value after a profile
)

// A Type is the type a signal has on the wire. MQTT signals are JSON and
// only tell numbers from text.
type Type uint8

// The types of signals.
const (
	Boolean Type = iota + 1
	Int32
	UInt16
	UInt32
	Float
	Double
	String
)

// The messages of equipment on MQTT: the last part of the topic.
const (
	StateMessage = "state"
	CountMessage = "count"
)

// A Signal is one value of one equipment that changes in time.
type Signal struct {
	Name    string // tag name
	Owner   string // name of its equipment
	Path    string // site/area/line/equipment/tag
	Meaning Meaning
	Type    Type
	Node    string // OPC UA: string identifier in Namespace
	Message string // MQTT: StateMessage or CountMessage
	Field   string // MQTT: key in the message
	About   string // for people who browse the server
}

// Equipment is one machine of the plant.
type Equipment struct {
	Name      string
	Path      string // site/area/line/equipment, also its root topic
	Folder    string // folder of its nodes on the OPC UA server: line, dot, name
	Transport Transport
	Signals   []Signal
	// Cavities is how many parts one cycle makes.
	Cavities int64
}

const (
	packing  = "northfield/packing/lineA/"
	moulding = "northfield/moulding/lineB/"
)

// Plant returns the equipment of Northfield in the order of flow, line A
// before line B. Each call returns a new copy.
func Plant() []*Equipment {
	return []*Equipment{
		filler(), capper(),
		device("A3", packing, "total"), device("A4", packing, "total"),
		moulder(),
		device("B2", moulding, "total"), device("B3", moulding, "inspected"),
	}
}

func filler() *Equipment {
	e := &Equipment{Name: "A1", Path: packing + "A1", Folder: "LineA.A1", Transport: OPCUA, Cavities: 1}
	e.add("state", Signal{Meaning: State, Type: Int32, Node: "Status.StateCurrent", About: "PackML state"})
	e.add("mode", Signal{Meaning: Mode, Type: Int32, Node: "Status.UnitModeCurrent", About: "PackML unit mode: 1 production, 4 changeover"})
	e.add("speed", Signal{Meaning: Speed, Type: Float, Node: "Status.CurMachSpeed", About: "present speed, units per hour"})
	e.add("total", Signal{Meaning: Total, Type: UInt32, Node: "Admin.ProdProcessedCount", About: "units produced, good and bad"})
	e.add("reject", Signal{Meaning: Reject, Type: UInt16, Node: "Admin.ProdDefectiveCount", About: "units rejected, rolls over at 65536"})
	e.add("stop_reason", Signal{Meaning: Reason, Type: Int32, Node: "Admin.StopReason.ID", About: "reason of the present stop, 0 for none"})
	e.add("energy", Signal{Meaning: Energy, Type: Double, Node: "Energy.kWh", About: "electric energy, kWh"})
	e.add("vibration", Signal{Meaning: Analog, Type: Double, Node: "Motor.Vib", About: "motor vibration, mm/s"})
	e.add("gearbox_temp", Signal{Meaning: Analog, Type: Double, Node: "Gearbox.Temp", About: "gearbox temperature, degC"})
	e.add("tank_level", Signal{Meaning: Level, Type: Double, Node: "Tank.Level_L", About: "syrup in the tank, L"})
	return e
}

func capper() *Equipment {
	e := &Equipment{Name: "A2", Path: packing + "A2", Folder: "LineA.A2", Transport: OPCUA, Cavities: 1}
	e.add("state", Signal{Meaning: State, Type: Int32, Node: "Status.StateCurrent", About: "PackML state"})
	e.add("total", Signal{Meaning: Total, Type: UInt32, Node: "Admin.ProdProcessedCount", About: "units capped"})
	e.add("reject", Signal{Meaning: Reject, Type: UInt32, Node: "Admin.ProdDefectiveCount", About: "units rejected"})
	e.add("energy", Signal{Meaning: Energy, Type: Double, Node: "Energy.kWh", About: "electric energy, kWh; it moves also while the capper waits"})
	return e
}

func moulder() *Equipment {
	e := &Equipment{Name: "B1", Path: moulding + "B1", Folder: "LineB.B1", Transport: OPCUA, Cavities: 4}
	e.add("state", Signal{Meaning: State, Type: String, Node: "State", About: "RUN, ESTOP, RESET, ALARM or IDLE"})
	e.add("shots", Signal{Meaning: Total, Type: UInt32, Node: "Shots", About: "shots made; Cavities parts each"})
	e.add("estop", Signal{Meaning: EStop, Type: Boolean, Node: "EStop", About: "emergency stop pressed"})
	e.add("guard_open", Signal{Meaning: Guard, Type: Boolean, Node: "GuardOpen", About: "guard open"})
	e.add("alarm_id", Signal{Meaning: AlarmID, Type: String, Node: "AlarmId", About: "active alarm, empty for none"})
	e.add("energy", Signal{Meaning: Energy, Type: Double, Node: "Energy.kWh", About: "electric energy, kWh"})
	e.add("resin", Signal{Meaning: Level, Type: Double, Node: "Resin_kg", About: "resin in the hopper, kg"})
	e.add("part_weight", Signal{Meaning: Analog, Type: Double, Node: "PartWeight_g", About: "last part weighed, g"})
	e.add("stop_reason", Signal{Meaning: Reason, Type: String, Node: "StopReason", About: "reason of the present stop, empty for none"})
	return e
}

// add appends a signal and completes it.
func (e *Equipment) add(name string, s Signal) {
	s.Name, s.Owner, s.Path = name, e.Name, e.Path+"/"+name
	if e.Transport == OPCUA {
		s.Node = e.Folder + "." + s.Node
	}
	e.Signals = append(e.Signals, s)
}

// device describes equipment on MQTT; counted is what it calls its units.
func device(name, line, counted string) *Equipment {
	e := &Equipment{Name: name, Path: line + name, Transport: MQTT, Cavities: 1}
	e.add("state", Signal{Meaning: State, Type: String, Message: StateMessage, Field: "state"})
	e.add("stop_reason", Signal{Meaning: Reason, Type: String, Message: StateMessage, Field: "reason"})
	e.add(counted, Signal{Meaning: Total, Type: UInt32, Message: CountMessage, Field: counted})
	e.add("reject", Signal{Meaning: Reject, Type: UInt32, Message: CountMessage, Field: "reject"})
	return e
}

// Has reports whether e has a signal of that meaning.
func (e *Equipment) Has(m Meaning) bool {
	for i := range e.Signals {
		if e.Signals[i].Meaning == m {
			return true
		}
	}
	return false
}

// Signal returns the signal called name, or an error that lists those there are.
func (e *Equipment) Signal(name string) (*Signal, error) {
	var names []string
	for i := range e.Signals {
		if e.Signals[i].Name == name {
			return &e.Signals[i], nil
		}
		names = append(names, e.Signals[i].Name)
	}
	return nil, fmt.Errorf("signal %q of %s: want one of %v", name, e.Name, names)
}
