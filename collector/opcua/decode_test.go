package opcua

import (
	"math"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/prometheus/client_golang/prometheus"

	"andon/collector/opcua/address"
	"andon/collector/opcua/opcuatest"
	"andon/collector/opcua/structure"
	"andon/collector/opcua/wire"
	"andon/plant"
)

var received = opcuatest.Moment()

// newDecoder makes a decoder and a list of the troubles it tells.
func newDecoder() (*decoder, *[]string) {
	var told []string
	return &decoder{
		window:  DefaultConfig().TimeWindow,
		metrics: NewMetrics(prometheus.NewRegistry()).forSource("packing"),
		tell:    func(_ *point, text string) { told = append(told, text) },
		learn:   func(*point) {},
	}, &told
}

func pointOf(kind plant.Kind) *point {
	return &point{tag: &plant.Tag{Path: "northfield/packing/lineA/A1/total", Name: "total", Type: kind}}
}

func TestEveryBuiltInScalarBecomesAValue(t *testing.T) {
	for name, c := range map[string]struct {
		in   any
		want plant.Value
	}{
		"Boolean":        {true, plant.Bool(true)},
		"SByte":          {int8(-5), plant.Int(-5)},
		"Byte":           {uint8(250), plant.Uint(250)},
		"Int16":          {int16(-300), plant.Int(-300)},
		"UInt16":         {uint16(65535), plant.Uint(65535)},
		"Int32":          {int32(math.MinInt32), plant.Int(math.MinInt32)},
		"UInt32":         {uint32(math.MaxUint32), plant.Uint(math.MaxUint32)},
		"Int64":          {int64(math.MinInt64), plant.Int(math.MinInt64)},
		"UInt64":         {uint64(math.MaxUint64), plant.Uint(math.MaxUint64)},
		"Float":          {float32(0.5), plant.Float(0.5)},
		"Double":         {math.Pi, plant.Float(math.Pi)},
		"String":         {"RUN", plant.Text("RUN")},
		"DateTime":       {time.Date(2026, 3, 2, 8, 0, 0, 5e8, time.UTC), plant.Text("2026-03-02T08:00:00.5Z")},
		"no DateTime":    {time.Time{}, plant.Text("")},
		"Guid":           {ua.NewGUID("AAAABBBB-CCDD-EEFF-0101-0123456789AB"), plant.Text("AAAABBBB-CCDD-EEFF-0101-0123456789AB")},
		"ByteString":     {[]byte("E-310"), plant.Text("E-310")},
		"raw ByteString": {[]byte{0xff, 0x01}, plant.Text("ff01")},
		"XmlElement":     {ua.XMLElement("<a/>"), plant.Text("<a/>")},
		"NodeId":         {ua.NewStringNodeID(2, "Press"), plant.Text("ns=2;s=Press")},
		"ExpandedNodeId": {ua.NewStringExpandedNodeID(2, "Press"), plant.Text("ns=2;s=Press")},
		"StatusCode":     {ua.StatusBadNoCommunication, plant.Uint(0x80310000)},
		"QualifiedName":  {&ua.QualifiedName{Name: "Press"}, plant.Text("Press")},
		"LocalizedText":  {ua.NewLocalizedText("Störung"), plant.Text("Störung")},
	} {
		d, told := newDecoder()
		got := d.sample(pointOf(plant.KindNone), readingOf(&ua.DataValue{Value: ua.MustVariant(c.in), SourceTimestamp: received}), received)
		if got.Value != c.want || got.Status != plant.Good {
			t.Errorf("%s: got %v (%v) with status %v, want %v (%v)", name, got.Value, got.Value.Kind(), got.Status, c.want, c.want.Kind())
		}
		if len(*told) != 0 {
			t.Errorf("%s: told of trouble %q", name, *told)
		}
	}
}

func TestAValueOfAnotherTypeIsConvertedOrSaidToMismatch(t *testing.T) {
	for name, c := range map[string]struct {
		in     any
		status ua.StatusCode
		kind   plant.Kind
		want   plant.Value
		result plant.Status
	}{
		"Int16 as float":       {int16(7), 0, plant.KindFloat, plant.Float(7), plant.Good},
		"whole Double as int":  {float64(7), 0, plant.KindInt, plant.Int(7), plant.Good},
		"Int32 as text":        {int32(7), 0, plant.KindText, plant.Text("7"), plant.Good},
		"fraction as int":      {7.5, 0, plant.KindInt, plant.Value{}, plant.BadTypeMismatch},
		"negative as uint":     {int32(-1), 0, plant.KindUint, plant.Value{}, plant.BadTypeMismatch},
		"text as float":        {"RUN", 0, plant.KindFloat, plant.Value{}, plant.BadTypeMismatch},
		"an array":             {[]int32{1, 2}, 0, plant.KindNone, plant.Value{}, plant.BadTypeMismatch},
		"uncertain text":       {"RUN", ua.StatusUncertainLastUsableValue, plant.KindInt, plant.Value{}, plant.BadTypeMismatch},
		"Bad text keeps Bad":   {"RUN", ua.StatusBadSensorFailure, plant.KindInt, plant.Value{}, plant.BadSensorFailure},
		"Bad with a value":     {int32(7), ua.StatusBadSensorFailure, plant.KindInt, plant.Int(7), plant.BadSensorFailure},
		"Bad without a value":  {nil, ua.StatusBadNoCommunication, plant.KindInt, plant.Value{}, plant.BadNoCommunication},
		"Good without a value": {nil, 0, plant.KindInt, plant.Value{}, plant.Good},
		"uncertain":            {int32(7), ua.StatusUncertainLastUsableValue, plant.KindInt, plant.Int(7), plant.UncertainLastUsableValue},
	} {
		d, told := newDecoder()
		got := d.sample(pointOf(c.kind), readingOf(&ua.DataValue{Value: ua.MustVariant(c.in), Status: c.status, SourceTimestamp: received}), received)
		if got.Value != c.want || got.Status != c.result {
			t.Errorf("%s: got %v with status %v, want %v with %v", name, got.Value, got.Status, c.want, c.result)
		}
		if mismatch := c.result == plant.BadTypeMismatch; mismatch != (len(*told) == 1) {
			t.Errorf("%s: told %q", name, *told)
		}
	}
}

