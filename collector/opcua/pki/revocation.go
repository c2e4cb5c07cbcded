package pki

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"slices"
	"time"
)

// longestChain bounds how many certificates a server may show: each costs
// signatures to check.
const longestChain = 8

// reasonRemoved is the reason code by which a list takes a revocation back
// (RFC 5280, 5.3.1).
const reasonRemoved = 8

// verifyRevocation checks that no authority revoked leaf or one of the
// authorities above it, as far as their certificates are known. All ways up
// count: who has the key of a revoked authority can sign for itself and show
// that certificate first.
func (t TrustList) verifyRevocation(leaf *x509.Certificate, rest []*x509.Certificate, now time.Time) error {
	known := slices.Concat(t.trusted, t.issuers, rest)
	found := []*x509.Certificate{leaf}
	for i := 0; i < len(found); i++ {
		c := found[i]
		if isRoot(c) {
			continue
		}
		above := issuersOf(c, known)
		// Above an authority that is trusted itself there need not be one.
		if len(above) == 0 && i == 0 && t.rules.RequireCRL {
			return fmt.Errorf("the certificate of its issuer %q is not in the issuers folder, and require_crl asks for that one's revocation list", c.Issuer)
		}
		for _, issuer := range above {
			if err := t.verifyUnrevoked(c, issuer, now); err != nil {
				return err
			}
			if !slices.ContainsFunc(found, issuer.Equal) {
				found = append(found, issuer)
			}
		}
	}
	return nil
}

func isRoot(c *x509.Certificate) bool {
	return bytes.Equal(c.RawIssuer, c.RawSubject) && c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

func issuersOf(c *x509.Certificate, known []*x509.Certificate) []*x509.Certificate {
	var list []*x509.Certificate
	for _, p := range known {
		if bytes.Equal(c.RawIssuer, p.RawSubject) && c.CheckSignatureFrom(p) == nil {
			list = append(list, p)
		}
	}
	return list
}

// verifyUnrevoked looks c up in its issuer's newest revocation list.
func (t TrustList) verifyUnrevoked(c, issuer *x509.Certificate, now time.Time) error {
	crl, parts := t.listsOf(issuer)
	for _, l := range append(parts, crl) {
		if err := lookUp(c, l); err != nil {
			return err
		}
	}
	if crl == nil && t.rules.RequireCRL {
		return fmt.Errorf("its issuer %q has no revocation list here, and require_crl asks for one", issuer.Subject)
	}
	if crl != nil && t.rules.RequireCRL && !crl.NextUpdate.IsZero() && now.After(crl.NextUpdate) {
		return fmt.Errorf("the revocation list of %q is out of date since %s: put a new one into its folder", issuer.Subject, crl.NextUpdate.UTC().Format(time.DateOnly))
	}
	return nil
}

// lookUp looks c up in a list of its issuer, which may be nil.
func lookUp(c *x509.Certificate, crl *x509.RevocationList) error {
	if crl == nil {
		return nil
	}
	for _, e := range crl.RevokedCertificateEntries {
		if e.SerialNumber.Cmp(c.SerialNumber) != 0 || e.ReasonCode == reasonRemoved {
			continue
		}
		since := e.RevocationTime.UTC().Format(time.DateOnly)
		if c.IsCA {
			return fmt.Errorf("its authority %q is revoked since %s", c.Subject, since)
		}
		return errors.New("is revoked since " + since)
	}
	return nil
}

// listsOf returns the newest revocation list that issuer signed, nil without
// one, and those that tell a part only: changes, or certificates of one kind.
// A critical extension marks them, and they must not stand for the whole (RFC
// 5280, 5.2).
func (t TrustList) listsOf(issuer *x509.Certificate) (newest *x509.RevocationList, parts []*x509.RevocationList) {
	for _, l := range t.crls {
		if !bytes.Equal(l.RawIssuer, issuer.RawSubject) || l.CheckSignatureFrom(issuer) != nil {
			continue
		}
		switch {
		case slices.ContainsFunc(l.Extensions, func(e pkix.Extension) bool { return e.Critical }):
			parts = append(parts, l)
		case newest == nil || l.ThisUpdate.After(newest.ThisUpdate):
			newest = l
		}
	}
	return newest, parts
}
