package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	// DamagedSuffix follows the name of records that were found damaged and
	// set aside, before the time when.
	DamagedSuffix = ".damaged-"
	// backupSuffix does so with backups.
	backupSuffix = ".backup-"
	// restoredSuffix does so with the copy of a backup that takes the place of
	// damaged records; while there are none, it is whole.
	restoredSuffix = ".restored"
	// stamp is how that time is written, in UTC.
	stamp = "20060102T150405Z"
	// checkTime bounds the check of the whole file at each start; some
	// hundred megabytes a second.
	checkTime = 5 * time.Second
)

// ErrDamaged says that the database is no database any more, or contradicts
// itself. What reads and writes it fails until it is set aside.
var ErrDamaged = errors.New("the file of the records is damaged")

// Damaged reports whether an error came from a damaged database.
func Damaged(err error) bool {
	var code *sqlite.Error
	if errors.As(err, &code) {
		switch code.Code() & 0xff {
		case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
			return true
		}
	}
	return errors.Is(err, ErrDamaged)
}

// check looks for damage in the records of a file, as far as it comes in time.
func check(ctx context.Context, path string) error {
	db, err := openDB(path, "_pragma=query_only(1)")
	if err != nil {
		return err
	}
	defer db.Close()
	within, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	var verdict string
	if err := db.QueryRowContext(within, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return errors.Join(err, within.Err())
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", ErrDamaged, verdict)
	}
	return nil
}

// stamped returns the files beside path with its name, a suffix and a time,
// oldest first. A time to come is that of a clock that was wrong: such a file
// counts as older than all others.
func stamped(path, suffix string) []string {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil
	}
	var found, wrong []string
	for _, e := range entries { // in the order of their names
		text, ok := strings.CutPrefix(e.Name(), filepath.Base(path)+suffix)
		at, err := time.Parse(stamp, text)
		switch name := filepath.Join(filepath.Dir(path), e.Name()); {
		case !ok || err != nil:
		case time.Until(at) > time.Minute:
			wrong = append(wrong, name)
		default:
			found = append(found, name)
		}
	}
	return append(wrong, found...)
}

// keptDamaged is how many damaged records are kept: a disk that goes on to
// damage them must not be filled with what it damaged.
const keptDamaged = 5

// forgetDamaged removes all records that were set aside but the newest.
func forgetDamaged(path string, log *slog.Logger) {
	found := stamped(path, DamagedSuffix)
	for _, name := range found[:max(0, len(found)-keptDamaged)] {
		if err := errors.Join(removed(name+"-wal"), removed(name+"-shm"), removed(name)); err != nil {
			log.Warn("older damaged records cannot be removed", "aside", name, "err", err)
			continue
		}
		log.Warn("older damaged records are removed, the newest are kept", "aside", name, "kept", keptDamaged)
	}
}

func backups(path string) []string { return stamped(path, backupSuffix) }

// DamagedAt returns until when records in the file path that were set aside
// since had worked at most: the newest such file says when it was last written
// and, by its name, moved. It is the zero time when there is none.
func DamagedAt(path string) time.Time {
	found := stamped(path, DamagedSuffix)
	if len(found) == 0 {
		return time.Time{}
	}
	newest := found[len(found)-1]
	at, _ := time.Parse(stamp, newest[strings.LastIndex(newest, "-")+1:]) // stamped has parsed it
	if info, err := os.Stat(newest); err == nil && info.ModTime().Before(at) {
		return info.ModTime()
	}
	return at
}

// note has Broken say that the database is damaged when err comes of that, and
// returns err.
func (s *Store) note(err error) error {
	if err != nil && Damaged(err) {
		s.once.Do(func() { close(s.broken) })
	}
	return err
}

// Broken is closed when the database turns out to be damaged. From then on
// Healthy says so; Mend, after Close, is the way out.
func (s *Store) Broken() <-chan struct{} { return s.broken }
