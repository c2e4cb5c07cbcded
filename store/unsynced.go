package store

import (
	"context"
	"database/sql/driver"
	"fmt"
)

// unsynced is transaction, but does not wait for the disk: the next one that
// does has this one on it, too. In WAL mode a power cut takes whole
// transactions back, the last first.
func (s *Store) unsynced(ctx context.Context, do func(*writer)) (err error) {
	defer func() { _ = s.note(err) }()
	s.statements.parse(ctx, s.write)
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer conn.Close()
	after := context.WithoutCancel(ctx)
	if _, err := conn.ExecContext(after, `PRAGMA synchronous = NORMAL`); err != nil {
		return fmt.Errorf("begin without waiting for the disk: %w", err)
	}
	defer func() {
		if _, e := conn.ExecContext(after, `PRAGMA synchronous = FULL`); e != nil {
			// Nobody else may use a connection that does not wait.
			_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		}
	}()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	return s.run(ctx, tx, do)
}
