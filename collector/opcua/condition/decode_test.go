package condition

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
	"andon/collector/opcua/wire"
	"andon/plant"
)

// eventAt are the fields of a good event of an alarm.
func eventAt(t time.Time) []*ua.Variant {
	f := make([]*ua.Variant, eventFields)
	for i, v := range []any{[]byte{0xab, 1}, ua.NewNumericNodeID(0, id.AlarmConditionType), ua.NewStringNodeID(2, "Press"), "Press", t,
		ua.NewLocalizedText("too hot"), uint16(700), ua.NewStringNodeID(2, "Press.Hot"), "Hot", ua.NewTwoByteNodeID(0), true, true, false, true, false} {
		f[i] = ua.MustVariant(v)
	}
	return f
}

func listOf(t testing.TB, events ...[]*ua.Variant) *wire.EventList {
	t.Helper()
	n := &ua.EventNotificationList{}
	for _, f := range events {
		n.Events = append(n.Events, &ua.EventFieldList{ClientHandle: 1, EventFields: f})
	}
	b := opcuatest.Encode(t, n)
	l := new(wire.EventList)
	if size, err := l.Decode(b); err != nil || size != len(b) {
		t.Fatalf("decode: got %d bytes, %v; want %d", size, err, len(b))
	}
	return l
}

func testDecoder() *Decoder {
	return &Decoder{Source: "packing", Past: 7 * 24 * time.Hour, Future: 5 * time.Minute, Namespaces: []string{"", "urn:server", "urn:plant"}}
}

