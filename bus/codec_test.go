package bus

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"andon/plant"
)

// packingTree has one packing line of n tags on each of four machines.
func packingTree(tb testing.TB, n int) *plant.Tree {
	tb.Helper()
	line := plant.LineConfig{Name: "lineA"}
	for _, name := range []string{"A1", "A2", "A3", "A4"} {
		eq := plant.EquipmentConfig{Name: name, Source: "packing"}
		for i := range n {
			eq.Tags = append(eq.Tags, plant.TagConfig{Name: fmt.Sprintf("tag%04d", i)})
		}
		line.Equipment = append(line.Equipment, eq)
	}
	tree, err := plant.NewTree(plant.Config{Site: "northfield", Zone: "Europe/Berlin",
		Areas: []plant.AreaConfig{{Name: "packing", Lines: []plant.LineConfig{line}}}})
	if err != nil {
		tb.Fatal(err)
	}
	return tree
}

func encodeAll(e *encoder, samples []plant.Sample, contacts []plant.Contact, events ...plant.Event) []byte {
	e.reset()
	for i := range samples {
		e.add(&samples[i])
	}
	for _, c := range contacts {
		e.addContact(c)
	}
	e.addEvents(events)
	return e.appendTo(nil)
}

// plain is a sample without pointers, for comparing.
type plain struct {
	Path   string
	Kind   plant.Kind
	Bits   uint64
	Text   string
	Status plant.Status
	Time   plant.Instant
}

func plainOf(samples []plant.Sample) []plain {
	var out []plain
	for _, s := range samples {
		text, _ := s.Value.Text()
		out = append(out, plain{s.Tag.Path, s.Value.Kind(), s.Value.Bits(), text, s.Status, s.Time})
	}
	return out
}

func drawValue(t *rapid.T) plant.Value {
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 1:
		return plant.Bool(rapid.Bool().Draw(t, "bool"))
	case 2:
		return plant.Int(rapid.Int64().Draw(t, "int"))
	case 3:
		return plant.Uint(rapid.Uint64().Draw(t, "uint"))
	case 4:
		return plant.Float(math.Float64frombits(rapid.Uint64().Draw(t, "float")))
	case 5:
		return plant.Text(string(rapid.SliceOfN(rapid.Byte(), 0, 60).Draw(t, "text")))
	}
	return plant.Value{}
}

func drawSamples(t *rapid.T, tags []*plant.Tag) []plant.Sample {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) plant.Sample {
		return plant.Sample{
			Tag:    rapid.SampledFrom(tags).Draw(t, "tag"),
			Value:  drawValue(t),
			Status: plant.Status(rapid.SampledFrom([]uint32{0, 0, 0, 0x80310000, 0x40900000, 0xFFFFFFFF}).Draw(t, "status")),
			Time:   plant.Instant(rapid.Int64().Draw(t, "time")),
		}
	}), 0, 40).Draw(t, "samples")
}

func drawEvent(t *rapid.T) plant.Event {
	text := func(name string) string { return rapid.StringN(0, 50, 200).Draw(t, name) }
	return plant.Event{
		Kind: plant.EventKind(rapid.IntRange(0, 4).Draw(t, "kind")), Source: text("source"), Condition: text("condition"), Name: text("name"),
		Node: text("node"), NodeName: text("node name"), Type: text("type"), ID: text("id"), Message: text("message"),
		Severity: uint16(rapid.IntRange(0, 1000).Draw(t, "severity")), Active: rapid.Bool().Draw(t, "active"),
		Acked: rapid.Bool().Draw(t, "acked"), Retain: rapid.Bool().Draw(t, "retain"), Suppressed: rapid.Bool().Draw(t, "suppressed"),
		Time: plant.Instant(rapid.Int64().Draw(t, "time")), Received: plant.Instant(rapid.Int64().Draw(t, "received")),
	}
}

