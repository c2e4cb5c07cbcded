package opcua

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

// The files of andon's own certificate in the state folder. The pair is one
// file, so that it is there whole or not at all; the others are copies of the
// certificate to give to servers.
const (
	ownPairFile    = "opcua-client.key"
	ownCertificate = "opcua-client.pem"
	ownDER         = "opcua-client.der"
	ownYears       = 10
	maxAddresses   = 8 // of a machine with many, such as one for containers
)

// An identity is andon's application certificate and its key.
type identity struct {
	certificate []byte // DER
	key         *rsa.PrivateKey
	expires     time.Time
	made        bool // just now
}

// loadIdentity reads the configured pair, or the one in dir, which it makes
// when there is none.
func loadIdentity(sec Security, dir string, now time.Time) (identity, error) {
	if sec.CertificateFile != "" {
		return readIdentity(string(sec.CertificateFile), string(sec.KeyFile))
	}
	if dir == "" {
		return identity{}, errors.New("own certificate: no state folder and no cert_file")
	}
	pair := filepath.Join(dir, ownPairFile)
	id, err := readIdentity(pair, pair)
	if errors.Is(err, fs.ErrNotExist) {
		if err := createIdentity(dir, now); err != nil {
			return identity{}, fmt.Errorf("own certificate: %w", err)
		}
		id, err = readIdentity(pair, pair)
		id.made = true
	}
	return id, err
}

func readIdentity(certFile, keyFile string) (identity, error) {
	cert, key, err := readPair(certFile, keyFile)
	if err != nil {
		return identity{}, fmt.Errorf("own %w", err)
	}
	return identity{certificate: cert.Raw, key: key, expires: cert.NotAfter}, nil
}

// readPair reads a certificate and the key that belongs to it.
func readPair(certFile, keyFile string) (*x509.Certificate, *rsa.PrivateKey, error) {
	certs, err := readCertificates(certFile)
	if err != nil {
		return nil, nil, fmt.Errorf("certificate: %w", err)
	}
	b, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, nil, fmt.Errorf("key: %w", err)
	}
	key, err := parseKey(b)
	if err != nil {
		return nil, nil, fmt.Errorf("key %s: %w", keyFile, err)
	}
	if pub, ok := certs[0].PublicKey.(*rsa.PublicKey); !ok || !pub.Equal(&key.PublicKey) {
		return nil, nil, fmt.Errorf("key %s: does not belong to certificate %s", keyFile, certFile)
	}
	return certs[0], key, nil
}

// parseKey reads an RSA key in PEM or DER, PKCS #1 or #8.
func parseKey(b []byte) (*rsa.PrivateKey, error) {
	if block, _ := pem.Decode(b); block != nil {
		b = block.Bytes
	}
	if key, err := x509.ParsePKCS1PrivateKey(b); err == nil {
		return key, nil
	}
	k, err := x509.ParsePKCS8PrivateKey(b)
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	key, ok := k.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("want an RSA key")
	}
	return key, nil
}

// readCertificates reads all certificates of a PEM or DER file, the leaf
// first.
func readCertificates(file string) ([]*x509.Certificate, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	der := b
	if block, rest := pem.Decode(b); block != nil {
		der = nil
		for ; block != nil; block, rest = pem.Decode(rest) {
			if block.Type == "CERTIFICATE" {
				der = append(der, block.Bytes...)
			}
		}
	}
	certs, err := x509.ParseCertificates(der)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(certs) == 0 {
		return nil, fmt.Errorf("%s: want a certificate in PEM or DER", file)
	}
	return certs, nil
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
		createDurable(filepath.Join(dir, ownDER), der, 0o644))
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

// createDurable makes a file that is there whole or not at all; it fails with
// fs.ErrExist when there is one already.
func createDurable(name string, data []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Link(f.Name(), name)
}
