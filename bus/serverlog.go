package bus

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
)

// A serverLog hands what nats-server logs to slog. The notices of a start are
// many and say nothing to an operator, so they go to debug.
type serverLog struct {
	log *slog.Logger

	mu  sync.Mutex
	err error // the first fatal one
}

// Noticef, Warnf, Errorf, Fatalf, Debugf and Tracef are nats-server's Logger.
func (l *serverLog) Noticef(format string, v ...any) {
	l.log.Debug("nats server", "text", text(format, v))
}

// noise warns of plain passwords in a configuration file, which there is not.
const noise = "Plaintext passwords detected, use nkeys or bcrypt"

// Warnf logs at warn.
func (l *serverLog) Warnf(format string, v ...any) {
	if t := text(format, v); t != noise {
		l.log.Warn("nats server", "text", t)
	}
}

// Errorf logs at error.
func (l *serverLog) Errorf(format string, v ...any) {
	l.log.Error("nats server", "text", text(format, v))
}

// Fatalf remembers the error; the process goes on.
func (l *serverLog) Fatalf(format string, v ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = errors.New(text(format, v))
	}
}

// Debugf and Tracef are off.
func (l *serverLog) Debugf(string, ...any) {}

// Tracef is off.
func (l *serverLog) Tracef(string, ...any) {}

// fatal returns what kept the server from starting.
func (l *serverLog) fatal() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

func text(format string, v []any) string { return fmt.Sprintf(format, v...) }
