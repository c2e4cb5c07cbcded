package opcua

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The folders of a trust list in its full form.
const (
	trustedFolder  = "trusted"
	issuersFolder  = "issuers"
	rejectedFolder = "rejected"
)

// A trust is the list of certificates that may identify a server, or sign for
// one.
type trust struct {
	trusted  []*x509.Certificate // servers, and authorities that vouch for servers
	issuers  []*x509.Certificate // they complete chains, but vouch for nobody
	crls     []*x509.RevocationList
	rejected string // the folder of what was refused, "" for none

	allowExpired, requireCRL bool
}

// loadTrust reads what Security.Trusted names: a certificate file, a folder of
// them, or a folder with the folders trusted, issuers and rejected. It is read
// at every connect, so that a new certificate works without a restart.
func loadTrust(sec Security) (trust, error) {
	t := trust{allowExpired: sec.AllowExpired, requireCRL: sec.RequireCRL}
	root := string(sec.Trusted)
	info, err := os.Stat(root)
	switch {
	case err != nil:
	case !info.IsDir():
		t.trusted, err = readCertificates(root)
	case isFolder(filepath.Join(root, trustedFolder)):
		t.rejected = filepath.Join(root, rejectedFolder)
		t.trusted, err = t.readFolder(filepath.Join(root, trustedFolder))
		if err == nil && isFolder(filepath.Join(root, issuersFolder)) {
			t.issuers, err = t.readFolder(filepath.Join(root, issuersFolder))
		}
	default:
		t.trusted, err = t.readFolder(root)
	}
	if err != nil {
		return t, fmt.Errorf("trusted certificates: %w", err)
	}
	return t, nil
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// readFolder reads the certificates of a folder, and adds its revocation lists
// to those of t. Servers' tools keep them in the folders certs and crl below.
func (t *trust) readFolder(dir string) ([]*x509.Certificate, error) {
	var list []*x509.Certificate
	for _, d := range []string{dir, filepath.Join(dir, "certs"), filepath.Join(dir, "crl")} {
		entries, err := os.ReadDir(d)
		if errors.Is(err, fs.ErrNotExist) && d != dir {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			certs, err := t.readFile(filepath.Join(d, e.Name()))
			if err != nil {
				return nil, err
			}
			list = append(list, certs...)
		}
	}
	return list, nil
}

func (t *trust) readFile(name string) ([]*x509.Certificate, error) {
	switch ext := strings.ToLower(filepath.Ext(name)); {
	case ext == ".crl":
		crl, err := readCRL(name)
		if err == nil {
			t.crls = append(t.crls, crl)
		}
		return nil, err
	case slices.Contains([]string{".der", ".crt", ".cer", ".pem"}, ext):
		return readCertificates(name)
	}
	return nil, nil
}

// readCRL reads a certificate revocation list in PEM or DER.
func readCRL(name string) (*x509.RevocationList, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if block, _ := pem.Decode(b); block != nil {
		b = block.Bytes
	}
	crl, err := x509.ParseRevocationList(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return crl, nil
}

func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}
