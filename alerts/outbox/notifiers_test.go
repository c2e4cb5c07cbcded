package outbox_test

import (
	"log/slog"
	"testing"

	"andon/alerts"
	"andon/alerts/logger"
	"andon/alerts/outbox"
	"andon/alerts/webhook"
)

func TestEveryContactGetsItsNotifier(t *testing.T) {
	cfg := alerts.DefaultConfig()
	cfg.Contacts["duty"] = alerts.Contact{Webhook: &alerts.Webhook{URL: "https://chat.example/hook"}}
	got, err := outbox.Notifiers(cfg, slog.Default())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := got["log"].(*logger.Notifier); !ok {
		t.Errorf("log: got %T", got["log"])
	}
	if _, ok := got["duty"].(*webhook.Notifier); !ok {
		t.Errorf("duty: got %T", got["duty"])
	}
	cfg.Contacts["duty"].Webhook.SecretFile = "/does/not/exist"
	if _, err := outbox.Notifiers(cfg, slog.Default()); err == nil {
		t.Error("secret file that is missing: got no error, want one")
	}
}
