package opcua

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// maxRejected bounds how many refused certificates are kept; the oldest goes
// first.
const maxRejected = 100

// keepRejected puts a refused certificate where people can find it and move
// it on to the trusted ones. It returns what to tell them of it.
func (t trust) keepRejected(c *x509.Certificate) string {
	if t.rejected == "" {
		return ""
	}
	name := filepath.Join(t.rejected, fingerprint(c)+".der")
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

// forgetRejected removes the oldest of too many kept certificates. Files with
// other names are not its own.
func forgetRejected(dir string) {
	own := regexp.MustCompile(`^[0-9a-f]{64}\.der$`)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // the next one that is refused tries again
	}
	oldest, at, n := "", time.Time{}, 0
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !own.MatchString(e.Name()) {
			continue
		}
		if n++; oldest == "" || info.ModTime().Before(at) {
			oldest, at = e.Name(), info.ModTime()
		}
	}
	if n > maxRejected {
		_ = os.Remove(filepath.Join(dir, oldest))
	}
}