func TestAMismatchIsToldOnChangeOnly(t *testing.T) {
	d, told := newDecoder()
	p := pointOf(plant.KindInt)
	for _, v := range []any{int32(1), "RUN", "STOP", 1.5, int32(2), int32(3)} {
		d.sample(p, readingOf(&ua.DataValue{Value: ua.MustVariant(v)}), received)
	}
	want := []string{"value of type TypeIDString: want int", "value of type TypeIDDouble: want int", ""}
	if len(*told) != len(want) {
		t.Fatalf("told: got %q, want %q", *told, want)
	}
	for i := range want {
		if (*told)[i] != want[i] {
			t.Errorf("told %d: got %q, want %q", i, (*told)[i], want[i])
		}
	}
}

func TestTheSourcesTimeCountsWithinReason(t *testing.T) {
	at := func(d time.Duration) time.Time { return received.Add(d) }
	for name, c := range map[string]struct {
		source, server, want time.Time
	}{
		"source":                {at(-time.Second), at(-time.Millisecond), at(-time.Second)},
		"server":                {time.Time{}, at(-time.Millisecond), at(-time.Millisecond)},
		"neither":               {time.Time{}, time.Time{}, received},
		"a clock a week behind": {at(-8 * 24 * time.Hour), at(0), received},
		"a clock ahead":         {at(6 * time.Minute), at(0), received},
		"a little ahead":        {at(4 * time.Minute), at(0), at(4 * time.Minute)},
		"the year 1601":         {time.Date(1601, 1, 1, 0, 0, 1, 0, time.UTC), at(0), received},
		"the year 9999":         {time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), at(0), received},
	} {
		d, _ := newDecoder()
		got := d.sample(pointOf(plant.KindNone), readingOf(&ua.DataValue{Value: ua.MustVariant(true), SourceTimestamp: c.source, ServerTimestamp: c.server}), received)
		if want := plant.At(c.want); got.Time != want {
			t.Errorf("%s: got %v, want %v", name, got.Time, want)
		}
	}
}

// readingOf is what andon makes of a value that a server sends.
func readingOf(d *ua.DataValue) *wire.Reading {
	v := wire.Encoded(d)
	return made(&v)
}

func made(v *wire.DataValue) *wire.Reading {
	r := new(wire.Reading)
	v.MakeOut(r)
	return r
}

// FuzzDecode feeds data values as a server could send them.
func FuzzDecode(f *testing.F) {
	for _, v := range opcuatest.EveryType() {
		b, err := (&ua.DataValue{EncodingMask: 0x0f, Value: ua.MustVariant(v), SourceTimestamp: received, ServerTimestamp: received}).Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, uint8(plant.KindNone))
		f.Add(b, uint8(plant.KindFloat))
	}
	f.Fuzz(func(t *testing.T, b []byte, kind uint8) {
		var v wire.DataValue
		if _, err := v.Read(b); err != nil {
			return
		}
		d, _ := newDecoder()
		k := plant.Kind(kind % 6)
		s := d.sample(pointOf(k), made(&v), received)
		if got := s.Value.Kind(); got != plant.KindNone && k != plant.KindNone && got != k {
			t.Errorf("kind: got %v, want %v or none", got, k)
		}
		if s.Time < plant.At(received.Add(-d.window.Past)) || s.Time > plant.At(received.Add(d.window.Future)) {
			t.Errorf("time: got %v, want one near %v", s.Time, received)
		}
		v.Decoded()
	})
}

func benchSubscription(n int) *subscription {
	d, _ := newDecoder()
	points := make([]*point, n)
	for i := range points {
		points[i] = pointOf(plant.KindNone)
	}
	src := &Source{config: DefaultConfig(), metrics: d.metrics, history: newHistorian(nil, "")}
	sub := &subscription{session: &session{source: src}, out: &output{source: src, decoder: *d}}
	sub.items = newItems(src, points)
	return sub
}

func TestAPartOfAnArrayCostsNoMemory(t *testing.T) {
	b := opcuatest.Encode(t, ua.MustVariant(make([]float64, 10_000)))
	p := &point{tag: pointOf(plant.KindFloat).tag, address: address.Address{Part: structure.Path{{Index: []uint32{9_999}}}}}
	v := wire.DataValue{Variant: b}
	if n := testing.AllocsPerRun(100, func() {
		var r wire.Reading
		if p.makeOut(&v, &r); r.Err != nil {
			t.Fatal(r.Err)
		}
	}); n > 0 {
		t.Errorf("got %v allocations, want none", n)
	}
}