func TestEventOfAnAlarmIsMadeOut(t *testing.T) {
	at := opcuatest.Moment().Add(-time.Minute)
	l := listOf(t, eventAt(at))
	got, n, err := testDecoder().Decode(&l.Events[0], opcuatest.Moment())
	if err != nil || n != NoticeCondition {
		t.Fatalf("got notice %d, %v; want a condition", n, err)
	}
	want := plant.Event{Kind: plant.EventCondition, Source: "packing", Condition: "nsu=urn:plant;s=Press.Hot", Name: "Hot", Node: "nsu=urn:plant;s=Press",
		NodeName: "Press", Type: "i=2915", ID: "ab01", Message: "too hot", Severity: 700, Active: true, Retain: true, Time: plant.At(at), Received: plant.At(opcuatest.Moment())}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

// TestFieldsOfAnEvent changes one field of a good event at a time.
func TestFieldsOfAnEvent(t *testing.T) {
	for name, c := range map[string]struct {
		field int
		value any
		want  func(x *plant.Event)
	}{
		"no active state":         {eventActive, nil, func(x *plant.Event) {}},
		"an active state of text": {eventActive, "true", func(x *plant.Event) {}},
		"not active":              {eventActive, false, func(x *plant.Event) { x.Active = false }},
		"no retain":               {eventRetain, nil, func(x *plant.Event) {}},
		"of no interest":          {eventRetain, false, func(x *plant.Event) { x.Retain = false }},
		"disabled":                {eventEnabled, false, func(x *plant.Event) { x.Active, x.Retain = false, false }},
		"shelved":                 {eventSuppressed, true, func(x *plant.Event) { x.Suppressed = true }},
		"acknowledged":            {eventAcked, true, func(x *plant.Event) { x.Acked = true }},
		"severity of text":        {eventSeverity, "high", func(x *plant.Event) { x.Severity = 0 }},
		"severity beyond all":     {eventSeverity, int32(70000), func(x *plant.Event) { x.Severity = 0 }},
		"severity above 1000":     {eventSeverity, uint16(4000), func(x *plant.Event) { x.Severity = 1000 }},
		"a plain message":         {eventMessage, "hot", func(x *plant.Event) { x.Message = "hot" }},
		"a message that is none":  {eventMessage, []string{"a", "b"}, func(x *plant.Event) { x.Message = "" }},
		"a message of no text":    {eventMessage, "hot\xff", func(x *plant.Event) { x.Message = "hot�" }},
		"a long message":          {eventMessage, strings.Repeat("ä", 2000), func(x *plant.Event) { x.Message = strings.Repeat("ä", 1024) }},
		"a time of long ago":      {eventTime, opcuatest.Moment().AddDate(-1, 0, 0), func(x *plant.Event) { x.Time = plant.At(opcuatest.Moment()) }},
		"no time":                 {eventTime, nil, func(x *plant.Event) { x.Time = plant.At(opcuatest.Moment()) }},
		"another namespace":       {eventSourceNode, ua.NewNumericNodeID(9, 7), func(x *plant.Event) { x.Node = "ns=9;i=7" }},
		"a name with an index":    {eventSourceName, "1:Press", func(x *plant.Event) {}},
		"a name with a colon":     {eventSourceName, "Press:1", func(x *plant.Event) { x.NodeName = "Press:1" }},
		"no node":                 {eventSourceNode, nil, func(x *plant.Event) { x.Node = "" }},
		"no id":                   {eventID, nil, func(x *plant.Event) { x.ID = "" }},
	} {
		good := eventAt(opcuatest.Moment())
		l := listOf(t, good)
		want, _, _ := testDecoder().Decode(&l.Events[0], opcuatest.Moment())
		c.want(&want)
		good[c.field] = &ua.Variant{}
		if c.value != nil {
			good[c.field] = ua.MustVariant(c.value)
		}
		l = listOf(t, good)
		got, n, err := testDecoder().Decode(&l.Events[0], opcuatest.Moment())
		if diff := cmp.Diff(want, got); diff != "" || n != NoticeCondition || err != nil {
			t.Errorf("%s: notice %d, %v; event (-want +got):\n%s", name, n, err, diff)
		}
	}
}

func TestEventsThatAreNoConditions(t *testing.T) {
	changed := func(edit func(f []*ua.Variant)) []*ua.Variant {
		f := eventAt(opcuatest.Moment())
		edit(f)
		return f
	}
	null := &ua.Variant{}
	typed := func(n uint32) []*ua.Variant {
		return changed(func(f []*ua.Variant) { f[eventType] = ua.MustVariant(ua.NewNumericNodeID(0, n)) })
	}
	for name, c := range map[string]struct {
		fields []*ua.Variant
		want   Notice
		err    error
	}{
		"a refresh begins":   {typed(id.RefreshStartEventType), NoticeStart, nil},
		"a refresh ends":     {typed(id.RefreshEndEventType), NoticeEnd, nil},
		"a refresh is due":   {typed(id.RefreshRequiredEventType), NoticeRequired, nil},
		"events were lost":   {typed(id.EventQueueOverflowEventType), NoticeOverflow, nil},
		"an old branch":      {changed(func(f []*ua.Variant) { f[eventBranch] = ua.MustVariant(ua.NewNumericNodeID(2, 5)) }), NoticeNone, nil},
		"no condition":       {changed(func(f []*ua.Variant) { f[eventCondition] = null }), NoticeNone, errNoCondition},
		"no state":           {changed(func(f []*ua.Variant) { f[eventRetain], f[eventActive] = null, null }), NoticeNone, errNoState},
		"of another kind":    {changed(func(f []*ua.Variant) { f[eventCondition], f[eventRetain] = null, null }), NoticeNone, nil},
		"without any fields": {nil, NoticeNone, nil},
	} {
		l := listOf(t, c.fields)
		if _, got, err := testDecoder().Decode(&l.Events[0], opcuatest.Moment()); got != c.want || err != c.err {
			t.Errorf("%s: got notice %d, %v; want %d, %v", name, got, err, c.want, c.err)
		}
	}
}

func TestLessSevereConditionIsOfNoInterest(t *testing.T) {
	d := testDecoder()
	d.MinSeverity = 701
	l := listOf(t, eventAt(opcuatest.Moment()))
	if x, _, _ := d.Decode(&l.Events[0], opcuatest.Moment()); x.Holds() {
		t.Errorf("got %+v, want it of no interest", x)
	}
}

func TestEventWithoutMeasureEndsItsListOnly(t *testing.T) {
	whole := listOf(t, eventAt(opcuatest.Moment()), eventAt(opcuatest.Moment()))
	if len(whole.Events) != 2 || whole.Broken != nil {
		t.Fatalf("good list: got %d events, %v", len(whole.Events), whole.Broken)
	}
	b := opcuatest.Encode(t, &ua.EventNotificationList{Events: []*ua.EventFieldList{{EventFields: eventAt(opcuatest.Moment())}, {EventFields: eventAt(opcuatest.Moment())}}})
	first := 4 + (len(b)-4)/2
	for n := range len(b) - first {
		cut := new(wire.EventList)
		if _, err := cut.Decode(b[:first+n]); err != nil {
			t.Fatalf("cut after %d bytes: %v", first+n, err)
		}
		if len(cut.Events) != 1 || cut.Broken == nil {
			t.Fatalf("cut after %d of %d bytes: got %d events, %v; want the first and an error", first+n, len(b), len(cut.Events), cut.Broken)
		}
	}
}

func TestGopcuaReadsEventsOurWay(t *testing.T) {
	wire.Register()
	n := &ua.EventNotificationList{Events: []*ua.EventFieldList{{ClientHandle: 1, EventFields: eventAt(opcuatest.Moment())}}}
	got := new(ua.ExtensionObject)
	if _, err := got.Decode(opcuatest.Encode(t, ua.NewExtensionObject(n))); err != nil {
		t.Fatal(err)
	}
	l, ok := got.Value.(*wire.EventList)
	if !ok || len(l.Events) != 1 {
		t.Fatalf("decoded: got %T, want an *EventList of one event", got.Value)
	}
	ours, _, _ := testDecoder().Decode(&l.Events[0], opcuatest.Moment())
	theirs, _, _ := testDecoder().Decode(&wire.EncodedEvents(n).Events[0], opcuatest.Moment())
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Errorf("event (-as gopcua reads it +as we do):\n%s", diff)
	}
}

// FuzzEvents decodes what a server may send instead of events.
func FuzzEvents(f *testing.F) {
	f.Add(opcuatest.Encode(f, &ua.EventNotificationList{Events: []*ua.EventFieldList{{EventFields: eventAt(opcuatest.Moment())}}}))
	f.Add([]byte{1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0xd4, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, b []byte) {
		l := new(wire.EventList)
		if n, err := l.Decode(b); n != len(b) || err != nil {
			t.Fatalf("got %d bytes, %v; want all %d", n, err, len(b))
		}
		if len(l.Events) > len(b)/8 {
			t.Fatalf("%d bytes gave %d events", len(b), len(l.Events))
		}
		for i := range l.Events {
			x, _, err := testDecoder().Decode(&l.Events[i], opcuatest.Moment())
			if size := len(x.Message) + len(x.Condition) + len(x.Name) + len(x.Node) + len(x.NodeName); err == nil && size > maxMessage+4*maxName {
				t.Fatalf("texts of %d bytes", size)
			}
		}
	})
}
