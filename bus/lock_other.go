//go:build !unix

package bus

import "os"

// lockFile opens the file without a lock, which this system does not offer in
// the standard library.
func lockFile(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
}
