package pki

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

// Rules say how strictly a trust list is applied. The zero value refuses what is
// not valid now, and takes an authority without a revocation list.
type Rules struct {
	// AllowExpired accepts a trusted certificate that is not valid yet or no
	// longer.
	AllowExpired bool
	// RequireCRL refuses a certificate whose authority has no revocation list
	// in the folders, or one that is out of date.
	RequireCRL bool
	// AllowOtherHost accepts a certificate that is itself trusted and names
	// other hosts than the one that andon connects to.
	AllowOtherHost bool
}

// A TrustList is the list of certificates that may identify a server, or sign
// for one. It does not change, and is safe for concurrent use.
type TrustList struct {
	rules    Rules
	trusted  []*x509.Certificate // servers, and authorities that vouch for servers
	issuers  []*x509.Certificate // they complete chains, but vouch for nobody
	crls     []*x509.RevocationList
	rejected string // the folder of what was refused, "" for none
}

// LoadTrustList reads what root names: a certificate file, a folder of them, or
// a folder with the folders trusted, issuers and rejected. It is to be read at
// every connect, so that a new certificate works without a restart. An error
// names the file that cannot be read.
func LoadTrustList(root string, rules Rules) (TrustList, error) {
	t := TrustList{rules: rules}
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

// LookOnly returns the list that judges as t does and keeps nothing of what it
// refuses: to look is not to refuse.
func (t TrustList) LookOnly() TrustList {
	t.rejected = ""
	return t
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// readFolder reads the certificates of a folder, and adds its revocation lists
// to those of t. Servers' tools keep them in the folders certs and crl below.
func (t *TrustList) readFolder(dir string) ([]*x509.Certificate, error) {
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

func (t *TrustList) readFile(name string) ([]*x509.Certificate, error) {
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

// Fingerprint is how people tell certificates apart: the SHA-256 of c in
// hexadecimal.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}
