package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
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

// Mend makes sure that the records in the file path can be opened. Those that
// are damaged are moved to a name beside it, and the latest good backup takes
// their place, or nothing: then Open makes new ones. The check takes a few
// seconds at most; of large records it sees a part. Damage met later makes
// Broken say so; sure says that this was the case. Nobody may have the records
// open.
func Mend(ctx context.Context, path string, sure bool, log *slog.Logger) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	cause := ErrDamaged
	if !sure {
		if cause = check(ctx, path); !Damaged(cause) {
			return ctx.Err() // Open says what else is wrong
		}
	}
	aside := path + DamagedSuffix + time.Now().UTC().Format(stamp)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("set damaged records aside: %w", err)
		}
	}
	for _, backup := range slices.Backward(backups(path)) {
		err := check(ctx, backup)
		if err == nil || errors.Is(err, context.DeadlineExceeded) {
			err = restore(path, backup)
		}
		if err == nil {
			log.Error("the records are damaged and set aside; the last backup takes their place, what came since is worked out from the stream",
				"err", cause, "aside", aside, "backup", backup)
			return nil
		}
		log.Error("a backup of the records cannot be used", "backup", backup, "err", err)
	}
	log.Error("the records are damaged and set aside, and there is no backup: new ones are begun and the days of the stream worked out again; "+
		"what people entered before them is only in the damaged file", "err", cause, "aside", aside)
	return nil
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

// restore puts a copy of a backup in place.
func restore(path, backup string) error {
	fresh := path + ".restored"
	err := copyFile(fresh, backup)
	if err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		return fmt.Errorf("restore backup: %w", errors.Join(err, removed(fresh)))
	}
	return nil
}

func copyFile(to, from string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	if err == nil {
		err = dst.Sync()
	}
	return errors.Join(err, dst.Close())
}

// removed removes a file that may not be there.
func removed(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// stamped returns the files beside path with its name, a suffix and a time,
// oldest first.
func stamped(path, suffix string) []string {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil
	}
	var found []string
	for _, e := range entries {
		if at, ok := strings.CutPrefix(e.Name(), filepath.Base(path)+suffix); ok {
			if _, err := time.Parse(stamp, at); err == nil {
				found = append(found, filepath.Join(filepath.Dir(path), e.Name()))
			}
		}
	}
	slices.Sort(found)
	return found
}

func backups(path string) []string { return stamped(path, backupSuffix) }

// DamagedAt returns when records in the file path were last set aside, as the
// name of the newest such file says; the zero time when there is none.
func DamagedAt(path string) time.Time {
	found := stamped(path, DamagedSuffix)
	if len(found) == 0 {
		return time.Time{}
	}
	newest := found[len(found)-1]
	at, _ := time.Parse(stamp, newest[strings.LastIndex(newest, "-")+1:]) // stamped has parsed it
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
