// Package logger tells contacts by lines of andon's own log: for trying out a
// configuration, and for sites that collect logs.
package logger

import (
	"context"
	"log/slog"

	"andon/alerts"
)

// A Notifier writes one line for each message. It is safe for concurrent use.
type Notifier struct {
	log *slog.Logger
}

var _ alerts.Notifier = (*Notifier)(nil)

// New returns a Notifier that writes to log.
func New(log *slog.Logger) *Notifier { return &Notifier{log: log} }

// Notify writes m as one line: a warning when somebody should act, else
// information. It never fails unless ctx is done.
func (n *Notifier) Notify(ctx context.Context, to string, m alerts.Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	level := slog.LevelInfo
	if m.Kind == alerts.KindRaised || m.Kind == alerts.KindEscalated {
		level = slog.LevelWarn
	}
	n.log.LogAttrs(ctx, level, "message", slog.String("contact", to), slog.String("id", m.ID), slog.String("kind", string(m.Kind)),
		slog.String("title", m.Title), slog.String("alarm", m.Alarm), slog.String("equipment", m.About.Equipment),
		slog.String("priority", string(m.About.Priority)), slog.String("text", m.Text))
	return nil
}
