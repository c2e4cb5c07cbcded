package bus

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/encoding/protowire"
	"pgregory.net/rapid"

	"andon/plant"
)

func drawInterval(t *rapid.T) plant.Interval {
	return plant.Interval{From: plant.Instant(rapid.Int64().Draw(t, "from")), To: plant.Instant(rapid.Int64().Draw(t, "to"))}
}

func TestGapsAndBackfillsAreDecodedAsTheyWereEncoded(t *testing.T) {
	tree := packingTree(t, 5)
	e, d := newEncoder(tree.Areas[0]), newDecoder(tree)
	rapid.Check(t, func(t *rapid.T) {
		want := content{samples: drawSamples(t, tree.Tags()), backfilled: rapid.Bool().Draw(t, "backfilled")}
		want.gaps = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) plant.Gap {
			return plant.Gap{Area: rapid.String().Draw(t, "area"), Source: rapid.String().Draw(t, "source"), Interval: drawInterval(t),
				Cause: plant.GapCause(rapid.String().Draw(t, "cause")), Tags: rapid.IntRange(0, 1<<31).Draw(t, "tags")}
		}), 0, 5).Draw(t, "gaps")
		want.known = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) plant.Known {
			return plant.Known{Equipment: rapid.String().Draw(t, "equipment"), Interval: drawInterval(t)}
		}), 0, 5).Draw(t, "known")
		e.reset()
		e.begin(want.backfilled)
		e.addSamples(want.samples)
		e.addGaps(want.gaps)
		e.addKnown(want.known)
		b := e.appendTo(nil)
		if head := len(b) - e.size(); head < 0 || head > 100 {
			t.Fatalf("encoded %d bytes, the encoder counted %d", len(b), e.size())
		}
		// A later version adds fields, of any type, which this one passes by.
		b = protowire.AppendVarint(protowire.AppendTag(b, 200, protowire.VarintType), 7)
		b = protowire.AppendFixed64(protowire.AppendTag(b, 201, protowire.Fixed64Type), 7)
		b = appendText(b, 202, "later")
		got, err := d.decode(b)
		if err != nil {
			t.Fatalf("decode: %v", err)
		}
		if diff := cmp.Diff(plainOf(want.samples), plainOf(got.samples)); diff != "" {
			t.Fatalf("samples (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want.gaps, got.gaps, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("gaps (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want.known, got.known, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("known times (-want +got):\n%s", diff)
		}
		if got.backfilled != want.backfilled {
			t.Fatalf("backfilled: got %t, want %t", got.backfilled, want.backfilled)
		}
	})
}

// oldMessage is what andon wrote before there were gaps: one sample, one
// contact.
var oldMessage = []byte("\x0a\x1bnorthfield/packing/lineA/A1\x12\x01\x00\x1a\x07tag0000\x22\x01\x00\x2a\x01\x0e\x32\x01\x02\x42\x01\x05\x6a\x0b\x0a\x07packing\x10\x0e")

func TestAMessageOfAnOlderAndonIsRead(t *testing.T) {
	tree := packingTree(t, 1)
	got, err := newDecoder(tree).decode(oldMessage)
	if err != nil {
		t.Fatal(err)
	}
	want := []plain{{Path: tree.Tags()[0].Path, Kind: plant.KindInt, Bits: 1<<64 - 3, Time: 7}}
	if diff := cmp.Diff(want, plainOf(got.samples)); diff != "" {
		t.Errorf("samples (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]plant.Contact{{Source: "packing", Time: 7}}, got.contacts); diff != "" {
		t.Errorf("contacts (-want +got):\n%s", diff)
	}
	if got.backfilled || len(got.gaps)+len(got.known) > 0 {
		t.Errorf("got %+v, want no gaps and nothing of the past", got)
	}
}
