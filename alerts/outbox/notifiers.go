package outbox

import (
	"fmt"
	"log/slog"

	"andon/alerts"
	"andon/alerts/logger"
	"andon/alerts/webhook"
)

// Notifiers makes the notifier of every contact of cfg, which must have
// passed Validate. It reads secrets and certificates from their files.
func Notifiers(cfg alerts.Config, log *slog.Logger) (map[string]alerts.Notifier, error) {
	out := make(map[string]alerts.Notifier, len(cfg.Contacts))
	for name, c := range cfg.Contacts {
		n, err := notifier(c, log)
		if err != nil {
			return nil, fmt.Errorf("contact %s: %w", name, err)
		}
		out[name] = n
	}
	return out, nil
}

func notifier(c alerts.Contact, log *slog.Logger) (alerts.Notifier, error) {
	switch {
	case c.Webhook != nil:
		return webhook.New(*c.Webhook)
	case c.Log != nil:
		return logger.New(log), nil
	}
	return nil, fmt.Errorf("want one means")
}
