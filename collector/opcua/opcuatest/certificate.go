package opcuatest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"time"
)

// CertOptions say what NewCertificate writes into a certificate.
type CertOptions struct {
	URI   string   // application URI, urn:northfield:opcuatest when empty
	Hosts []string // names and addresses, 127.0.0.1 when nil
	From  time.Time
	To    time.Time
	// Issuer and IssuerKey sign it; self-signed when nil.
	Issuer    *x509.Certificate
	IssuerKey *rsa.PrivateKey
	// Authority makes it a certificate that may issue others.
	Authority bool
	// Change does what the rest cannot say.
	Change func(*x509.Certificate)
}

// withDefaults fills in what a test does not care about.
func (o CertOptions) withDefaults() CertOptions {
	if o.URI == "" {
		o.URI = "urn:northfield:opcuatest"
	}
	if o.Hosts == nil {
		o.Hosts = []string{"127.0.0.1"}
	}
	if o.From.IsZero() {
		o.From = time.Now().Add(-time.Hour)
	}
	if o.To.IsZero() {
		o.To = time.Now().AddDate(1, 0, 0)
	}
	return o
}

// NewCertificate makes an application certificate of OPC 10000-6, 6.2.2 and
// its key. It is valid from an hour ago for a year unless told otherwise.
func NewCertificate(o CertOptions) (der []byte, key *rsa.PrivateKey, err error) {
	c, err := o.withDefaults().template()
	if err != nil {
		return nil, nil, err
	}
	if key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return nil, nil, err
	}
	parent, signer := c, key
	if o.Issuer != nil {
		parent, signer = o.Issuer, o.IssuerKey
	}
	der, err = x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, nil, fmt.Errorf("sign certificate: %w", err)
	}
	return der, key, nil
}

func (o CertOptions) template() (*x509.Certificate, error) {
	uri, err := url.Parse(o.URI)
	if err != nil {
		return nil, fmt.Errorf("application uri: %w", err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return nil, err
	}
	c := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "andon plant simulation"},
		NotBefore:             o.From,
		NotAfter:              o.To,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment | x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
		IsCA:                  o.Authority,
		URIs:                  []*url.URL{uri},
	}
	if o.Authority || o.Issuer == nil {
		c.KeyUsage |= x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	}
	for _, h := range o.Hosts {
		if ip := net.ParseIP(h); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, h)
		}
	}
	if o.Change != nil {
		o.Change(c)
	}
	return c, nil
}
