package rules_test

import (
	"fmt"
	"testing"
	"time"

	"andon/plant"
	"andon/rules"
)

func TestMachineThatNeverReportedIsNamed(t *testing.T) {
	s := newShift(t, silent())
	want(t, "start", s.at("10:00"), "")
	got := s.tick("10:00", "10:00:30")
	want(t, "every declared machine", got, "A1 silent medium at 10:00:30, A2 silent medium at 10:00:30, A3 silent medium at 10:00:30, A4 silent medium at 10:00:30")
	if m, want := got[0].Message, "nothing heard since 11:00:00"; m != want {
		t.Errorf("message: got %q, want %q", m, want)
	}
}

func TestSilentMachineIsRaisedAndClearedByASample(t *testing.T) {
	r := silent()
	r.Equipment = lineA + "A1"
	s := newShift(t, r)
	s.at("10:00")
	s.tick("10:00", "10:00:20")
	s.at("10:00:20", s.sample("10:00:20", "A1/total", plant.Uint(7)))
	want(t, "30 s after the sample, one nanosecond early", append(s.tick("10:00:20", "10:00:49"), s.eval(clock("10:00:50")-1)...), "")
	want(t, "30 s after the sample", s.at("10:00:50"), "A1 silent medium at 10:00:50")
	want(t, "heard again", s.at("10:01", s.sample("10:00:59.5", "A1/total", plant.Uint(8))), "A1 silent over at 10:00:59.5")
	want(t, "and silent again", s.tick("10:01", "10:01:30"), "A1 silent medium at 10:01:30")
}

func TestContactOfTheSourceKeepsUnchangedMachinesAlive(t *testing.T) {
	s := newShift(t, silent())
	s.at("10:00", s.sample("10:00", "A1/total", plant.Uint(7)), s.sample("09:00", "A2/total", plant.Uint(7)))
	want(t, "only the machines of the other source", s.contacts("10:00:05", "10:02"), "A3 silent medium at 10:00:30, A4 silent medium at 10:00:30")
}

func TestContactSaysNothingOfAMachineThatHasNoGoodValue(t *testing.T) {
	s := newShift(t, silent())
	s.at("10:00", s.sample("10:00", "A1/total", plant.Uint(7)), s.temp("10:00", 60), s.lost("10:00", "A2/total"))
	want(t, "one tag is lost, A2 never had one", s.contacts("10:00:05", "10:00:20", s.lost("10:00:05", "A1/total")), "")
	got := s.contacts("10:00:25", "10:01", s.lost("10:00:24", "A1/gearbox_temp"))
	want(t, "the server lives, the machine behind it is gone", got,
		"A2 silent medium at 10:00:30, A3 silent medium at 10:00:30, A4 silent medium at 10:00:30, A1 silent medium at 10:00:50")
	want(t, "still gone", s.contacts("10:01:05", "10:02"), "")
	want(t, "one value is back", s.at("10:02:01", s.temp("10:02:01", 61)), "A1 silent over at 10:02:01")
	want(t, "and does not change", s.contacts("10:02:05", "10:04"), "")
}

func TestRestartRemembersWhichMachinesHaveGoodValues(t *testing.T) {
	r := silent()
	r.Equipment = lineA + "A[12]"
	s := newShift(t, r)
	s.at("10:00", s.sample("10:00", "A1/total", plant.Uint(7)), s.sample("10:00", "A2/total", plant.Uint(7)), s.lost("10:00", "A2/total"))
	s.restart()
	want(t, "after the restart", s.contacts("10:00:05", "10:02"), "A2 silent medium at 10:00:30")
}

// Earlier versions kept whether the value was Good in each rule with a tag.
func TestOlderSnapshotRemembersTheGoodTagOfARule(t *testing.T) {
	r := silent()
	r.Equipment, r.Tag = lineA+"A1", "total"
	s := newShift(t, r)
	const old = `{"version":1,"now":%q,"instances":[{"rule":"silent","equipment":"northfield/packing/lineA/A1","kind":"absence","tag":"total",` +
		`"quality":1,"seen":%d,"latches":[{"priority":"medium"}]}]}`
	if err := s.set.Restore(fmt.Appendf(nil, old, clock("10:00"), int64(clock("10:00")))); err != nil {
		t.Fatal(err)
	}
	want(t, "unchanged, and the source is in touch", s.contacts("10:00:05", "10:02"), "")
}

// contacts lets source opcua be in touch every five seconds; first comes with
// the first contact.
func (s *shift) contacts(from, to string, first ...plant.Sample) (out []plant.Condition) {
	in := rules.Input{Samples: first}
	for now := clock(from); now <= clock(to); now = now.Add(5 * time.Second) {
		in.Contacts = []plant.Contact{{Source: "opcua", Time: now}}
		out = append(out, s.set.Eval(now, in)...)
		in.Samples = nil
	}
	return out
}

// lost is the last word of a server on a tag of equipment that it does not
// reach any more.
func (s *shift) lost(at, tag string) plant.Sample {
	t := s.sample(at, tag, plant.Value{})
	t.Status = plant.BadNoCommunication
	return t
}

func TestBadSamplesAreNoSignOfLife(t *testing.T) {
	r := silent()
	r.Equipment, r.Tag = lineA+"A1", "gearbox_temp"
	s := newShift(t, r)
	s.at("10:00", s.temp("10:00", 60))
	var got []plant.Condition
	for now := clock("10:00:05"); now <= clock("10:01"); now = now.Add(5 * time.Second) {
		x := s.badTemp("10:00", 0, plant.BadSensorFailure)
		x.Time = now
		got = append(got, s.eval(now, x, plant.Contact{Source: "opcua", Time: now}, s.sample("10:00", "A1/total", plant.Uint(7)))...)
	}
	want(t, "the sensor is broken, all else is well", got, "A1 silent medium at 10:00:30")
	want(t, "mended", s.at("10:01:05", s.temp("10:01:05", 61)), "A1 silent over at 10:01:05")
	want(t, "unchanged, and the source is in touch", s.at("10:01:30", plant.Contact{Source: "opcua", Time: clock("10:01:30")}), "")
	want(t, "so it is not silent", s.tick("10:01:30", "10:01:59"), "")
}

func TestAwayAndonDoesNotCallTheWholePlantSilent(t *testing.T) {
	s := newShift(t, silent())
	s.at("10:00")
	s.tick("10:00", "10:00:10")
	s.restart()
	want(t, "back after an hour", s.at("11:00:10"), "")
	want(t, "the rest of the time", s.tick("11:00:10", "11:00:29"), "")
	want(t, "still silent", s.at("11:00:30"), "A1 silent medium at 11:00:30, A2 silent medium at 11:00:30, A3 silent medium at 11:00:30, A4 silent medium at 11:00:30")
}

func TestBufferedSamplesAreASignOfLife(t *testing.T) {
	r := silent()
	r.Equipment = lineA + "A1"
	s := newShift(t, r)
	s.at("10:00")
	s.tick("10:00", "10:00:30")
	want(t, "an old sample arrives", s.at("10:00:31", s.sample("09:59", "A1/total", plant.Uint(8))), "A1 silent over at 10:00:30")
}
