package opcua

import (
	"log/slog"
	"testing"

	"andon/collector"
	"andon/plant"
)

// The first value of a node may come before the answer that it is monitored.
func TestThatANodeIsMonitoredDoesNotHideWhatIsWrongWithItsValues(t *testing.T) {
	s := &Source{log: slog.New(slog.DiscardHandler)}
	var status collector.Status
	p := pointOf(plant.KindInt)
	want := func(when, text string) {
		t.Helper()
		if got := status.Health("").Troubles[p.tag.Path]; got != text {
			t.Errorf("%s: got trouble %q, want %q", when, got, text)
		}
	}
	s.noteTrouble(&status, p, "array of 3: no element 3")
	s.noteFamily(&status, p, "")
	want("monitored after the value", "array of 3: no element 3")
	s.noteFamily(&status, p, "StatusBadNodeIDUnknown")
	want("gone", "StatusBadNodeIDUnknown")
	s.noteFamily(&status, p, "")
	want("back", "")
}
