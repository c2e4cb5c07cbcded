package pki

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// OwnDER is the file in the state folder with andon's own certificate in the form
// that most servers' tools import.
const OwnDER = "opcua-client.der"

// The files of andon's own certificate in the state folder. The pair is one
// file, so that it is there whole or not at all; the others are copies of the
// certificate to give to servers.
const (
	ownPairFile    = "opcua-client.key"
	ownCertificate = "opcua-client.pem"
	ownYears       = 10
	maxAddresses   = 8 // of a machine with many, such as one for containers
)

// An Identity is andon's application certificate and its key.
type Identity struct {
	Certificate []byte          // DER
	Key         *rsa.PrivateKey // of Certificate
	Expires     time.Time       // by the certificate
	Made        bool            // just now, so that no server can know it
}

// OwnIdentity reads the pair in the state folder dir, which it makes at now when
// there is none. Several may do so at once: all get the same pair.
func OwnIdentity(dir string, now time.Time) (Identity, error) {
	if dir == "" {
		return Identity{}, errors.New("own certificate: no state folder and no cert_file")
	}
	pair := filepath.Join(dir, ownPairFile)
	id, err := ReadIdentity(pair, pair)
	if errors.Is(err, fs.ErrNotExist) {
		if err := createIdentity(dir, now); err != nil {
			return Identity{}, fmt.Errorf("own certificate: %w", err)
		}
		id, err = ReadIdentity(pair, pair)
		id.Made = true
	}
	return id, err
}

// ReadIdentity reads a configured certificate and the key that belongs to it,
// each in PEM or DER.
func ReadIdentity(certFile, keyFile string) (Identity, error) {
	cert, key, err := ReadPair(certFile, keyFile)
	if err != nil {
		return Identity{}, fmt.Errorf("own %w", err)
	}
	return Identity{Certificate: cert.Raw, Key: key, Expires: cert.NotAfter}, nil
}

// createIdentity makes a self-signed certificate with the fields that
// OPC 10000-6, 6.2.2 asks for. Of several sources that start together one
// wins and all use its pair.
func createIdentity(dir string, now time.Time) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	der, err := selfSigned(key, host, now)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	pair := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), cert...)
	err = createDurable(filepath.Join(dir, ownPairFile), pair, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return errors.Join(err,
		createDurable(filepath.Join(dir, ownCertificate), cert, 0o644),
		createDurable(filepath.Join(dir, OwnDER), der, 0o644))
}

func selfSigned(key *rsa.PrivateKey, host string, now time.Time) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	c := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "andon", Organization: []string{host}},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.AddDate(ownYears, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment |
			x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
		URIs:                  []*url.URL{{Scheme: "urn", Opaque: url.PathEscape(host) + ":andon"}},
		DNSNames:              []string{host},
		IPAddresses:           ownAddresses(),
	}
	return x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
}

// ownAddresses returns the addresses that others may know this machine by.
// Without them the certificate is as good to most servers.
func ownAddresses() []net.IP {
	addrs, _ := net.InterfaceAddrs()
	var list []net.IP
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() && len(list) < maxAddresses {
			list = append(list, n.IP)
		}
	}
	return list
}
