package influx

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"andon/plant"
)

// northfield is a tree like that of the demo: names are shared by equipment
// whose controllers use different types.
func northfield(t testing.TB) *plant.Tree {
	t.Helper()
	tree, err := plant.NewTree(plant.Config{Site: "northfield", Zone: "Europe/Berlin", Areas: []plant.AreaConfig{
		{Name: "packing", Lines: []plant.LineConfig{{Name: "lineA", Equipment: []plant.EquipmentConfig{
			{Name: "A1", Tags: []plant.TagConfig{{Name: "state", Type: "int"}, {Name: "speed", Type: "float"}, {Name: "total", Type: "uint"},
				{Name: "estop", Type: "bool"}, {Name: "loose"}, {Name: "rate", Type: "int"}}},
			{Name: "A3", Tags: []plant.TagConfig{{Name: "state", Type: "text"}, {Name: "total"}, {Name: "alarm_id", Type: "text"},
				{Name: "estop"}, {Name: "rate", Type: "float"}, {Name: "time", Type: "int"}}},
		}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

const a1, a3 = "northfield/packing/lineA/A1/", "northfield/packing/lineA/A3/"

func sample(t testing.TB, tree *plant.Tree, path string, v plant.Value, at plant.Instant) plant.Sample {
	t.Helper()
	tag := tree.Tag(path)
	if tag == nil {
		var err error
		if tag, err = plant.Detached(path); err != nil {
			t.Fatal(err)
		}
	}
	return plant.Sample{Tag: tag, Value: v, Time: at}
}

// encode returns the lines of samples without the part that is the same for
// all of an equipment, which becomes its name.
func encode(t testing.TB, e *encoder, samples ...plant.Sample) []string {
	t.Helper()
	b, n := e.samples(nil, samples, 9)
	text := strings.NewReplacer(
		"telemetry,area=packing,equipment=A1,line=lineA,site=northfield", "A1",
		"telemetry,area=packing,equipment=A3,line=lineA,site=northfield", "A3").Replace(string(b))
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if text == "" {
		lines = nil
	}
	if n != len(lines) {
		t.Errorf("counted lines: got %d, want %d", n, len(lines))
	}
	return lines
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("lines:\ngot  %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestSamplesOfOneEquipmentAndTimeShareALine(t *testing.T) {
	tree := northfield(t)
	e := newEncoder(tree)
	s := func(path string, v plant.Value, at plant.Instant) plant.Sample { return sample(t, tree, path, v, at) }
	wantLines(t, encode(t, e,
		s(a1+"speed", plant.Float(1.5), 1000),
		s(a3+"total", plant.Int(7), 1000),
		s(a1+"state", plant.Int(6), 1000),
		s(a1+"estop", plant.Bool(false), 1000),
		s(a1+"speed", plant.Float(2), 2000),
	), "A1 speed=1.5,state=6i,estop=false 1000", "A1 speed=2 2000", "A3 total=7i 1000")
}

func TestQueuesOfSeveralTagsAreSortedByTime(t *testing.T) {
	tree := northfield(t)
	e := newEncoder(tree)
	var in []plant.Sample
	for _, tag := range []string{"speed", "state"} {
		for at := plant.Instant(1); at <= 3; at++ {
			in = append(in, sample(t, tree, a1+tag, plant.Int(int64(at)), at))
		}
	}
	wantLines(t, encode(t, e, in...), "A1 speed=1,state=1i 1", "A1 speed=2,state=2i 2", "A1 speed=3,state=3i 3")
}

func TestLaterOfTwoValuesAtOneTimeIsWrittenLast(t *testing.T) {
	tree := northfield(t)
	e := newEncoder(tree)
	wantLines(t, encode(t, e,
		sample(t, tree, a1+"speed", plant.Float(1), 5),
		sample(t, tree, a1+"state", plant.Int(6), 5),
		sample(t, tree, a1+"speed", plant.Float(2), 5),
	), "A1 speed=1,state=6i 5", "A1 speed=2 5")
}

func TestStatusIsWrittenUntilItIsGoodAgain(t *testing.T) {
	tree := northfield(t)
	e := newEncoder(tree)
	with := func(v plant.Value, st plant.Status, at plant.Instant) plant.Sample {
		s := sample(t, tree, a1+"speed", v, at)
		s.Status = st
		return s
	}
	wantLines(t, encode(t, e, with(plant.Float(1), plant.Good, 1)), "A1 speed=1 1")
	wantLines(t, encode(t, e, with(plant.Float(2), plant.UncertainLastUsableValue, 2)), "A1 speed=2,speed_status=1083179008i 2")
	wantLines(t, encode(t, e, with(plant.Value{}, plant.BadNoCommunication, 3)), "A1 speed_status=2150694912i 3")
	wantLines(t, encode(t, e, with(plant.Float(math.NaN()), plant.Bad, 4)), "A1 speed_status=2147483648i 4")
	wantLines(t, encode(t, e, with(plant.Float(5), plant.Good, 5)), "A1 speed=5,speed_status=0i 5")
	wantLines(t, encode(t, e, with(plant.Float(6), plant.Good, 6)), "A1 speed=6 6")
	if got := e.commit(); got.notFinite != 1 {
		t.Errorf("dropped: got %+v, want one that is not finite", got)
	}
}

func TestGoodStatusIsStatedOnceAfterARestart(t *testing.T) {
	tree := northfield(t)
	e := newEncoder(tree)
	e.restored = map[statusID]tagStatus{{"northfield", "packing", "lineA", "A1", "speed_status"}: {plant.Bad, 1}}
	wantLines(t, encode(t, e, sample(t, tree, a1+"speed", plant.Float(1), 1), sample(t, tree, a1+"state", plant.Int(1), 1)),
		"A1 speed=1,speed_status=0i,state=1i 1")
	wantLines(t, encode(t, e, sample(t, tree, a1+"speed", plant.Float(2), 2)), "A1 speed=2 2")
}

func TestTagsOfOneNameNeverFightOverAType(t *testing.T) {
	tree := northfield(t)
	detached := "northfield/packing/lineA/A1/"
	for _, c := range []struct {
		path string
		v    plant.Value
		want string
	}{
		{a1 + "state", plant.Int(6), "A1 state=6i 1"},
		{a3 + "state", plant.Text("RUN"), `A3 state_text="RUN" 1`},
		{a3 + "alarm_id", plant.Text(""), `A3 alarm_id="" 1`},
		{a1 + "total", plant.Uint(math.MaxUint32), "A1 total=4294967295i 1"},
		{a3 + "total", plant.Int(5), "A3 total=5i 1"},            // declared on A1
		{a3 + "total", plant.Float(5.5), "A3 total_float=5.5 1"}, // no integer, not lost
		{a1 + "rate", plant.Int(5), "A1 rate=5 1"},               // float on A3
		{a1 + "state", plant.Float(6), "A1 state=6i 1"},          // fits
		{a1 + "state", plant.Float(6.5), "A1 state_float=6.5 1"}, // does not
		{a1 + "speed", plant.Int(3), "A1 speed=3 1"},             // widens
		{a1 + "speed", plant.Text("x"), `A1 speed_text="x" 1`},   // no number
		{a3 + "estop", plant.Bool(true), "A3 estop=true 1"},      // declared on A1
		{a3 + "estop", plant.Int(1), "A3 estop_int=1i 1"},        // not declared on A3
		{a1 + "loose", plant.Int(3), "A1 loose=3 1"},             // undeclared: float
		{a1 + "loose", plant.Float(3.5), "A1 loose=3.5 1"},       // undeclared: float
		{a1 + "loose", plant.Int(1<<53 + 1), "A1 loose_int=9007199254740993i 1"},
		{a1 + "loose", plant.Bool(true), "A1 loose=true 1"},
		{a1 + "loose", plant.Text("3"), `A1 loose_text="3" 1`},
		{a3 + "time", plant.Int(3), "A3 time_value=3i 1"},
		{detached + "old name,x", plant.Float(1), `A1 old\ name\,x=1 1`},
	} {
		wantLines(t, encode(t, newEncoder(tree), sample(t, tree, c.path, c.v, 1)), c.want)
	}
}

func TestLateGoodSampleDoesNotEndALaterBadStatus(t *testing.T) {
	tree := northfield(t)
	e := newEncoder(tree)
	at := func(n plant.Instant, status plant.Status) plant.Sample {
		s := sample(t, tree, a1+"speed", plant.Float(1), n)
		s.Status = status
		return s
	}
	wantLines(t, encode(t, e, at(10, plant.Bad)), "A1 speed=1,speed_status=2147483648i 10")
	wantLines(t, encode(t, e, at(5, plant.Good), at(11, plant.Good)), "A1 speed=1 5", "A1 speed=1,speed_status=0i 11")
}

func TestStatusOutlivesAReloadOfTheTree(t *testing.T) {
	e := newEncoder(nil)
	bad := sample(t, northfield(t), a1+"speed", plant.Float(1), 1)
	bad.Status = plant.Bad
	encode(t, e, bad)
	wantLines(t, encode(t, e, sample(t, northfield(t), a1+"speed", plant.Float(2), 2)), "A1 speed=2,speed_status=0i 2")
}

func TestUnsignedValueAboveInt64IsCounted(t *testing.T) {
	tree := northfield(t)
	e := newEncoder(tree)
	wantLines(t, encode(t, e, sample(t, tree, a1+"total", plant.Uint(math.MaxInt64+1), 1), sample(t, tree, a1+"loose", plant.Uint(math.MaxUint64), 1)))
	if got := e.commit(); got.outOfRange != 2 {
		t.Errorf("dropped: got %+v, want two out of range", got)
	}
}

func TestSampleWithoutTimeTakesThatOfTheStream(t *testing.T) {
	tree := northfield(t)
	wantLines(t, encode(t, newEncoder(tree), sample(t, tree, a1+"speed", plant.Float(1), 0)), "A1 speed=1 9")
}

func TestEncoderLearnsWhatTheDatabaseHas(t *testing.T) {
	tree := northfield(t)
	e := newEncoder(tree)
	in := []plant.Sample{sample(t, tree, a1+"state", plant.Int(6), 1), sample(t, tree, a1+"speed", plant.Float(1), 1), sample(t, tree, a1+"loose", plant.Text("x"), 1)}
	in[1].Status = plant.Bad
	first := encode(t, e, in...)
	if !e.learn("state", plant.KindFloat) || !e.learn("speed", plant.KindInt) || !e.learn("loose", plant.KindText) {
		t.Fatal("learn: got nothing new, want something new")
	}
	if e.learn("speed", plant.KindInt) {
		t.Error("learn again: got something new")
	}
	e.rewind()
	wantLines(t, first, `A1 state=6i,speed=1,speed_status=2147483648i,loose_text="x" 1`)
	wantLines(t, encode(t, e, in...), `A1 state=6,speed_float=1,speed_status=2147483648i,loose="x" 1`)
}

func TestRewindTakesBackStatusChanges(t *testing.T) {
	tree := northfield(t)
	e := newEncoder(tree)
	bad := sample(t, tree, a1+"speed", plant.Float(1), 1)
	bad.Status = plant.Bad
	encode(t, e, bad)
	e.commit()
	good := sample(t, tree, a1+"speed", plant.Float(2), 2)
	for range 2 {
		wantLines(t, encode(t, e, good), "A1 speed=2,speed_status=0i 2")
		e.rewind()
	}
}

func TestDetachedTagsAreForgottenNotPiledUp(t *testing.T) {
	e := newEncoder(nil)
	for i := range 3 * maxDetached {
		tag, err := plant.Detached(fmt.Sprintf("s/a/l/e%d/t", i))
		if err != nil {
			t.Fatal(err)
		}
		if b, n := e.samples(nil, []plant.Sample{{Tag: tag, Value: plant.Int(1), Time: 1}}, 1); n != 1 {
			t.Fatalf("lines: got %d in %q, want 1", n, b)
		}
	}
	if len(e.detached) > maxDetached || len(e.detachedS) > maxDetached {
		t.Errorf("kept: got %d tags and %d series, want at most %d", len(e.detached), len(e.detachedS), maxDetached)
	}
}

func FuzzSamplesAlwaysParse(f *testing.F) {
	f.Add("A1", "speed", "RUN", 1.5, int64(3), uint32(0), int64(1000))
	f.Add(`a"=b\`, "\xff \n", "\"\\\n", -0.1, int64(math.MinInt64), uint32(plant.Bad), int64(-1))
	f.Add("#", "time", "", math.Inf(1), int64(1<<60), uint32(1<<30), int64(0))
	f.Fuzz(func(t *testing.T, equipment, name, text string, number float64, integer int64, status uint32, at int64) {
		tag, err := plant.Detached("s/a/l/" + equipment + "/" + name)
		if err != nil {
			return // a name with a slash or none
		}
		e := newEncoder(nil)
		var in []plant.Sample
		for _, v := range []plant.Value{plant.Text(text), plant.Float(number), plant.Int(integer), plant.Uint(uint64(integer)), plant.Bool(true), {}} {
			in = append(in, plant.Sample{Tag: tag, Value: v, Status: plant.Status(status), Time: plant.Instant(at)})
		}
		b, n := e.samples([]byte(nil), in, 9)
		lines := decodeLines(t, b)
		if len(lines) != n || countLines(b) != n {
			t.Fatalf("lines of %q: got %d and %d, want %d", b, len(lines), countLines(b), n)
		}
		found := false
		for _, l := range lines {
			for key, value := range l.Fields {
				found = found || strings.HasSuffix(key, "_text") && value == strings.ToValidUTF8(text, "\uFFFD")
			}
		}
		if !found {
			t.Errorf("text %q is not in %q", text, b)
		}
	})
}
