package bus

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/bufbuild/protocompile"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"andon/plant"
)

// foreign reads an encoded batch with nothing but batch.proto.
func foreign(t *testing.T, b []byte) protoreflect.Message {
	t.Helper()
	c := protocompile.Compiler{Resolver: &protocompile.SourceResolver{}}
	files, err := c.Compile(context.Background(), "batch.proto")
	if err != nil {
		t.Fatal(err)
	}
	m := dynamicpb.NewMessage(files[0].Messages().ByName("Batch"))
	if err := (proto.UnmarshalOptions{}).Unmarshal(b, m); err != nil {
		t.Fatal(err)
	}
	if unknown := m.GetUnknown(); len(unknown) > 0 {
		t.Errorf("batch.proto does not know %d bytes", len(unknown))
	}
	return m
}

// column returns the entries of a repeated field as F.
func column[F any](t *testing.T, m protoreflect.Message, name protoreflect.Name) []F {
	t.Helper()
	field := m.Descriptor().Fields().ByName(name)
	if field == nil {
		t.Fatalf("batch.proto has no field %s", name)
	}
	list := m.Get(field).List()
	var out []F
	for i := range list.Len() {
		out = append(out, list.Get(i).Interface().(F))
	}
	return out
}

func same[F any](t *testing.T, m protoreflect.Message, name protoreflect.Name, want ...F) {
	t.Helper()
	if diff := cmp.Diff(want, column[F](t, m, name)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestTheProtoFileTellsTheTruth(t *testing.T) {
	tree := packingTree(t, 2)
	a1, a2 := tree.Tags()[0], tree.Tags()[2]
	b := encodeAll(newEncoder(tree.Areas[0]), []plant.Sample{
		{Tag: a1, Value: plant.Float(1.5), Time: 1000},
		{Tag: a2, Value: plant.Int(-7), Time: 1500},
		{Tag: a1, Value: plant.Uint(math.MaxUint64), Time: 1400, Status: plant.BadNoCommunication},
		{Tag: a1, Value: plant.Bool(true), Time: 1400},
		{Tag: a1, Value: plant.Text("RUN\xff"), Time: 1400},
		{Tag: a1, Time: 1400, Status: plant.Bad},
	}, []plant.Contact{{Source: "packing", Time: 99}}, plant.Event{Kind: plant.EventCondition, Source: "packing", Condition: "nsu=urn:plant;s=Hot",
		Name: "Hot", Node: "nsu=urn:plant;s=Drive", NodeName: "Drive", Type: "i=2915", ID: "0a0b", Message: "too hot", Severity: 700,
		Active: true, Retain: true, Time: -5, Received: 101})
	m := foreign(t, b)

	same(t, m, "equipment", "northfield/packing/lineA/A1", "northfield/packing/lineA/A2")
	same(t, m, "owners", uint32(0), 1)
	same(t, m, "names", "tag0000", "tag0000")
	same(t, m, "tags", uint32(0), 1, 0, 0, 0, 0)
	same(t, m, "times", int64(1000), 500, -100, 0, 0, 0)
	same[protoreflect.EnumNumber](t, m, "kinds", 4, 2, 3, 1, 5, 0)
	same(t, m, "floats", 1.5)
	same(t, m, "ints", int64(-7))
	same(t, m, "uints", uint64(math.MaxUint64))
	same(t, m, "bools", true)
	same(t, m, "texts", []byte("RUN\xff"))
	same(t, m, "statuses", uint32(0), 0, 0x80310000, 0, 0, 0x80000000)
	contacts := column[protoreflect.Message](t, m, "contacts")
	if len(contacts) != 1 {
		t.Fatalf("got %d contacts, want 1", len(contacts))
	}
	fields := contacts[0].Descriptor().Fields()
	source, at := contacts[0].Get(fields.ByName("source")).String(), contacts[0].Get(fields.ByName("time")).Int()
	if source != "packing" || at != 99 {
		t.Errorf("got contact %q at %d, want packing at 99", source, at)
	}
	checkEvent(t, m)
}

func TestTheProtoFileKnowsGapsAndThePast(t *testing.T) {
	e := newEncoder(packingTree(t, 1).Areas[0])
	e.reset()
	e.begin(true)
	e.addGaps([]plant.Gap{{Area: "northfield/packing", Source: "packing", Interval: plant.Interval{From: -3, To: 70}, Cause: plant.GapOutage, Tags: 12}})
	e.addKnown([]plant.Known{{Equipment: "northfield/packing/lineA/A1", Interval: plant.Interval{From: 5, To: 9}}})
	m := foreign(t, e.appendTo(nil))
	fields := map[string]string{}
	for _, name := range []protoreflect.Name{"gaps", "known"} {
		list := column[protoreflect.Message](t, m, name)
		if len(list) != 1 {
			t.Fatalf("got %d %s, want 1", len(list), name)
		}
		list[0].Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			fields[string(f.FullName())] = v.String()
			return true
		})
	}
	fields["backfilled"] = m.Get(m.Descriptor().Fields().ByName("backfilled")).String()
	want := map[string]string{"backfilled": "true", "andon.bus.Gap.area": "northfield/packing", "andon.bus.Gap.source": "packing",
		"andon.bus.Gap.from": "-3", "andon.bus.Gap.to": "70", "andon.bus.Gap.cause": "outage", "andon.bus.Gap.tags": "12",
		"andon.bus.Known.equipment": "northfield/packing/lineA/A1", "andon.bus.Known.from": "5", "andon.bus.Known.to": "9"}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

// checkEvent compares the one event of m with what the test put there.
func checkEvent(t *testing.T, m protoreflect.Message) {
	t.Helper()
	events := column[protoreflect.Message](t, m, "events")
	if len(events) != 1 {
		t.Fatalf("got %d events, want 1", len(events))
	}
	got := map[string]string{}
	events[0].Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		got[string(f.Name())] = v.String()
		if b, ok := v.Interface().([]byte); ok {
			got[string(f.Name())] = string(b)
		}
		return true
	})
	want := map[string]string{"kind": "1", "source": "packing", "condition": "nsu=urn:plant;s=Hot", "name": "Hot", "node": "nsu=urn:plant;s=Drive",
		"node_name": "Drive", "type": "i=2915", "id": "0a0b", "message": "too hot", "severity": "700", "state": "5", "time": "-5", "received": "101"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

func TestTheProtoFileNamesTheKinds(t *testing.T) {
	m := foreign(t, nil)
	kinds := m.Descriptor().ParentFile().Enums().ByName("Kind").Values()
	want := map[protoreflect.Name]plant.Kind{"NONE": plant.KindNone, "BOOL": plant.KindBool, "INT": plant.KindInt,
		"UINT": plant.KindUint, "FLOAT": plant.KindFloat, "TEXT": plant.KindText}
	if kinds.Len() != len(want) {
		t.Errorf("got %d kinds, want %d", kinds.Len(), len(want))
	}
	for name, kind := range want {
		v := kinds.ByName(name)
		if v == nil || v.Number() != protoreflect.EnumNumber(kind) {
			t.Errorf("got %s = %v, want %d", name, v, kind)
		}
	}
}

func TestShortColumnsAreReadAsTheProtoFileSays(t *testing.T) {
	tree := packingTree(t, 1)
	m := foreign(t, encodeAll(newEncoder(tree.Areas[0]), []plant.Sample{
		{Tag: tree.Tags()[0], Value: plant.Float(1), Time: 1}, {Tag: tree.Tags()[0], Value: plant.Float(2), Time: 2}}, nil))
	same[protoreflect.EnumNumber](t, m, "kinds", 4)
	same[uint32](t, m, "statuses")
}

func FuzzDecode(f *testing.F) {
	tree := packingTree(f, 2)
	e := newEncoder(tree.Areas[0])
	f.Add(encodeAll(e, floatSamples(tree)[:20], []plant.Contact{{Source: "packing", Time: 7}}))
	f.Add(encodeAll(e, []plant.Sample{
		{Tag: tree.Tags()[0], Value: plant.Int(-1)}, {Tag: tree.Tags()[1], Value: plant.Text("RUN"), Status: plant.Bad},
		{Tag: tree.Tags()[2], Value: plant.Bool(true)}, {Tag: tree.Tags()[3], Value: plant.Uint(3)}, {Tag: tree.Tags()[0]}}, nil))
	f.Add(encodeAll(e, nil, nil, plant.Event{Kind: plant.EventCondition, Source: "packing", Condition: "i=7", Active: true, Time: 9}))
	e.reset()
	e.begin(true)
	e.add(&plant.Sample{Tag: tree.Tags()[0], Value: plant.Float(1), Time: 3})
	e.addGaps([]plant.Gap{{Area: "northfield/packing", Source: "packing", Interval: plant.Interval{From: 1, To: 7}, Cause: plant.GapOverflow, Tags: 1}})
	e.addKnown([]plant.Known{{Equipment: "northfield/packing/lineA/A1", Interval: plant.Interval{From: 1, To: 7}}})
	f.Add(e.appendTo(nil))
	f.Add([]byte{0x22, 0xff, 0xff, 0xff, 0xff, 0x0f}) // a column said to have 4 GiB
	d := newDecoder(tree)
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := d.decode(b)
		if most := min(len(b), maxDecoded); len(c.samples) > most || len(c.contacts) > most || len(c.events) > most || len(c.gaps)+len(c.known) > 2*most {
			t.Fatalf("%d bytes gave %d samples, %d contacts, %d events and %d gaps", len(b), len(c.samples), len(c.contacts), len(c.events), len(c.gaps)+len(c.known))
		}
		if len(d.detached) > maxCache || len(d.texts) > maxCache || len(d.dict) > maxDecoded {
			t.Fatalf("caches grew to %d tags, %d texts, %d entries", len(d.detached), len(d.texts), len(d.dict))
		}
		if err != nil {
			return
		}
		again, err := newDecoder(tree).decode(encodeAll(newEncoder(tree.Areas[0]), c.samples, c.contacts))
		if err != nil {
			t.Fatalf("decode what was encoded again: %v", err)
		}
		if first, then := plainOf(c.samples), plainOf(again.samples); !slices.Equal(first, then) {
			t.Fatalf("samples changed (-first +again):\n%s", cmp.Diff(first, then))
		}
	})
}

func TestHostileLengthsTakeNoMemory(t *testing.T) {
	d := newDecoder(packingTree(t, 1))
	column := make([]byte, 1<<20) // a million samples of tag 0
	hostile := appendColumn(nil, fieldTags, column)
	if _, err := d.decode(hostile); err == nil {
		t.Errorf("got no error for %d samples", len(column))
	}
	allocated := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			d.decode(hostile)
		}
	}).AllocedBytesPerOp()
	if allocated > 64<<10 {
		t.Errorf("decoding it takes %d bytes, want next to nothing", allocated)
	}
}
