package engine

import (
	"context"
	"log/slog"
	"sync"
)

// notes is a log handler that keeps what is said, and tells who waits.
type notes struct {
	mu    sync.Mutex
	lines []string
	said  chan string // warnings and errors; those that find no room are only kept
}

func newNotes() *notes { return &notes{said: make(chan string, 16)} }

func (n *notes) Enabled(context.Context, slog.Level) bool { return true }
func (n *notes) WithAttrs([]slog.Attr) slog.Handler       { return n }
func (n *notes) WithGroup(string) slog.Handler            { return n }

func (n *notes) Handle(_ context.Context, r slog.Record) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, r.Level.String()+" "+r.Message)
	if r.Level >= slog.LevelWarn {
		select {
		case n.said <- r.Message:
		default:
		}
	}
	return nil
}

func (n *notes) count(line string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	k := 0
	for _, l := range n.lines {
		if l == line {
			k++
		}
	}
	return k
}
