package opcua

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"andon/collector"
)

// A session may last for longer than the certificates that it was made with.
func TestACertificateThatEndsWhileTheSessionLastsIsToldOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Source{log: slog.New(slog.DiscardHandler), metrics: NewMetrics(prometheus.NewRegistry()).forSource("packing")}
		x := &session{source: s, expiring: []expiring{{"server", time.Now().Add(expiryWarning + 72*time.Hour), "renew it"}}}
		status := &collector.Status{}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- x.watchExpiry(ctx, status) }()
		trouble := func() string { synctest.Wait(); return status.Health("").Troubles["server certificate"] }
		for _, c := range []struct {
			after time.Duration
			want  string
		}{{71 * time.Hour, ""}, {2 * time.Hour, "expires on"}, {expiryWarning, "expired on"}} {
			<-time.After(c.after)
			if got := trouble(); !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
				t.Errorf("%v later: got %q, want %q", c.after, got, c.want)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("got error %v at the end of the session, want none", err)
		}
	})
}
