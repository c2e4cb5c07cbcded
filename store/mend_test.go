package store_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/store"
)

// moved gives a file another name.
func moved(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// What andon is cut off in goes on with the next start: the records are set
// aside, the backup is copied, and not in their place yet.
func TestMendingThatWasCutOffIsFinished(t *testing.T) {
	path := filled(t, true)
	wal := filled(t, false) // garbage to any other records
	moved(t, path, path+store.DamagedSuffix+"20260304T120000Z")
	moved(t, path+".backup-20260302T120000Z", path+".restored")
	moved(t, wal, path+"-wal")
	pos, aside, log := mended(t, path)
	if pos != 250 || len(aside) != 2 || !strings.Contains(log, "a backup takes the place") {
		t.Errorf("got position %d, set aside %v and the log %s; want 250 of the backup, the records and their WAL", pos, aside, log)
	}
}

func TestACopyThatWasCutOffIsNotUsed(t *testing.T) {
	path := filled(t, true)
	if err := os.WriteFile(path+".restored", []byte("half"), 0o640); err != nil {
		t.Fatal(err)
	}
	spoil(t, path, 0.4, 0.6)
	if pos, aside, _ := mended(t, path); pos != 250 || len(aside) != 1 {
		t.Errorf("got position %d and %v set aside; want 250 and the records", pos, aside)
	}
}

// Whoever stops andon while it looks for a backup does not want it to begin
// without one.
func TestMendingThatIsStoppedLeavesTheRecords(t *testing.T) {
	path := filled(t, true)
	spoil(t, path, 0, 0.0001)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := store.Mend(ctx, path, true, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("got no error, want that it was told to stop")
	}
	if pos, _, _ := mended(t, path); pos != 250 {
		t.Errorf("the next start: got position %d, want 250 of the backup", pos)
	}
}

// A folder where the copy should go stands for a disk that has no room for it.
func TestABackupThatCannotBeCopiedIsUsedItself(t *testing.T) {
	path := filled(t, true)
	spoil(t, path, 0.4, 0.6)
	log := slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
		if strings.Contains(string(p), "records cannot be copied") {
			return len(p), nil
		}
		if err := os.Mkdir(path+".restored", 0o700); err != nil {
			t.Error(err)
		}
		return len(p), nil
	}), nil))
	newer := path + ".backup-20260303T120000Z" // the first line of the log is about it
	if err := os.WriteFile(newer, []byte("no database, but long enough to look like one"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := store.Mend(t.Context(), path, false, log); err != nil {
		t.Fatal(err)
	}
	p, err := open(t, path).Progress(t.Context(), "packing")
	if err != nil || p.Pos != 250 {
		t.Errorf("got position %d, %v; want 250", p.Pos, err)
	}
}

// The messages of what happened just before the power went are not told yet
// when it comes back hours later.
func TestRecordsSetAsideTellWhenTheyLastWorked(t *testing.T) {
	path := filled(t, true)
	spoil(t, path, 0.4, 0.6)
	lived := time.Now().Add(-3 * time.Hour).Truncate(time.Second)
	if err := os.Chtimes(path, lived, lived); err != nil {
		t.Fatal(err)
	}
	if _, aside, _ := mended(t, path); len(aside) != 1 {
		t.Fatalf("set aside: got %v, want the records", aside)
	}
	if at := store.DamagedAt(path); !at.Equal(lived) {
		t.Errorf("got %s, want %s", at, lived)
	}
}

// A clock that was years ahead for a while leaves a backup that looks newer
// than all to come.
func TestABackupOfTheTimeToComeIsTheOldest(t *testing.T) {
	path := filled(t, true)
	wrong := path + ".backup-20990101T000000Z"
	if err := os.WriteFile(wrong, []byte("not even records"), 0o640); err != nil {
		t.Fatal(err)
	}
	spoil(t, path, 0.4, 0.6)
	if pos, _, log := mended(t, path); pos != 250 || strings.Contains(log, "2099") {
		t.Errorf("got position %d and the log %s; want 250 and no look at that of 2099", pos, log)
	}
}

func TestBackupsThatWereCutOffAreRemoved(t *testing.T) {
	path := filled(t, true)
	for _, name := range []string{".backup-20260301T120000Z.new", ".backup-20990101T000000Z"} {
		if err := os.WriteFile(path+name, []byte("half"), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	backUpOnce(t, path, 2)
	all, err := filepath.Glob(path + ".backup-*")
	if err != nil || len(all) != 2 || strings.Contains(strings.Join(all, " "), ".new") || strings.Contains(strings.Join(all, " "), "2099") {
		t.Errorf("got %v, %v; want the backup of before and the new one", all, err)
	}
}

// backUpOnce makes the backup that is due and removes those beyond keep.
func backUpOnce(t *testing.T, path string, keep int) {
	t.Helper()
	s := open(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	log := slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
		if !strings.Contains(string(p), "records are backed up") {
			t.Errorf("log: %s", p)
		}
		cancel()
		return len(p), nil
	}), nil))
	s.KeepBackups(ctx, path, store.BackupConfig{Every: time.Hour, Keep: keep}, log)
}
