package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"andon/store"
)

// filled makes records of a few megabytes with 500 stops, and backs them up
// when wanted at position 250.
func filled(t *testing.T, backup bool) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "andon.db")
	s := open(t, path)
	body := fmt.Appendf(nil, `{"text":%q}`, strings.Repeat("x", 5000))
	for pos := 50; pos <= 500; pos += 50 {
		c := store.Commit{Area: "packing", Pos: uint64(pos), Time: minute(pos)}
		for i := pos - 50; i < pos; i++ {
			c.Stops = append(c.Stops, store.Stop{ID: fmt.Sprint("s", i), Equipment: a1, Start: minute(i), State: "fault", Category: "fault", Body: body})
		}
		commit(t, s, c)
		if pos == 250 && backup {
			if err := s.Backup(t.Context(), path+".backup-20260302T120000Z"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// spoil changes part of a file, from one share of its length to another.
func spoil(t *testing.T, path string, from, to float64) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := int(from * float64(len(data))); i < int(to*float64(len(data))); i++ {
		data[i] ^= byte(i)*7 | 1
	}
	if err := os.WriteFile(path, data, 0o640); err != nil {
		t.Fatal(err)
	}
}

// mended mends the records and opens them. It returns the position they have,
// what was set aside and the log.
func mended(t *testing.T, path string) (pos uint64, aside []string, log string) {
	t.Helper()
	var b bytes.Buffer
	if err := store.Mend(t.Context(), path, false, slog.New(slog.NewTextHandler(&b, nil))); err != nil {
		t.Fatal(err)
	}
	p, err := open(t, path).Progress(t.Context(), "packing")
	if err != nil {
		t.Fatal(err)
	}
	aside, _ = filepath.Glob(path + store.DamagedSuffix + "*")
	return p.Pos, aside, b.String()
}

func TestDamagedRecordsAreSetAsideForTheirBackup(t *testing.T) {
	damages := map[string]func(t *testing.T, path string){
		"garbage in the header":     func(t *testing.T, path string) { spoil(t, path, 0, 0.0001) },
		"garbage in the middle":     func(t *testing.T, path string) { spoil(t, path, 0.4, 0.6) },
		"cut off":                   func(t *testing.T, path string) { _ = os.Truncate(path, 1_000_000) },
		"cut off within its header": func(t *testing.T, path string) { _ = os.Truncate(path, 50) },
	}
	for name, harm := range damages {
		for _, backup := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, backup %v", name, backup), func(t *testing.T) {
				path := filled(t, backup)
				harm(t, path)
				want, says := uint64(0), "there is no backup"
				if backup {
					want, says = 250, "the last backup takes their place"
				}
				pos, aside, log := mended(t, path)
				if pos != want || len(aside) != 1 || !strings.Contains(log, says) || !strings.Contains(log, "level=ERROR") {
					t.Errorf("got position %d, set aside %v and the log %s; want %d, the records and %q", pos, aside, log, want, says)
				}
				if at := store.DamagedAt(path); time.Since(at) > time.Minute {
					t.Errorf("damaged at: got %s, want now", at)
				}
			})
		}
	}
}

func TestADamagedBackupIsPassedOver(t *testing.T) {
	path := filled(t, true)
	good, err := os.ReadFile(path + ".backup-20260302T120000Z")
	if err != nil {
		t.Fatal(err)
	}
	newer := path + ".backup-20260303T120000Z"
	if err := os.WriteFile(newer, good, 0o640); err != nil {
		t.Fatal(err)
	}
	spoil(t, newer, 0, 0.5)
	spoil(t, path, 0.1, 0.9)
	if pos, _, log := mended(t, path); pos != 250 || !strings.Contains(log, "cannot be used") {
		t.Errorf("got position %d and the log %s, want that of the older backup", pos, log)
	}
}

