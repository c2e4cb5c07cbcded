package pki

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// maxRejected bounds how many refused certificates are kept; the oldest goes
// first.
const maxRejected = 100

// largestRejected bounds the size of each, in bytes; real ones have a few
// thousand at most.
const largestRejected = 64 << 10

// keepRejected puts a refused certificate where people can find it and move
// it on to the trusted ones. It returns what to tell them of it.
func (t TrustList) keepRejected(c *x509.Certificate) string {
	if t.rejected == "" {
		return ""
	}
	if len(c.Raw) > largestRejected {
		return " (too large to be kept)"
	}
	name := filepath.Join(t.rejected, Fingerprint(c)+".der")
	err := os.MkdirAll(t.rejected, 0o750)
	if err == nil {
		err = createDurable(name, c.Raw, 0o640)
	}
	switch {
	case errors.Is(err, fs.ErrExist):
	case err != nil:
		return fmt.Sprintf(" (it cannot be kept: %v)", err)
	default:
		forgetRejected(t.rejected)
	}
	return fmt.Sprintf(" (kept as %s)", name)
}

// forgetRejected removes the oldest of too many kept certificates, however many
// that are: sources that refuse at once count them at once. Files with
// other names are not its own.
func forgetRejected(dir string) {
	own := regexp.MustCompile(`^[0-9a-f]{64}\.der$`)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // the next one that is refused tries again
	}
	var kept []fs.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil && own.MatchString(e.Name()) {
			kept = append(kept, info)
		}
	}
	slices.SortFunc(kept, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, info := range kept[:max(0, len(kept)-maxRejected)] {
		_ = os.Remove(filepath.Join(dir, info.Name())) // the next one that is refused tries again
	}
}