func TestWhatIsEncodedIsWhatIsDecoded(t *testing.T) {
	tree := packingTree(t, 5)
	old, err := plant.Detached("northfield/packing/lineA/A9/removed")
	if err != nil {
		t.Fatal(err)
	}
	other := packingTree(t, 3) // the same IDs for other tags, as after a reload
	tags := append(append([]*plant.Tag{old}, tree.Tags()...), other.Tags()...)
	e, d := newEncoder(tree.Areas[0]), newDecoder(tree)
	rapid.Check(t, func(t *rapid.T) {
		want := drawSamples(t, tags)
		contacts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) plant.Contact {
			return plant.Contact{Source: rapid.String().Draw(t, "source"), Time: plant.Instant(rapid.Int64().Draw(t, "at"))}
		}), 0, 3).Draw(t, "contacts")
		events := rapid.SliceOfN(rapid.Custom(drawEvent), 0, 5).Draw(t, "events")
		b := encodeAll(e, want, contacts, events...)
		got, err := d.decode(b)
		if err != nil {
			t.Fatalf("decode: %v", err)
		}
		if diff := cmp.Diff(plainOf(want), plainOf(got.samples)); diff != "" {
			t.Fatalf("samples (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(contacts, got.contacts, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("contacts (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(events, got.events, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("events (-want +got):\n%s", diff)
		}
		if head := len(b) - e.size(); head < 0 || head > 100 {
			t.Fatalf("encoded %d bytes, the encoder counted %d", len(b), e.size())
		}
	})
}

func TestTagsOfTheTreeKeepTheirIdentity(t *testing.T) {
	tree := packingTree(t, 2)
	want := tree.Tags()[3]
	e, d := newEncoder(tree.Areas[0]), newDecoder(tree)
	for range 2 {
		c, err := d.decode(encodeAll(e, []plant.Sample{{Tag: want}, {Tag: tree.Tags()[0]}, {Tag: want}}, nil))
		if err != nil {
			t.Fatal(err)
		}
		got := c.samples
		if got[0].Tag != want || got[2].Tag != want || got[1].Tag != tree.Tags()[0] {
			t.Errorf("got tags %v, want those of the tree", got)
		}
	}
}

func TestTooLongTextLosesItsValueButNotItsSample(t *testing.T) {
	tree := packingTree(t, 1)
	e, d := newEncoder(tree.Areas[0]), newDecoder(tree)
	long := plant.Text(strings.Repeat("x", maxText+1))
	got, err := d.decode(encodeAll(e, []plant.Sample{{Tag: tree.Tags()[0], Value: long, Time: 7}}, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := []plain{{Path: tree.Tags()[0].Path, Status: badEncodingLimits, Time: 7}}
	if diff := cmp.Diff(want, plainOf(got.samples)); diff != "" || e.oversized != 1 {
		t.Errorf("%d oversized, samples (-want +got):\n%s", e.oversized, diff)
	}
}

func floatSamples(tree *plant.Tree) []plant.Sample {
	samples := make([]plant.Sample, maxSamples)
	start := plant.Instant(1_772_438_400_000_000_000)
	for i := range samples {
		samples[i] = plant.Sample{Tag: tree.Tags()[i%len(tree.Tags())], Value: plant.Float(float64(i) * 1.1),
			Time: start + plant.Instant(i*1_003_271)}
	}
	return samples
}

func TestSteadyEncodingAllocatesNothing(t *testing.T) {
	tree := packingTree(t, 250)
	samples, e := floatSamples(tree), newEncoder(tree.Areas[0])
	dst := e.appendTo(nil)
	run := func() {
		e.reset()
		for i := range samples {
			e.add(&samples[i])
		}
		dst = e.appendTo(dst[:0])
	}
	run()
	if got := testing.AllocsPerRun(10, run); got > 0 {
		t.Errorf("encoding allocates %v times, want 0", got)
	}
}

func BenchmarkEncode(b *testing.B) {
	tree := packingTree(b, 250)
	samples, e := floatSamples(tree), newEncoder(tree.Areas[0])
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		e.reset()
		for i := range samples {
			e.add(&samples[i])
		}
		dst = e.appendTo(dst[:0])
	}
	b.ReportMetric(float64(len(dst))/maxSamples, "bytes/sample")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/maxSamples, "ns/sample")
}

// BenchmarkDecode reads messages that name the same tags each time, and such
// as take turns: those of a server with more tags than a message has room for.
func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct {
		name         string
		turns, every int // messages until the tags are the same again; every how many-th tag is in one
	}{{"same", 1, 1}, {"in turn", 5, 1}, {"some of each equipment", 5, 3}} {
		b.Run(c.name, func(b *testing.B) {
			turns := c.turns
			tree := packingTree(b, 250*turns)
			enc, samples := newEncoder(tree.Areas[0]), floatSamples(tree)
			var msgs [][]byte
			for n := range turns {
				for i := range samples {
					samples[i].Tag = tree.Tags()[(n*maxSamples+c.every*i)%len(tree.Tags())]
				}
				msgs = append(msgs, encodeAll(enc, samples, nil))
			}
			d, n := newDecoder(tree), 0
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.decode(msgs[n%turns]); err != nil {
					b.Fatal(err)
				}
				n++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/maxSamples, "ns/sample")
		})
	}
}