func TestOfDamagedRecordsTheNewestAreKept(t *testing.T) {
	path := filled(t, false)
	for day := 1; day <= 8; day++ {
		for _, suffix := range []string{"", "-wal"} {
			if err := os.WriteFile(fmt.Sprintf("%s.damaged-2026010%dT120000Z%s", path, day, suffix), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	spoil(t, path, 0, 1)
	_, _, log := mended(t, path)
	for _, suffix := range []string{"Z", "Z-wal"} {
		left, err := filepath.Glob(path + ".damaged-2026010*" + suffix)
		if err != nil || len(left) != 4 || !strings.Contains(left[0], "20260105") {
			t.Errorf("left: got %v, %v; want those of the last four days", left, err)
		}
	}
	if now, err := filepath.Glob(path + ".damaged-" + time.Now().UTC().Format("2006") + "*Z"); err != nil || len(now) < 1 {
		t.Errorf("those of now: got %v, %v", now, err)
	}
	if !strings.Contains(log, "older damaged records are removed") {
		t.Error("nobody is told")
	}
}

func TestRecordsThatAreWellAreLeftAlone(t *testing.T) {
	path := filled(t, true)
	if pos, aside, log := mended(t, path); pos != 500 || len(aside) > 0 || log != "" {
		t.Errorf("got position %d, set aside %v and the log %s; want 500, none and nothing", pos, aside, log)
	}
	missing := filepath.Join(t.TempDir(), "andon.db")
	if pos, aside, log := mended(t, missing); pos != 0 || len(aside) > 0 || log != "" {
		t.Errorf("new records: got position %d, set aside %v and the log %s", pos, aside, log)
	}
}

// crashed leaves records as a killed process does: with commits in the WAL.
func crashed(t *testing.T) (path string) {
	t.Helper()
	path = filled(t, false)
	s := open(t, path)
	for i := range 50 {
		commit(t, s, store.Commit{Area: "packing", Pos: uint64(501 + i), Time: minute(501 + i)})
	}
	killed := filepath.Join(t.TempDir(), "andon.db")
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(killed+suffix, data, 0o640); err != nil {
			t.Fatal(err)
		}
	}
	return killed
}

// A damaged WAL costs the commits in it. The position in the records is then
// an earlier one, and the engine makes them again.
func TestADamagedWALCostsOnlyWhatIsInIt(t *testing.T) {
	for name, from := range map[string]float64{"all of it": 0, "half of it": 0.5} {
		path := crashed(t)
		spoil(t, path+"-wal", from, 1)
		pos, aside, _ := mended(t, path)
		if len(aside) > 0 || pos < 500 || pos >= 550 || from == 0 && pos != 500 {
			t.Errorf("%s: got position %d and %v set aside, want one of 500 to 549 and none", name, pos, aside)
		}
	}
	if pos, _, _ := mended(t, crashed(t)); pos != 550 {
		t.Errorf("a WAL that is well: got position %d, want 550", pos)
	}
}

func TestDamageMetWhileRunningIsTold(t *testing.T) {
	path := filled(t, false)
	s := open(t, path)
	if err := s.Healthy(t.Context()); err != nil {
		t.Fatal(err)
	}
	spoil(t, path, 0.2, 1)
	_, err := s.Stops(t.Context(), store.StopFilter{Equipment: a1, Limit: store.All})
	if !store.Damaged(err) {
		t.Errorf("read: got %v, want an error of damage", err)
	}
	select {
	case <-s.Broken():
	default:
		t.Error("the damage is not told")
	}
	if err := s.Healthy(t.Context()); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("healthy: got %v, want ErrDamaged", err)
	}
}

func TestBackupsAreMadeWhenDueAndOldOnesRemoved(t *testing.T) {
	path := filled(t, true) // with one that is years old
	s := open(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	made := make(chan struct{}, 10)
	log := slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
		if strings.Contains(string(p), "records are backed up") {
			made <- struct{}{}
		} else {
			t.Errorf("log: %s", p)
		}
		return len(p), nil
	}), nil))
	var keeper sync.WaitGroup
	keeper.Go(func() {
		s.KeepBackups(ctx, path, store.BackupConfig{Every: 1100 * time.Millisecond, Keep: 2}, log)
	})
	for range 3 {
		<-made
	}
	cancel()
	keeper.Wait()
	all, err := filepath.Glob(path + ".backup-*")
	if err != nil || len(all) != 2 {
		t.Fatalf("backups: got %v, %v; want the newest two", all, err)
	}
	p, err := open(t, all[1]).Progress(t.Context(), "packing")
	if err != nil || p.Pos != 500 {
		t.Errorf("newest backup: got position %d, %v; want 500", p.Pos, err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
