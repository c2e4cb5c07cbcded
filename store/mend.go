package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"time"
)

// Mend makes sure that the records in the file path can be opened. Those that
// are damaged are moved to a name beside it, and the latest good backup takes
// their place, or nothing: then Open makes new ones. The check takes a few
// seconds at most; of large records it sees a part. Damage met later makes
// Broken say so; sure says that this was the case. Nobody may have the records
// open. One that was cut off in the middle is finished by the next.
func Mend(ctx context.Context, path string, sure bool, log *slog.Logger) error {
	lived, err := changedAt(path)
	if errors.Is(err, fs.ErrNotExist) {
		return finish(path, log)
	}
	// Of one that was cut off before it set anything aside.
	if err := removed(path + restoredSuffix); err != nil {
		return fmt.Errorf("remove an unfinished copy of a backup: %w", err)
	}
	cause := ErrDamaged
	if !sure {
		if cause = check(ctx, path); !Damaged(cause) {
			return ctx.Err() // Open says what else is wrong
		}
	}
	// First the copy: from when the records are moved on it is what counts.
	backup, from := prepare(ctx, path, log)
	if ctx.Err() != nil {
		return errors.Join(ctx.Err(), removed(path+restoredSuffix))
	}
	aside, err := setAside(path, lived)
	if err != nil {
		return err
	}
	forgetDamaged(path, log)
	if backup == "" {
		log.Error("the records are damaged and set aside, and there is no backup: new ones are begun and the days of the stream worked out again; "+
			"what people entered before them is only in the damaged file", "err", cause, "aside", aside)
		return nil
	}
	if err := restore(path, from); err != nil {
		return err
	}
	log.Error("the records are damaged and set aside; the last backup takes their place, what came since is worked out from the stream",
		"err", cause, "aside", aside, "backup", backup)
	return nil
}

// finish does what a Mend that was cut off left to do: the records are set
// aside, what belonged to them or takes their place may not be yet.
func finish(path string, log *slog.Logger) error {
	if _, err := setAside(path, time.Now()); err != nil {
		return err
	}
	if _, err := os.Stat(path + restoredSuffix); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := restore(path, path+restoredSuffix); err != nil {
		return err
	}
	log.Error("a backup takes the place of damaged records, which were set aside before andon was cut off", "records", path)
	return nil
}

// prepare finds the latest good backup and makes a copy for restore; both are
// "" for none.
func prepare(ctx context.Context, path string, log *slog.Logger) (backup, from string) {
	for _, backup := range slices.Backward(backups(path)) {
		fresh := path + restoredSuffix
		err := check(ctx, backup)
		if err == nil || errors.Is(err, context.DeadlineExceeded) {
			if err = copyFile(fresh, backup); err == nil {
				return backup, fresh
			}
			// Mostly there is no room. To begin without what people entered
			// would be worse than to have a backup less.
			log.Warn("a backup of the records cannot be copied and is used itself", "backup", backup, "err", errors.Join(err, removed(fresh)))
			return backup, backup
		}
		log.Error("a backup of the records cannot be used", "backup", backup, "err", err)
	}
	return "", ""
}

// setAside moves the records to a name beside them, with the time when they
// were last written.
func setAside(path string, lived time.Time) (aside string, err error) {
	aside = path + DamagedSuffix + time.Now().UTC().Format(stamp)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("set damaged records aside: %w", err)
		}
	}
	if err := os.Chtimes(aside, time.Time{}, lived); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("set damaged records aside: %w", err)
	}
	return aside, nil
}

// restore puts a file in place of the records that were set aside.
func restore(path, from string) error {
	if err := os.Rename(from, path); err != nil {
		return fmt.Errorf("put the backup %s in place of the records: %w", from, err)
	}
	return nil
}

// changedAt returns when the records were last written: looking for damage
// writes to them, too.
func changedAt(path string) (time.Time, error) {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}, err
	}
	at := info.ModTime()
	if wal, err := os.Stat(path + "-wal"); err == nil && wal.ModTime().After(at) {
		at = wal.ModTime()
	}
	return at, nil
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
