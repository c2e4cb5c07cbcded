package bus

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// sayAgain is when a text that was logged is logged again; meanwhile the
// server may be started many times, to find the disk still full.
const sayAgain = 10 * time.Minute

// maxSaid bounds the texts remembered for that; all are forgotten when full.
const maxSaid = 256

// A serverLog hands what nats-server logs to slog. The notices of a start are
// many and say nothing to an operator, so they go to debug.
type serverLog struct {
	log *slog.Logger

	mu   sync.Mutex           // guards the following
	err  error                // the first fatal one of this start
	said map[string]time.Time // by text
}

// fresh reports whether the text was not logged lately.
func (l *serverLog) fresh(text string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at, ok := l.said[text]; ok && now.Sub(at) < sayAgain {
		return false
	}
	if len(l.said) >= maxSaid {
		clear(l.said)
	}
	l.said[text] = now
	return true
}

// Noticef, Warnf, Errorf, Fatalf, Debugf and Tracef are nats-server's Logger.
func (l *serverLog) Noticef(format string, v ...any) {
	l.log.Debug("nats server", "text", text(format, v))
}

// noise warns of plain passwords in a configuration file, which there is not.
const noise = "Plaintext passwords detected, use nkeys or bcrypt"

// Warnf logs at warn.
func (l *serverLog) Warnf(format string, v ...any) {
	if t := text(format, v); t != noise && l.fresh(t, time.Now()) {
		l.log.Warn("nats server", "text", t)
	}
}

// Errorf logs at error.
func (l *serverLog) Errorf(format string, v ...any) {
	if t := text(format, v); l.fresh(t, time.Now()) {
		l.log.Error("nats server", "text", t)
	}
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

// fatal returns what kept the server from starting, and forgets it.
func (l *serverLog) fatal() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.err
	l.err = nil
	return err
}

func text(format string, v []any) string { return fmt.Sprintf(format, v...) }
