package bus

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"andon/plant/setting"
)

const (
	firstWait = 50 * time.Millisecond // back-off after a failure, doubling up to
	lastWait  = time.Second
)

// backOff returns how long to wait after that many failures, from 1.
func backOff(failures int) time.Duration {
	if failures > 5 {
		return lastWait
	}
	return min(firstWait<<max(failures-1, 0), lastWait)
}

// pause waits for d or until ctx is done, which it reports.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// connect connects to h or, when that is nil, to the external NATS, and tries
// until it succeeds, ctx is done or the server refuses the user.
func connect(ctx context.Context, cfg Config, h *host, log *slog.Logger) (*nats.Conn, error) {
	opts := commonOptions(log)
	if h != nil {
		opts = append(opts, nats.InProcessServer(h), nats.UserInfo(ownUser, h.password))
	} else {
		more, err := externalOptions(cfg)
		if err != nil {
			return nil, err
		}
		opts = append(opts, more...)
	}
	for failures := 1; ; failures++ {
		nc, err := nats.Connect(cfg.URL, opts...)
		if err == nil {
			return nc, nil
		}
		if errors.Is(err, nats.ErrAuthorization) || h != nil {
			return nil, fmt.Errorf("connect to NATS: %w", err)
		}
		if failures == 1 {
			log.Warn("NATS is away, trying on", "url", cfg.URL, "err", err)
		}
		if pause(ctx, backOff(failures)) != nil {
			return nil, fmt.Errorf("connect to NATS: %w", errors.Join(err, ctx.Err()))
		}
	}
}

// commonOptions let the connection come back for ever. Nothing is kept for
// later while it is away: what is published again comes from publish, which
// knows what was acknowledged.
func commonOptions(log *slog.Logger) []nats.Option {
	return []nats.Option{
		nats.Name("andon"),
		nats.MaxReconnects(-1),
		nats.IgnoreAuthErrorAbort(),
		nats.ReconnectBufSize(-1),
		nats.CustomReconnectDelay(backOff),
		nats.PingInterval(10 * time.Second),
		nats.MaxPingsOutstanding(2),
		nats.DisconnectErrHandler(func(nc *nats.Conn, err error) {
			if !nc.IsClosed() {
				log.Warn("NATS connection lost", "err", err)
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) { log.Info("NATS connection is back") }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Warn("NATS", "err", err) }),
	}
}

func externalOptions(cfg Config) ([]nats.Option, error) {
	var opts []nats.Option
	if cfg.User != "" {
		password, err := setting.Read(cfg.Password, cfg.PasswordFile)
		if err != nil {
			return nil, err
		}
		opts = append(opts, nats.UserInfo(cfg.User, password.Reveal()))
	}
	if cfg.TLS == (TLSConfig{}) && !strings.Contains(cfg.URL, "tls://") {
		return opts, nil
	}
	secure, err := cfg.TLS.load()
	if err != nil {
		return nil, err
	}
	return append(opts, nats.Secure(secure)), nil
}

// load reads the files.
func (c TLSConfig) load() (*tls.Config, error) {
	out := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CA != "" {
		pem, err := os.ReadFile(string(c.CA))
		if err != nil {
			return nil, fmt.Errorf("read the CA of NATS: %w", err)
		}
		out.RootCAs = x509.NewCertPool()
		if !out.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read the CA of NATS: %s has no certificate", c.CA)
		}
	}
	if c.Cert != "" {
		pair, err := tls.LoadX509KeyPair(string(c.Cert), string(c.Key))
		if err != nil {
			return nil, fmt.Errorf("read the certificate for NATS: %w", err)
		}
		out.Certificates = []tls.Certificate{pair}
	}
	return out, nil
}
