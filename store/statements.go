package store

import (
	"context"
	"database/sql"
	"sync"
)

// maxStatements bounds how many texts of statements are kept parsed. Commits
// have some thirty.
const maxStatements = 64

// Statements are texts that commits have again and again, parsed once. Their
// zero value has none. They are safe for concurrent use.
type statements struct {
	mu     sync.Mutex
	parsed map[string]*sql.Stmt // nil: wanted, and not parsed yet
}

// get returns the parsed statement of a text. Without one it returns nil, and
// parse will make it.
func (s *statements) get(query string) *sql.Stmt {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parsed == nil {
		s.parsed = map[string]*sql.Stmt{}
	}
	stmt, known := s.parsed[query]
	if !known && len(s.parsed) < maxStatements {
		s.parsed[query] = nil
	}
	return stmt
}

// parse parses what earlier transactions asked for in vain. It takes the
// connection, so it is called before one begins, and holds no lock meanwhile: a
// transaction of another goroutine may want a statement. What cannot be parsed now is
// parsed in the transaction, which then has the error.
func (s *statements) parse(ctx context.Context, db *sql.DB) {
	for _, query := range s.wanted() {
		if stmt, err := db.PrepareContext(ctx, query); err == nil {
			s.keep(query, stmt)
		}
	}
}

// wanted returns the texts that are not parsed yet.
func (s *statements) wanted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for query, stmt := range s.parsed {
		if stmt == nil {
			all = append(all, query)
		}
	}
	return all
}

// keep keeps the parsed statement of a text, unless another was faster.
func (s *statements) keep(query string, stmt *sql.Stmt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parsed[query] != nil {
		_ = stmt.Close()
		return
	}
	s.parsed[query] = stmt
}
