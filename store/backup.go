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
)

// BackupConfig says how often the records are copied, and how many copies are
// kept beside them.
type BackupConfig struct {
	Every time.Duration `yaml:"every"` // 0 for never
	Keep  int           `yaml:"keep"`
}

// retryBackup is how long after a backup that could not be made the next one
// is tried.
const retryBackup = time.Hour

// freshSuffix follows the name of a backup that is being made.
const freshSuffix = ".new"

// KeepBackups makes a backup whenever one is due and removes those that are
// too many, until ctx is done. Writers go on meanwhile. It needs as much room
// on the disk as the records without their gaps.
func (s *Store) KeepBackups(ctx context.Context, path string, c BackupConfig, log *slog.Logger) {
	if c.Every <= 0 {
		return
	}
	wait := time.Duration(0)
	if all := backups(path); len(all) > 0 {
		newest := all[len(all)-1]
		at, _ := time.Parse(stamp, newest[strings.LastIndex(newest, "-")+1:]) // backups has parsed it
		wait = min(time.Until(at.Add(c.Every)), c.Every)                      // a clock put back must not end them
	}
	for {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		wait = c.Every
		began := time.Now()
		err := s.Backup(ctx, path+backupSuffix+began.UTC().Format(stamp))
		if err == nil {
			err = prune(path, c.Keep)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			wait = min(retryBackup, c.Every)
			log.Error("no backup of the records", "err", err)
		default:
			log.Info("records are backed up", "took", time.Since(began).Round(time.Millisecond).String())
		}
	}
}

// Backup writes a copy of the records as they are now to a file, which must
// not exist. It is whole and on disk when Backup returns nil.
func (s *Store) Backup(ctx context.Context, to string) error {
	fresh := to + freshSuffix
	if err := removed(fresh); err != nil {
		return fmt.Errorf("back up records: %w", err)
	}
	err := s.copyInto(ctx, fresh)
	if err == nil {
		err = os.Rename(fresh, to)
	}
	if err != nil {
		return fmt.Errorf("back up records: %w", errors.Join(s.note(err), removed(fresh)))
	}
	return nil
}

// copyInto writes a copy and has it on disk.
func (s *Store) copyInto(ctx context.Context, to string) error {
	conn, err := s.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	// It writes, though not to the records.
	if _, err := conn.ExecContext(ctx, "PRAGMA query_only(0)"); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "VACUUM INTO ?", to)
	if _, again := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA query_only(1)"); err == nil {
		err = again
	}
	if err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// prune removes all backups but the newest, and what is left of those that
// were cut off. Nobody makes one meanwhile.
func prune(path string, keep int) error {
	all := backups(path)
	old := append(unfinished(path), all[:max(0, len(all)-keep)]...)
	for _, name := range old {
		if err := os.Remove(name); err != nil {
			return fmt.Errorf("remove an old backup of the records: %w", err)
		}
	}
	return nil
}

// unfinished returns the files of backups that were cut off by a crash.
func unfinished(path string) []string {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil
	}
	var found []string
	for _, e := range entries {
		if name := e.Name(); strings.HasPrefix(name, filepath.Base(path)+backupSuffix) && strings.HasSuffix(name, freshSuffix) {
			found = append(found, filepath.Join(filepath.Dir(path), name))
		}
	}
	return found
}
