package engine

import (
	"path/filepath"
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
