package opcua

import (
	"context"
	"crypto/x509"
	"fmt"
	"time"

	"andon/collector"
	"andon/collector/opcua/login"
)

const (
	// expiryWarning is how long before its end a certificate is in trouble.
	expiryWarning = 30 * 24 * time.Hour
	// expiryInterval is how often that is looked at: sessions last for months.
	expiryInterval = time.Hour
)

// An expiring is a certificate that a session depends on.
type expiring struct {
	whose  string // own, user or server
	until  time.Time
	remedy string
}

// expiringOf returns the certificates that a session depends on which logs in so.
func expiringOf(in login.Login) []expiring {
	var list []expiring
	if in.Identity.Key != nil {
		list = append(list, expiring{"own", in.Identity.Expires, "make a new one and have the server trust it"})
	}
	if in.User.Certificate != nil {
		list = append(list, expiring{"user", in.User.Certificate.NotAfter, "have a new one issued"})
	}
	if !in.IsSecure() {
		return list
	}
	if certs, err := x509.ParseCertificates(in.Endpoint.ServerCertificate); err == nil && len(certs) > 0 {
		list = append(list, expiring{"server", certs[0].NotAfter, "renew it at the server and trust the new one here"})
	}
	return list
}

// watchExpiry tells of certificates that end soon, while the session lasts.
func (x *session) watchExpiry(ctx context.Context, status *collector.Status) error {
	tick := time.NewTicker(expiryInterval)
	defer tick.Stop()
	for {
		x.noteExpiry(time.Now(), status)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (x *session) noteExpiry(now time.Time, status *collector.Status) {
	s := x.source
	for _, e := range x.expiring {
		s.metrics.setExpiry(e.whose, e.until)
		text, day := "", e.until.UTC().Format(time.DateOnly)
		switch {
		case now.After(e.until):
			text = fmt.Sprintf("expired on %s: %s", day, e.remedy)
		case now.Add(expiryWarning).After(e.until):
			text = fmt.Sprintf("expires on %s: %s", day, e.remedy)
		}
		if status.OwnTrouble(e.whose+" certificate", text) && text != "" {
			s.log.Warn("certificate ends", "certificate", e.whose, "expires", e.until, "trouble", text)
		}
	}
}
