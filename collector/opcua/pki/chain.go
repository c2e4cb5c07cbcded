package pki

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
)

// SameLeaf reports whether two chains of DER certificates are of the same
// owner; servers may or may not send the issuers along.
func SameLeaf(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	ca, errA := x509.ParseCertificates(a)
	cb, errB := x509.ParseCertificates(b)
	return errA == nil && errB == nil && len(ca) > 0 && len(cb) > 0 && ca[0].Equal(cb[0])
}

// ServerKey returns the RSA key of a DER certificate, or of the first of a
// chain.
func ServerKey(der []byte) (*rsa.PublicKey, error) {
	certs, err := x509.ParseCertificates(der)
	if err != nil || len(certs) == 0 {
		return nil, errors.New("the server shows no certificate that can be read")
	}
	key, ok := certs[0].PublicKey.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("the server's certificate has a key of type %T, want an RSA key", certs[0].PublicKey)
	}
	return key, nil
}
