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
	e.node("state", State, Int32, "Status.StateCurrent", "PackML state")
	e.node("mode", Mode, Int32, "Status.UnitModeCurrent", "PackML unit mode: 1 production, 4 changeover")
	e.node("speed", Speed, Float, "Status.CurMachSpeed", "present speed, units per hour")
	e.node("total", Total, UInt32, "Admin.ProdProcessedCount", "units produced, good and bad")
	e.node("reject", Reject, UInt16, "Admin.ProdDefectiveCount", "units rejected, rolls over at 65536")
	e.node("stop_reason", Reason, Int32, "Admin.StopReason.ID", "reason of the present stop, 0 for none")
	e.node("energy", Energy, Double, "Energy.kWh", "electric energy, kWh")
	e.node("vibration", Analog, Double, "Motor.Vib", "motor vibration, mm/s")
	e.node("gearbox_temp", Analog, Double, "Gearbox.Temp", "gearbox temperature, degC")
	e.node("tank_level", Level, Double, "Tank.Level_L", "syrup in the tank, L")
	return e
}

func capper() *Equipment {
	e := &Equipment{Name: "A2", Path: packing + "A2", Folder: "LineA.A2", Transport: OPCUA, Cavities: 1}
	e.node("state", State, Int32, "Status.StateCurrent", "PackML state")
	e.node("total", Total, UInt32, "Admin.ProdProcessedCount", "units capped")
	e.node("reject", Reject, UInt32, "Admin.ProdDefectiveCount", "units rejected")
	return e
}

func moulder() *Equipment {
	e := &Equipment{Name: "B1", Path: moulding + "B1", Folder: "LineB.B1", Transport: OPCUA, Cavities: 4}
	e.node("state", State, String, "State", "RUN, ESTOP, RESET, ALARM or IDLE")
	e.node("shots", Total, UInt32, "Shots", "shots made; Cavities parts each")
	e.node("estop", EStop, Boolean, "EStop", "emergency stop pressed")
	e.node("guard_open", Guard, Boolean, "GuardOpen", "guard open")
	e.node("alarm_id", AlarmID, String, "AlarmId", "active alarm, empty for none")
	e.node("energy", Energy, Double, "Energy.kWh", "electric energy, kWh")
	e.node("resin", Level, Double, "Resin_kg", "resin in the hopper, kg")
	e.node("part_weight", Analog, Double, "PartWeight_g", "last part weighed, g")
	e.node("stop_reason", Reason, String, "StopReason", "reason of the present stop, empty for none")
	return e
}

func (e *Equipment) node(name string, m Meaning, t Type, node, about string) {
	e.Signals = append(e.Signals, Signal{Name: name, Owner: e.Name, Path: e.Path + "/" + name, Meaning: m, Type: t,
		Node: e.Folder + "." + node, About: about})
}

// device describes equipment on MQTT; counted is what it calls its units.
func device(name, line, counted string) *Equipment {
	e := &Equipment{Name: name, Path: line + name, Transport: MQTT, Cavities: 1}
	e.field("state", State, String, StateMessage, "state")
	e.field("stop_reason", Reason, String, StateMessage, "reason")
	e.field(counted, Total, UInt32, CountMessage, counted)
	e.field("reject", Reject, UInt32, CountMessage, "reject")
	return e
}

func (e *Equipment) field(name string, m Meaning, t Type, message, field string) {
	e.Signals = append(e.Signals, Signal{Name: name, Owner: e.Name, Path: e.Path + "/" + name, Meaning: m, Type: t,
		Message: message, Field: field})
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
