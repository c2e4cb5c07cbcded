package opcua_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"andon/collector/collectortest"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// A process that is killed notes nothing more at its end.
func TestWhatChangedAfterAndonWasKilledIsReadFromTheServersHistory(t *testing.T) {
	t.Parallel()
	r := historian(t, opcuatest.Options{})
	tag := r.addKept("Total", int64(0))
	x := r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.waitContact()
	r.change(tag, numbers(1, 20))
	r.sink.WaitValue(t, tag, plant.Int(20))
	list := r.samples(tag)
	newest := fmt.Sprintf(`"last":%d`, int64(list[len(list)-1].Time))
	var note []byte
	r.wait("a note of the last value while andon runs", func() bool {
		note, _ = os.ReadFile(r.times) // there may be none yet
		return strings.Contains(string(note), newest)
	})
	x.stop()
	r.times = filepath.Join(t.TempDir(), "history.json") // as it was when andon was killed
	if err := os.WriteFile(r.times, note, 0o600); err != nil {
		t.Fatal(err)
	}
	r.change(tag, numbers(21, 40))
	r.start()
	r.sink.Wait(t, "what changed meanwhile", func(*collectortest.Sink) bool { return len(r.past(tag)) >= 19 })
	if got := r.past(tag); !slices.Equal(got, numbers(21, 39)) { // the last came by itself
		t.Errorf("from the history: got %v, want 21 to 39", got)
	}
	if gaps, _ := r.told(); len(gaps) != 0 {
		t.Errorf("gaps: got %v, want none", gaps)
	}
}
