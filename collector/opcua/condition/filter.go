package condition

import (
	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/wire"
)

// The fields that are asked for of every event, in their order.
const (
	eventID = iota
	eventType
	eventSourceNode
	eventSourceName
	eventTime
	eventMessage
	eventSeverity
	eventCondition
	eventConditionName
	eventBranch
	eventRetain
	eventEnabled
	eventAcked
	eventActive
	eventSuppressed
	eventFields // how many
)

// selectClauses name the fields (OPC 10000-9, 5.5 to 5.8). A server returns
// null for those that an event does not have.
func selectClauses() []*ua.SimpleAttributeOperand {
	list := make([]*ua.SimpleAttributeOperand, eventFields)
	value := func(field int, of uint32, path ...string) { list[field] = operand(of, path...) }
	value(eventID, id.BaseEventType, "EventId")
	value(eventType, id.BaseEventType, "EventType")
	value(eventSourceNode, id.BaseEventType, "SourceNode")
	value(eventSourceName, id.BaseEventType, "SourceName")
	value(eventTime, id.BaseEventType, "Time")
	value(eventMessage, id.BaseEventType, "Message")
	value(eventSeverity, id.BaseEventType, "Severity")
	value(eventConditionName, id.ConditionType, "ConditionName")
	value(eventBranch, id.ConditionType, "BranchId")
	value(eventRetain, id.ConditionType, "Retain")
	value(eventEnabled, id.ConditionType, "EnabledState", "Id")
	value(eventAcked, id.AcknowledgeableConditionType, "AckedState", "Id")
	value(eventActive, id.AlarmConditionType, "ActiveState", "Id")
	value(eventSuppressed, id.AlarmConditionType, "SuppressedOrShelved")
	// The node id of the condition is no property of it but itself.
	list[eventCondition] = operand(id.ConditionType)
	list[eventCondition].AttributeID = ua.AttributeIDNodeID
	return list
}

func operand(of uint32, path ...string) *ua.SimpleAttributeOperand {
	o := &ua.SimpleAttributeOperand{TypeDefinitionID: ua.NewNumericNodeID(0, of), AttributeID: ua.AttributeIDValue, BrowsePath: []*ua.QualifiedName{}}
	for _, name := range path {
		o.BrowsePath = append(o.BrowsePath, &ua.QualifiedName{Name: name})
	}
	return o
}

// No more fields are asked for than are kept.
const _ = uint(wire.MaxEventFields - eventFields)

// A term is one element of a where clause. An operand is a term or an
// ua.ExtensionObject.
type term struct {
	operator ua.FilterOperator
	operands []any
}

func literal(v any) *ua.ExtensionObject {
	return ua.NewExtensionObject(&ua.LiteralOperand{Value: ua.MustVariant(v)})
}

func compare(op ua.FilterOperator, o *ua.SimpleAttributeOperand, v any) *term {
	return &term{op, []any{ua.NewExtensionObject(o), literal(v)}}
}

// anyOf joins terms by Or.
func anyOf(first *term, rest ...*term) *term {
	for _, t := range rest {
		first = &term{ua.FilterOperatorOr, []any{first, t}}
	}
	return first
}

// clause puts t and what it is made of into the order of a ContentFilter, in
// which an element refers to later ones only; a nil term filters nothing.
func clause(t *term) *ua.ContentFilter {
	f := &ua.ContentFilter{Elements: []*ua.ContentFilterElement{}}
	if t != nil {
		t.appendTo(f)
	}
	return f
}

func (t *term) appendTo(f *ua.ContentFilter) (index uint32) {
	index = uint32(len(f.Elements))
	e := &ua.ContentFilterElement{FilterOperator: t.operator}
	f.Elements = append(f.Elements, e)
	for _, o := range t.operands {
		switch o := o.(type) {
		case *term:
			e.FilterOperands = append(e.FilterOperands, ua.NewExtensionObject(&ua.ElementOperand{Index: o.appendTo(f)}))
		case *ua.ExtensionObject:
			e.FilterOperands = append(e.FilterOperands, o)
		}
	}
	return index
}

// Filters returns the ladder of event filters for conditions of some types, or of
// all without types, from the one that is wanted to the weakest that will do.
// What the server does not leave out andon does, but for types: only the server
// knows which is a subtype of which.
func Filters(types []*ua.NodeID, minSeverity uint16) []*ua.ExtensionObject {
	var where []*term
	kinds := ofTypes(types...)
	if len(types) == 0 {
		kinds = ofTypes(standard(id.ConditionType))
	}
	if minSeverity > 0 {
		// Conditions that are over count whatever their severity: it may be less
		// than it was.
		severe := anyOf(compare(ua.FilterOperatorGreaterThanOrEqual, operand(id.BaseEventType, "Severity"), minSeverity),
			compare(ua.FilterOperatorEquals, operand(id.AlarmConditionType, "ActiveState", "Id"), false),
			compare(ua.FilterOperatorEquals, operand(id.ConditionType, "Retain"), false))
		where = append(where, anyOf(&term{ua.FilterOperatorAnd, []any{kinds, severe}}, ofRefresh()))
	}
	where = append(where, anyOf(kinds, ofRefresh()))
	if len(types) == 0 {
		where = append(where, nil)
	}
	var list []*ua.ExtensionObject
	for _, t := range where {
		list = append(list, ua.NewExtensionObject(&ua.EventFilter{SelectClauses: selectClauses(), WhereClause: clause(t)}))
	}
	return list
}

// ofRefresh is true of events that bracket a refresh or ask for one. They pass
// every filter (OPC 10000-9, 4.5), but not at every server.
func ofRefresh() *term {
	return ofTypes(standard(id.RefreshStartEventType), standard(id.RefreshEndEventType), standard(id.RefreshRequiredEventType),
		standard(id.EventQueueOverflowEventType))
}

// ofTypes is true of events of one of the types.
func ofTypes(types ...*ua.NodeID) *term {
	var terms []*term
	for _, n := range types {
		terms = append(terms, &term{ua.FilterOperatorOfType, []any{literal(n)}})
	}
	if len(terms) == 0 {
		return nil
	}
	return anyOf(terms[0], terms[1:]...)
}

func standard(number uint32) *ua.NodeID { return ua.NewNumericNodeID(0, number) }
