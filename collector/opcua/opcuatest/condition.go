package opcuatest

import (
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
)

// A Condition is an alarm of the server at one moment (OPC 10000-9). The
// server remembers the last state of each.
type Condition struct {
	ID       string // of its node in Namespace, such as LineA.A1.Hot
	Name     string
	Source   string // id and name of the node that it is about
	Message  string
	Severity uint16
	Active   bool
	Acked    bool
	Shelved  bool
	Disabled bool
	Time     time.Time // now when zero
	Branch   string    // id of an old branch, "" for the condition itself
	Plain    bool      // it is no alarm and has no active state
	// Spoil changes the fields of the event before they are sent, as a server
	// with a fault does; nil for a good one.
	Spoil func(fields map[string]any)
}

// retained reports whether a refresh tells of c.
func (c Condition) retained() bool { return !c.Disabled && (c.Active || !c.Acked) }

// fields are the values of an event by their paths; the condition itself has
// the empty one.
func (c Condition) fields(number int) map[string]any {
	f := plainEvent(id.AlarmConditionType, number)
	f[""] = ua.NewStringNodeID(2, c.ID)
	f["SourceNode"], f["SourceName"] = ua.NewStringNodeID(2, c.Source), c.Source
	f["Time"], f["Message"], f["Severity"] = c.Time.UTC(), localized(c.Message), c.Severity
	f["ConditionName"], f["Retain"], f["EnabledState/Id"] = c.Name, c.retained(), !c.Disabled
	f["AckedState/Id"], f["ActiveState/Id"], f["SuppressedOrShelved"] = c.Acked, c.Active, c.Shelved
	f["BranchId"] = ua.NewTwoByteNodeID(0)
	if c.Branch != "" {
		f["BranchId"] = ua.NewStringNodeID(2, c.Branch)
	}
	if c.Plain {
		f["EventType"] = ua.NewNumericNodeID(0, id.ConditionType)
		delete(f, "ActiveState/Id")
		delete(f, "AckedState/Id")
		delete(f, "SuppressedOrShelved")
	}
	if c.Spoil != nil {
		c.Spoil(f)
	}
	return f
}

func plainEvent(eventType uint32, number int) map[string]any {
	return map[string]any{"EventId": eventNumber(number), "EventType": ua.NewNumericNodeID(0, eventType),
		"SourceNode": ua.NewNumericNodeID(0, id.Server), "SourceName": "Server", "Time": time.Now().UTC(), "Message": localized(""), "Severity": uint16(500)}
}

func eventNumber(n int) []byte { return []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)} }
