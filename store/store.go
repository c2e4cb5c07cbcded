// Package store keeps the records that people look up and sign: stops,
// alarms, the outbox of messages, the facts behind every KPI and how far the
// engine came. It is SQL: SQLite in WAL mode with synchronous commits.
//
// One Commit is one transaction: the outputs of a piece of the stream and the
// position they came from are there together or not at all. Those of a large
// area may be there earlier in part (Precede, Amend), never later. Every row's
// key derives from its content, so committing a piece twice changes nothing.
// A Store is safe for concurrent use; writes wait for one another.
package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"andon/plant/setting"

	_ "modernc.org/sqlite" // the driver registers itself
)

//go:embed migrations/*.sql
var migrations embed.FS

// Config says where the records are.
type Config struct {
	Path   setting.File `yaml:"path"` // SQLite file; "" puts it into the data folder
	Backup BackupConfig `yaml:"backup"`
}

// DefaultConfig puts the records into the data folder and backs them up every
// day; the stream covers what comes after the newest backup.
func DefaultConfig() Config {
	return Config{Backup: BackupConfig{Every: 24 * time.Hour, Keep: 3}}
}

// Validate reports every problem of c; every path is fine.
func (c Config) Validate() (p setting.Problems) {
	if c.Backup.Every != 0 && c.Backup.Every < time.Minute {
		p.Add("backup.every", "1m or longer, or 0s for none")
	}
	if c.Backup.Keep < 1 || c.Backup.Keep > 1000 {
		p.Add("backup.keep", "1 to 1000")
	}
	return p
}

// A Store is an open database of records.
type Store struct {
	write *sql.DB // one connection: SQLite has one writer
	read  *sql.DB

	statements statements // of write

	once   sync.Once     // closes broken
	broken chan struct{} // closed when the database is damaged
}

// maxReaders bounds concurrent queries; SQLite reads do not block each other.
const maxReaders = 4

// Open opens the database in the file path, creating it when missing, and
// brings its schema up to date.
func Open(ctx context.Context, path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("create folder of the records: %w", err)
	}
	write, err := openDB(path, "_txlock=immediate")
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	if err := migrate(ctx, write); err != nil {
		write.Close()
		return nil, fmt.Errorf("open records %s: %w", path, err)
	}
	read, err := openDB(path, "_pragma=query_only(1)")
	if err != nil {
		write.Close()
		return nil, err
	}
	read.SetMaxOpenConns(maxReaders)
	return &Store{write: write, read: read, broken: make(chan struct{})}, nil
}

func openDB(path, extra string) (*sql.DB, error) {
	// synchronous(FULL): a message marked sent must stay sent after a power cut.
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&" + extra
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("open records %s: %w", path, err)
	}
	return db, nil
}

// Close waits for running queries and closes the database.
func (s *Store) Close() error {
	err := s.read.Close()
	if werr := s.write.Close(); err == nil {
		err = werr
	}
	return err
}

// Healthy returns an error when the database does not answer or is damaged.
func (s *Store) Healthy(ctx context.Context) error {
	select {
	case <-s.broken:
		return ErrDamaged
	default:
	}
	if err := s.read.PingContext(ctx); err != nil {
		return fmt.Errorf("ping records: %w", err)
	}
	return nil
}

// migrate runs every migration above the database's user_version, each in a
// transaction of its own.
func migrate(ctx context.Context, db *sql.DB) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if version > len(names) {
		return fmt.Errorf("schema version %d is newer than this andon knows (%d): use the newer andon or restore a backup", version, len(names))
	}
	for i := version; i < len(names); i++ {
		if err := migrateOne(ctx, db, names[i], i+1); err != nil {
			return fmt.Errorf("migrate to version %d: %w", i+1, err)
		}
	}
	return nil
}

func migrateOne(ctx context.Context, db *sql.DB, name string, version int) error {
	text, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, string(text)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return err
	}
	return tx.Commit()
}
