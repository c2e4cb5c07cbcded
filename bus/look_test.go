package bus_test

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"andon/bus"
	"andon/plant"
)

// look opens the stream to read and closes it with the test.
func (s *site) look(tb testing.TB) *bus.Bus {
	tb.Helper()
	log := slog.New(slog.NewTextHandler(tb.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	b, err := bus.Look(patience(tb), bus.Options{Config: s.config, Tree: s.tree, Log: log})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { closeBus(tb, b) })
	return b
}

// files returns the names and contents of all files below a folder.
func files(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all[path] = string(text)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// A plant stood for longer than the stream keeps: who looks what InfluxDB
// lacks must not be the one who has it removed.
func TestALookAtAStoppedStreamReadsAllAndChangesNothing(t *testing.T) {
	s := embedded(t)
	b := s.open(t)
	for i := range 10 {
		put(t, b, s.counts("packing/lineA/A1/total", 1000*i, 1000))
	}
	if err := b.SavePosition(t.Context(), "influx.packing", 3); err != nil {
		t.Fatal(err)
	}
	closeBus(t, b)
	<-time.After(1100 * time.Millisecond) // what is there now goes with the next start
	s.config.MaxAge, s.config.DedupeWindow = time.Second, time.Second
	b = s.open(t) // its limits are in the folder now
	put(t, b, s.counts("packing/lineA/A1/total", 0, 2000))
	closeBus(t, b)
	<-time.After(1100 * time.Millisecond) // all are older than max_age
	before := files(t, string(s.config.Dir))

	look := s.look(t)
	checkCounts(t, readSamples(t, reader(t, look, s.area("packing"), 0), 2000), 0, 2000)
	if pos, err := look.LoadPosition(t.Context(), "influx.packing"); pos != 3 || err != nil {
		t.Errorf("position: got %d, %v; want 3", pos, err)
	}
	info, err := look.Info(t.Context(), s.area("moulding"))
	if err != nil || info.Messages != 0 {
		t.Errorf("area without messages: got %+v, %v; want an empty stream", info, err)
	}
	closeBus(t, look)
	if diff := cmp.Diff(before, files(t, string(s.config.Dir))); diff != "" {
		t.Errorf("the folder changed (-before +after):\n%.2000s", diff)
	}
}

func TestALookIsRefusedWhileAServerRunsOnTheFolder(t *testing.T) {
	s := embedded(t)
	s.open(t)
	if _, err := bus.Look(t.Context(), bus.Options{Config: s.config, Tree: s.tree}); !errors.Is(err, bus.ErrInUse) {
		t.Errorf("got %v, want ErrInUse", err)
	}
}

func TestAndonStartsWhileSomebodyLooks(t *testing.T) {
	s := embedded(t)
	b := s.open(t)
	put(t, b, s.counts("packing/lineA/A1/total", 0, 500))
	closeBus(t, b)
	look := s.look(t)
	b = s.open(t)
	put(t, b, s.counts("packing/lineA/A1/total", 500, 500))
	checkCounts(t, readSamples(t, reader(t, look, s.area("packing"), 0), 500), 0, 500)
	checkCounts(t, readSamples(t, reader(t, b, s.area("packing"), 0), 1000), 0, 1000)
	closeBus(t, look)
	if left, err := filepath.Glob(filepath.Join(string(s.config.Dir), "look-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: got %v, %v; want none", left, err)
	}
}

func TestPositionsAreFoundByTime(t *testing.T) {
	everyNATS(t, func(t *testing.T, s *site) {
		b := s.open(t)
		area := s.area("packing")
		if pos, err := b.PositionAt(t.Context(), area, 1); pos != 1 || err != nil {
			t.Errorf("of an empty stream: got %d, %v; want 1", pos, err)
		}
		for i := range 20 {
			put(t, b, s.counts("packing/lineA/A1/total", i, 1))
			if i%4 == 3 {
				if err := b.Tick(t.Context(), area); err != nil {
					t.Fatal(err)
				}
			}
		}
		messages := readMessages(t, reader(t, b, area, 0), 25)
		for _, m := range messages {
			if pos, err := b.PositionAt(t.Context(), area, m.Time); pos != m.Pos || err != nil {
				t.Errorf("at %s: got %d, %v; want %d", m.Time, pos, err, m.Pos)
			}
		}
		last := messages[len(messages)-1]
		if pos, err := b.PositionAt(t.Context(), area, last.Time+1); pos != last.Pos+1 || err != nil {
			t.Errorf("after the last: got %d, %v; want %d", pos, err, last.Pos+1)
		}
		// Ticks are nothing that InfluxDB lacks.
		pos, at, err := b.Next(t.Context(), area, 5)
		if want := messages[5]; pos != want.Pos || at != want.Time || err != nil || messages[4].Kind != plant.KindTick {
			t.Errorf("after a tick: got %d at %s, %v; want %d at %s", pos, at, err, want.Pos, want.Time)
		}
		if pos, _, err := b.Next(t.Context(), area, last.Pos); pos != 0 || err != nil {
			t.Errorf("with a tick alone: got %d, %v; want none", pos, err)
		}
		info, err := b.Info(t.Context(), area)
		if err != nil || info.Messages != 25 || info.First != 1 || info.Last != 25 || info.FirstTime != messages[0].Time || info.LastTime != last.Time || info.Bytes == 0 {
			t.Errorf("got %+v, %v; want what was put", info, err)
		}
	})
}
