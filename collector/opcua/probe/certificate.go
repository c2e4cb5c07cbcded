package probe

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"slices"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua"
)

// A Certificate is one that a server shows.
type Certificate struct {
	SHA256    string    `json:"sha256"`
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Days      int       `json:"days"` // until To, negative after it
	URIs      []string  `json:"uris"`
	Hosts     []string  `json:"hosts"`
	KeyBits   int       `json:"key_bits"`
	Signature string    `json:"signature"`
	Trusted   bool      `json:"trusted"`
	Why       string    `json:"why,omitempty"` // it is not trusted
	DER       []byte    `json:"-"`
}

// addCertificate adds the certificate of an endpoint unless it is there.
func (r *Report) addCertificate(c opcua.Config, e *ua.EndpointDescription, now time.Time) {
	if len(e.ServerCertificate) == 0 {
		return
	}
	sum := fingerprint(e.ServerCertificate)
	if slices.ContainsFunc(r.Certificates, func(x Certificate) bool { return x.SHA256 == sum }) {
		return
	}
	x := Certificate{SHA256: sum, DER: e.ServerCertificate}
	if chain, err := x509.ParseCertificates(e.ServerCertificate); err == nil && len(chain) > 0 {
		x.describe(chain[0], now)
	}
	if err := opcua.CheckCertificate(c, e, now); err != nil {
		x.Why = err.Error()
	} else {
		x.Trusted = true
	}
	r.Certificates = append(r.Certificates, x)
}

func (x *Certificate) describe(leaf *x509.Certificate, now time.Time) {
	x.DER = leaf.Raw
	x.Subject, x.Issuer = leaf.Subject.String(), leaf.Issuer.String()
	x.From, x.To = leaf.NotBefore.UTC(), leaf.NotAfter.UTC()
	x.Days = int(leaf.NotAfter.Sub(now) / (24 * time.Hour))
	x.Signature = leaf.SignatureAlgorithm.String()
	for _, u := range leaf.URIs {
		x.URIs = append(x.URIs, u.String())
	}
	x.Hosts = slices.Clone(leaf.DNSNames)
	for _, ip := range leaf.IPAddresses {
		x.Hosts = append(x.Hosts, ip.String())
	}
	if key, ok := leaf.PublicKey.(*rsa.PublicKey); ok {
		x.KeyBits = key.N.BitLen()
	}
}

// fingerprint is the SHA-256 of the first certificate in der.
func fingerprint(der []byte) string {
	if chain, err := x509.ParseCertificates(der); err == nil && len(chain) > 0 {
		der = chain[0].Raw
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}
