package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrHeld says that somebody holds the records already.
var ErrHeld = errors.New("the records are in use")

// A Hold keeps others from writing the same records. It ends with Release or
// with the process, however that ends.
type Hold struct {
	db   *sql.DB
	conn *sql.Conn
}

// HoldRecords makes this process the one that writes the records in the file
// path, which need not exist. The error wraps ErrHeld when another one does.
// It is a lock on a file beside them, as the database itself locks: that works
// wherever the records do. Reading needs no hold.
func HoldRecords(ctx context.Context, path string) (*Hold, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("create folder of the records: %w", err)
	}
	dsn := "file:" + (&url.URL{Path: path + ".lock"}).EscapedPath() + "?_pragma=busy_timeout(0)&_pragma=journal_mode(MEMORY)"
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("hold records %s: %w", path, err)
	}
	conn, err := db.Conn(ctx)
	if err == nil {
		_, err = conn.ExecContext(ctx, "BEGIN EXCLUSIVE")
	}
	if err != nil {
		var code *sqlite.Error
		if errors.As(err, &code) && code.Code()&0xff == sqlite3.SQLITE_BUSY {
			err = ErrHeld
		}
		return nil, fmt.Errorf("hold records %s: %w", path, errors.Join(err, db.Close()))
	}
	return &Hold{db, conn}, nil
}

// Release lets others write.
func (h *Hold) Release() error { return errors.Join(h.conn.Close(), h.db.Close()) }
