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
	"sync"
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

// A link cancels what waits for an answer of NATS when the connection is lost:
// the answer will not come, and the time-out would hold everything up.
type link struct {
	mu      sync.Mutex // guards the following
	next    uint64
	waiting map[uint64]context.CancelFunc
}

// watch returns a context that ends after the time-out of an attempt or when
// the connection is lost. The caller must call its cancel function.
func (l *link) watch(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting == nil {
		l.waiting = map[uint64]context.CancelFunc{}
	}
	l.next++
	n := l.next
	l.waiting[n] = cancel
	return ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.waiting, n)
		cancel()
	}
}

// cut ends what waits.
func (l *link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, cancel := range l.waiting {
		cancel()
	}
}

// connect connects to our own server or to the external NATS, and tries until
// it succeeds, ctx is done or the server refuses the user.
func (b *Bus) connect(ctx context.Context) (*nats.Conn, error) {
	opts := b.commonOptions()
	if b.host != nil {
		opts = append(opts, nats.InProcessServer(b.host), nats.UserInfo(ownUser, b.host.password))
	} else {
		more, err := externalOptions(b.cfg)
		if err != nil {
			return nil, err
		}
		opts = append(opts, more...)
	}
	for failures := 1; ; failures++ {
		nc, err := nats.Connect(b.cfg.URL, opts...)
		if err == nil {
			return nc, nil
		}
		if errors.Is(err, nats.ErrAuthorization) || b.host != nil {
			return nil, fmt.Errorf("connect to NATS: %w", err)
		}
		if failures == 1 {
			b.log.Warn("NATS is away, trying on", "url", b.cfg.URL, "err", err)
		}
		if pause(ctx, backOff(failures)) != nil {
			return nil, fmt.Errorf("connect to NATS: %w", errors.Join(err, ctx.Err()))
		}
	}
}

// commonOptions let the connection come back for ever. Nothing is kept for
// later while it is away: what is published again comes from publish, which
// knows what was acknowledged.
func (b *Bus) commonOptions() []nats.Option {
	log, level := b.log, slog.LevelWarn
	if b.host != nil {
		level = slog.LevelDebug // we stop that server ourselves
	}
	return []nats.Option{
		nats.Name("andon"),
		nats.Timeout(10 * time.Second),
		nats.MaxReconnects(-1),
		nats.IgnoreAuthErrorAbort(),
		nats.ReconnectBufSize(-1),
		nats.CustomReconnectDelay(backOff),
		nats.PingInterval(10 * time.Second),
		nats.MaxPingsOutstanding(2),
		nats.DisconnectErrHandler(func(nc *nats.Conn, err error) {
			b.link.cut()
			if !nc.IsClosed() {
				log.Log(context.Background(), level, "NATS connection lost", "err", err)
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) {
			log.Log(context.Background(), level, "NATS connection is back")
		}),
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
