package opcuatest

import (
	"reflect"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
)

// supertypes are those of the event types that the server has.
var supertypes = map[uint32]uint32{
	id.ConditionType: id.BaseEventType, id.AcknowledgeableConditionType: id.ConditionType, id.AlarmConditionType: id.AcknowledgeableConditionType,
	id.SystemEventType: id.BaseEventType, id.RefreshStartEventType: id.SystemEventType, id.RefreshEndEventType: id.SystemEventType,
	id.RefreshRequiredEventType: id.SystemEventType, id.EventQueueOverflowEventType: id.BaseEventType,
	id.BaseModelChangeEventType: id.BaseEventType, id.GeneralModelChangeEventType: id.BaseModelChangeEventType,
}

// passes reports whether an event passes a where clause (OPC 10000-4, 7.7), of
// which And, Or, Equals, GreaterThanOrEqual and OfType are known. What brackets
// a refresh is to pass always (OPC 10000-9, 4.5); like others that were met,
// this server does not hold to it.
func passes(f *ua.ContentFilter, event map[string]any) bool {
	if f == nil || len(f.Elements) == 0 {
		return true
	}
	v, _ := element(f, 0, event).(bool)
	return v
}

// element returns the value of an element of a clause.
func element(f *ua.ContentFilter, index int, event map[string]any) any {
	if index >= len(f.Elements) {
		return nil
	}
	e := f.Elements[index]
	operand := func(n int) any {
		if n >= len(e.FilterOperands) {
			return nil
		}
		switch o := e.FilterOperands[n].Value.(type) {
		case *ua.ElementOperand:
			if int(o.Index) <= index {
				return nil // a loop
			}
			return element(f, int(o.Index), event)
		case *ua.LiteralOperand:
			return o.Value.Value()
		case *ua.SimpleAttributeOperand:
			return event[pathOf(o)]
		}
		return nil
	}
	left, right := operand(0), operand(1)
	a, _ := left.(bool)
	b, _ := right.(bool)
	switch e.FilterOperator {
	case ua.FilterOperatorAnd:
		return a && b
	case ua.FilterOperatorOr:
		return a || b
	case ua.FilterOperatorEquals:
		return left != nil && reflect.DeepEqual(left, right)
	case ua.FilterOperatorGreaterThanOrEqual:
		x, isNumber := left.(uint16)
		y, also := right.(uint16)
		return isNumber && also && x >= y
	case ua.FilterOperatorOfType:
		return ofType(event["EventType"], left)
	}
	return nil
}

func ofType(is, of any) bool {
	have, ok := is.(*ua.NodeID)
	want, also := of.(*ua.NodeID)
	if !ok || !also || have.Namespace() != 0 {
		return ok && also && have.String() == want.String()
	}
	for t, known := have.IntID(), true; known; t, known = supertypes[t] {
		if t == want.IntID() && want.Namespace() == 0 {
			return true
		}
	}
	return false
}
