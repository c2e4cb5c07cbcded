package bus_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"andon/plant"
)

// anything returns n samples as a plant may send them, of the site's tags and
// of some that are not in it any more.
func (s *site) anything(tb testing.TB, random *rand.Rand, n int) plant.Batch {
	tb.Helper()
	removed, err := plant.Detached("northfield/packing/lineA/A9/removed")
	if err != nil {
		tb.Fatal(err)
	}
	tags := s.area("packing").Lines[0].Equipment[0].Tags
	if random.IntN(4) == 0 {
		tags = append(tags[:len(tags):len(tags)], removed)
	}
	values := []plant.Value{{}, plant.Bool(true), plant.Int(math.MinInt64), plant.Uint(math.MaxUint64), plant.Float(math.NaN()),
		plant.Float(math.Copysign(0, -1)), plant.Text("läuft"), plant.Text(""), plant.Text("\xff\x00"), plant.Text(strings.Repeat("x", 200<<10))}
	batch := plant.Batch{Contacts: []plant.Contact{{Source: "packing-opcua", Time: plant.Instant(random.Int64())}}}
	for range n {
		value := values[random.IntN(len(values)-1)]
		if random.IntN(50) == 0 {
			value = values[len(values)-1] // longer than a message keeps
		}
		batch.Samples = append(batch.Samples, plant.Sample{Tag: tags[random.IntN(len(tags))], Value: value,
			Status: plant.Status(random.Uint32() & 0x80000000), Time: plant.Instant(random.Uint64())})
	}
	return batch
}

// written spells messages out.
func written(messages []plant.Message) []string {
	var out []string
	for _, m := range messages {
		for _, s := range m.Samples {
			text, _ := s.Value.Text()
			out = append(out, fmt.Sprintf("%d %v %s %p %d %x %q %x %d", m.Pos, m.Time, s.Tag.Path, known(s.Tag), s.Value.Kind(), s.Value.Bits(), text, s.Status, s.Time))
		}
		for _, c := range m.Contacts {
			out = append(out, fmt.Sprintf("%d %s %d", m.Pos, c.Source, c.Time))
		}
	}
	return out
}

// known returns a tag of the tree and nil for any other.
func known(t *plant.Tag) *plant.Tag {
	if t.ID < 0 {
		return nil
	}
	return t
}

func TestWhoFollowsCloselyReadsWhatTheStreamHolds(t *testing.T) {
	everyNATS(t, func(t *testing.T, s *site) {
		const puts = 40
		random := rand.New(rand.NewPCG(1, 2))
		b := s.open(t)
		engine, writer := reader(t, b, s.area("packing"), 0), reader(t, b, s.area("packing"), 0)
		var first, second []plant.Message
		for range puts {
			put(t, b, s.anything(t, random, 1+random.IntN(60)))
			first = append(first, readMessages(t, engine, 1)...)
			second = append(second, readMessages(t, writer, 1)...)
		}
		closeBus(t, b)
		stored := readMessages(t, reader(t, s.open(t), s.area("packing"), 0), len(first))
		for name, got := range map[string][]plant.Message{"first": first, "second": second} {
			if diff := cmp.Diff(written(stored), written(got)); diff != "" {
				t.Errorf("%s reader (-stored +got):\n%s", name, diff)
			}
		}
	})
}

func TestReadersShareWhatWasJustPut(t *testing.T) {
	s := embedded(t)
	b := s.open(t)
	engine, writer := reader(t, b, s.area("packing"), 0), reader(t, b, s.area("packing"), 0)
	batch := s.counts("packing/lineA/A1/total", 0, 100)
	put(t, b, batch)
	for i := range batch.Samples { // the source fills it anew
		batch.Samples[i].Value = plant.Text("other")
	}
	one, other := readMessages(t, engine, 1)[0].Samples, readMessages(t, writer, 1)[0].Samples
	checkCounts(t, one, 0, 100)
	checkCounts(t, other, 0, 100)
	if &one[0] != &other[0] {
		t.Error("each reader decoded the message for itself")
	}
	late := readMessages(t, reader(t, b, s.area("packing"), 0), 1)[0].Samples
	checkCounts(t, late, 0, 100)
	if &one[0] == &late[0] {
		t.Error("what all readers had taken was still remembered")
	}
}
