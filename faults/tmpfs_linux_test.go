package faults_test

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// smallDisk mounts a file system of so many bytes in memory, which the test's
// end removes. The error says why the machine does not allow it.
func smallDisk(t *testing.T, bytes int) (dir string, err error) {
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		return "", fmt.Errorf("mount tmpfs: %w", err)
	}
	t.Cleanup(func() { // after InfluxDB ended, which was started later
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir, nil
}

// fill takes all the room that a disk has left, until the returned function
// is called.
func fill(t *testing.T, dir string) (empty func()) {
	t.Helper()
	name := filepath.Join(dir, "ballast")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
	return func() {
		if err := os.Remove(name); err != nil {
			t.Errorf("empty the disk: %v", err)
		}
	}
}
