package engine

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"andon/plant"
	"andon/store"
)

func TestRecordsOfEquipmentThatIsGoneAreEnded(t *testing.T) {
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "andon.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const gone, here = "northfield/packing/lineA/A9", "northfield/packing/lineA/A1"
	alarm := func(id, equipment string) store.Alarm {
		return store.Alarm{ID: id, Area: "northfield/packing", Equipment: equipment, State: "unacknowledged", Open: true, Raised: 5,
			Body: []byte(`{"id":"` + id + `","state":"unacknowledged","active":true}`)}
	}
	stop := func(id, equipment string) store.Stop {
		return store.Stop{ID: id, Equipment: equipment, Start: 5, State: "fault", Body: []byte(`{"id":"` + id + `","from":"1970-01-01T00:00:00.000000005Z","to":""}`)}
	}
	if err := s.Commit(t.Context(), store.Commit{Area: "northfield/packing", Pos: 7, Alarms: []store.Alarm{alarm("a", gone), alarm("b", here)},
		Stops: []store.Stop{stop("s", gone), stop("t", here)}}); err != nil {
		t.Fatal(err)
	}
	known := func(_, equipment string) bool { return equipment == here }
	if err := reconcile(t.Context(), s, "northfield", plant.Instant(9e9), known); err != nil {
		t.Fatal(err)
	}
	alarms, _ := s.Alarms(t.Context(), store.AlarmFilter{Open: true})
	stops, _ := s.Stops(t.Context(), store.StopFilter{Open: true})
	if len(alarms) != 1 || alarms[0].ID != "b" || len(stops) != 1 || stops[0].ID != "t" {
		t.Errorf("open: got alarms %v and stops %v, want those of %s alone", alarms, stops, here)
	}
	ended, err := s.Stops(t.Context(), store.StopFilter{Equipment: gone})
	if err != nil || len(ended) != 1 || !strings.Contains(string(ended[0].Body), `"to":"1970-01-01T00:00:09Z"`) {
		t.Errorf("stop of %s: got %v, %v; want its end in it", gone, ended, err)
	}
	if p, _ := s.Progress(t.Context(), "northfield/packing"); p.Pos != 7 {
		t.Errorf("position: got %d, want it left at 7", p.Pos)
	}
}

func TestAllRecordsOfALargePlantThatIsGoneAreEnded(t *testing.T) {
	s, _ := OpenStore(t)
	const gone = "northfield/packing/lineA/A9"
	c := store.Commit{Area: "northfield/packing", Time: at(60, 0)}
	for i := range 1500 {
		id := strconv.Itoa(i)
		c.Stops = append(c.Stops, store.Stop{ID: id, Equipment: gone, Start: at(1, 0), State: "fault", Body: []byte(`{"id":"` + id + `"}`)})
		c.Alarms = append(c.Alarms, store.Alarm{ID: id, Area: c.Area, Equipment: gone, Open: true, State: "unacknowledged", Raised: at(1, 0),
			Body: []byte(`{"id":"` + id + `"}`)})
	}
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	p := &Plant{o: Options{Store: s, Tree: Northfield(t)}}
	if err := p.retire(t.Context()); err != nil {
		t.Fatal(err)
	}
	stops, err := s.Stops(t.Context(), store.StopFilter{Open: true})
	alarms, err2 := s.Alarms(t.Context(), store.AlarmFilter{Open: true})
	if err != nil || err2 != nil || len(stops)+len(alarms) > 0 {
		t.Errorf("still open: got %d stops (%v) and %d alarms (%v), want none", len(stops), err, len(alarms), err2)
	}
}

func TestAStopOfEquipmentThatIsGoneLastsAsLongAsItsAreaWasSeen(t *testing.T) {
	s, _ := OpenStore(t)
	stop := func(equipment string) store.Stop {
		return store.Stop{ID: equipment, Equipment: equipment, Start: at(1, 0), State: "fault",
			Body: []byte(`{"from":"` + at(1, 0).String() + `","to":"","excluded":60000000000}`)}
	}
	const retired, elsewhere = "northfield/packing/lineA/A9", "northfield/paint/lineP/P1"
	for _, c := range []store.Commit{
		{Area: "northfield/packing", Time: at(31, 0), Stops: []store.Stop{stop(retired)}},
		{Area: "northfield/moulding", Time: at(60, 0), Stops: []store.Stop{stop(elsewhere)}}, // of an area nobody knows of
	} {
		if err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	p := &Plant{o: Options{Store: s, Tree: Northfield(t)}}
	if err := p.retire(t.Context()); err != nil {
		t.Fatal(err)
	}
	for equipment, want := range map[string]plant.Instant{retired: at(31, 0), elsewhere: at(60, 0)} {
		got, err := s.Stops(t.Context(), store.StopFilter{Equipment: equipment})
		if err != nil || len(got) != 1 || got[0].End != want {
			t.Fatalf("stop of %s: got %v, %v; want it to end at %s", equipment, got, err, want)
		}
		if equipment == retired && !strings.Contains(string(got[0].Body), `"duration":1740`) {
			t.Errorf("stop of %s: got %s, want 29 minutes of downtime", equipment, got[0].Body)
		}
	}
}
