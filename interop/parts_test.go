package interop_test

import (
	"strings"
	"testing"

	"andon/plant"
)

// parts reads arrays, structures and enumerations, whose types the server
// describes, and sees a structure change.
func parts(t *testing.T, s *server) {
	r := newRig(t, s)
	tags := map[string]*plant.Tag{}
	want := map[string]plant.Value{
		"part=[1];Zones":               plant.Float(21.5),
		"part=[3];Counts":              plant.Uint(4),
		"part=[0];Names":               plant.Text("north"),
		"part=[1,2];Matrix":            plant.Float(6),
		"part=Name;Drive":              plant.Text("M1"),
		"part=Speed;Drive":             plant.Float(1480.5),
		"part=State;Drive":             plant.Text("Running"),
		"part=Bearings[1];Drive":       plant.Float(41.5),
		"part=[2].Speed;Drives":        plant.Float(990.25),
		"part=[2].State;Drives":        plant.Int(2),
		"part=Hours;Conveyor":          plant.Uint(1234),
		"part=Main.Speed;Conveyor":     plant.Float(50.5),
		"part=Drives[1].Name;Conveyor": plant.Text("C2"),
		"part=Width;Inspection":        plant.Float(80.25),
		"part=Defects;Inspection":      plant.Uint(3),
		"DriveState":                   plant.Text("Running"),
		"Grade":                        plant.Text("Second"),
	}
	for where, v := range want {
		part, node, ok := strings.Cut(where, ";")
		if !ok {
			part, node = "", where
		} else {
			part += ";"
		}
		name := strings.NewReplacer("=", "-", "[", "-", "]", "-", ",", "-", ".", "-", ";", "-").Replace(where)
		tags[where] = r.tagAt(name, v.Kind(), part+"nsu=urn:northfield:interop;s="+node)
	}
	r.start()
	for where, v := range want {
		if got := r.last(tags[where]); got.Value != v || got.Status != plant.Good {
			t.Errorf("%s: got %s (%s), want %s (good)", where, got.Value, got.Status, v)
		}
	}
	s.set("Drive", map[string]any{"name": "M7", "speed": 7.5, "state": 2, "bearings": []float64{1, 2, 3}})
	r.wait("the changed drive", func() bool {
		return r.last(tags["part=Speed;Drive"]).Value == plant.Float(7.5) && r.last(tags["part=State;Drive"]).Value == plant.Text("Blocked")
	})
	if got := r.last(tags["part=Bearings[1];Drive"]).Value; got != plant.Float(2) {
		t.Errorf("bearing: got %s, want 2", got)
	}
}

func units(t *testing.T, s *server) {
	r := newRig(t, s)
	right, wrong := r.tag("Temperature", plant.KindFloat), r.tagAt("Wrong", plant.KindFloat, "nsu=urn:northfield:interop;s=Temperature")
	right.Unit, wrong.Unit = "degC", "bar"
	r.start()
	r.last(right)
	r.wait("the trouble of the wrong unit", func() bool { return strings.Contains(r.super.Health()[0].Troubles[wrong.Path], "°C") })
	if got := r.super.Health()[0].Troubles[right.Path]; got != "" {
		t.Errorf("trouble of the right unit: got %q, want none", got)
	}
	s.set("Temperature", 61.5)
	r.wait("values all the same", func() bool { return r.last(wrong).Value == plant.Float(61.5) })
}
