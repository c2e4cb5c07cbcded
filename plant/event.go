package plant

// An EventKind tells what an Event says.
type EventKind uint8

// The kinds of events.
const (
	// EventCondition: one condition of the server is as the event says.
	EventCondition EventKind = iota + 1
	// EventRefreshStart: the server tells again of every condition that it
	// has, until EventRefreshEnd. Only Source and the times are set.
	EventRefreshStart
	// EventRefreshEnd: every condition that holds at the server was named
	// since EventRefreshStart. Only Source and the times are set.
	EventRefreshEnd
)

// An Event is what a server tells of one of its own conditions, in the words
// of OPC 10000-9 (alarms and conditions), or the begin or end of telling all
// of them. Source and Condition together are the identity of what it is about.
// Node ids are texts with the URI of their namespace, so that they stay the
// same when a server numbers its namespaces anew.
type Event struct {
	Kind       EventKind
	Source     string  // name of the collector source that it came from
	Condition  string  // node id of the condition
	Name       string  // of the condition
	Node       string  // node id of what the condition is about
	NodeName   string  // its name
	Type       string  // node id of the event type
	ID         string  // the server's own id of this event, in hexadecimal; "" for none
	Message    string  // the server's text
	Severity   uint16  // 1 to 1000, as urgent as the server says; 0 when it does not
	Active     bool    // the condition holds
	Acked      bool    // somebody acknowledged it at the server
	Retain     bool    // it is of interest to clients still
	Suppressed bool    // somebody shelved or suppressed it at the server
	Time       Instant // when it happened at the server, checked like the time of a sample
	Received   Instant // when the collector got it
}

// Holds reports whether e says that its condition holds and people are to
// hear of it: it is active, of interest, and nobody silenced it at the server.
func (e *Event) Holds() bool {
	return e.Kind == EventCondition && e.Active && e.Retain && !e.Suppressed
}
