package bus_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"andon/plant/setting"
)

// Something else fills the disk that the stream is on, and andon is started
// again. What is in the stream may not be in InfluxDB yet.
func TestAStartOnANearlyFullDiskDropsNothing(t *testing.T) {
	s := embedded(t)
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=96m"); err != nil {
		t.Skipf("mount a small disk: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	s.config.Dir = setting.File(filepath.Join(disk, "bus"))
	const messages = 300 // 30 MB
	b := s.open(t)
	for i := range messages {
		put(t, b, s.text(i+1))
	}
	closeBus(t, b)
	var stat syscall.Statfs_t
	if err := syscall.Statfs(disk, &stat); err != nil {
		t.Fatal(err)
	}
	ballast := int(stat.Bavail)*int(stat.Bsize) - 4<<20
	if err := os.WriteFile(filepath.Join(disk, "ballast"), make([]byte, ballast), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		b = s.open(t)
		if got := readSamples(t, reader(t, b, s.area("packing"), 0), 1); got[0].Time != 1 {
			t.Fatalf("first message: got number %d, want 1", got[0].Time)
		}
		closeBus(t, b)
	}
}
