package faults_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	// soakEvery is how often a soak measures.
	soakEvery = 10 * time.Second
	// soakWarm is the share of a soak in which things may still grow: caches
	// fill, and the stream comes to its limit.
	soakWarm = 0.4
)

// A figure is one thing that a soak watches. It may grow by as much as its
// floor or by a share of what it is, over the time after the warm-up.
type figure struct {
	name  string
	unit  string
	per   float64 // of what is measured in one unit
	floor float64 // in units
	share float64
	read  func() (float64, error)

	values []float64
}

// figures are what must stay flat.
func (r *rig) figures() []*figure {
	metric := func(name string) func() (float64, error) {
		return func() (float64, error) { return r.metric(name) }
	}
	return []*figure{
		{name: "memory (resident)", unit: "MB", per: 1 << 20, floor: 20, share: 0.1, read: r.resident},
		// What garbage there is depends on when it was collected last.
		{name: "heap, live", unit: "MB", per: 1 << 20, floor: 10, share: 0.2, read: metric("go_gc_heap_live_bytes")},
		{name: "goroutines", unit: "", per: 1, floor: 5, share: 0.02, read: metric("go_goroutines")},
		{name: "file handles", unit: "", per: 1, floor: 5, share: 0.02, read: r.handles},
		{name: "stream on disk", unit: "MB", per: 1 << 20, floor: 10, share: 0.15, read: func() (float64, error) { return size(filepath.Join(r.data, "bus")) }},
		// The records keep what the plant did: a stop, a minute's counts.
		{name: "records on disk", unit: "MB", per: 1 << 20, floor: 5, share: 1, read: func() (float64, error) { return size(filepath.Join(r.data, "andon.db")) }},
	}
}

// resident returns the bytes of memory that andon has.
func (r *rig) resident() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", r.andon.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	pages, err := strconv.ParseFloat(strings.Fields(string(text))[1], 64)
	return pages * float64(os.Getpagesize()), err
}

// handles returns how many files and connections andon has open.
func (r *rig) handles() (float64, error) {
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", r.andon.cmd.Process.Pid))
	return float64(len(open)), err
}

// size returns the bytes of a file, or of all below a folder.
func size(path string) (bytes float64, err error) {
	err = filepath.WalkDir(path, func(_ string, e fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil // removed meanwhile
		}
		if err != nil || e.IsDir() {
			return err
		}
		if info, err := e.Info(); err == nil {
			bytes += float64(info.Size())
		}
		return nil
	})
	return bytes, err
}

// slope returns by how much values grow from the first to the last along the
// line that fits them best.
func slope(values []float64) float64 {
	n := float64(len(values))
	if n < 2 {
		return 0
	}
	var x, y, xy, xx float64
	for i, v := range values {
		x, y, xy, xx = x+float64(i), y+v, xy+float64(i)*v, xx+float64(i)*float64(i)
	}
	return (n*xy - x*y) / (n*xx - x*x) * (n - 1)
}

// grew reports whether the figure grew after the warm-up by more than it may.
func (f *figure) grew() (by float64, tooMuch bool) {
	flat := f.values[int(soakWarm*float64(len(f.values))):]
	by = slope(flat)
	return by, by > max(f.floor, f.share*flat[0])
}

// TestSoak runs andon under load for as long as ANDON_SOAK says and prints
// what its memory, goroutines, file handles and disk did.
func TestSoak(t *testing.T) {
	lasts, err := time.ParseDuration(os.Getenv("ANDON_SOAK"))
	if err != nil || lasts < 2*time.Minute {
		t.Skip("ANDON_SOAK=30m, 2m or longer; or make soak")
	}
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	r := newRig(t, options{direct: true, extra: "bus: {max_bytes: 4194304}\n"})
	r.start()
	r.ready(30 * time.Second)
	r.tell(lasts)
	r.watched(3)
	all := r.figures()
	began := time.Now()
	for at := soakEvery; at < lasts; at += soakEvery {
		r.pass(time.Until(began.Add(at)))
		for _, f := range all {
			v, err := f.read()
			if err != nil {
				t.Fatalf("%s: %v", f.name, err)
			}
			f.values = append(f.values, v/f.per)
		}
	}
	r.settled(catchUp(), nil)
	t.Logf("soak of %s, %d measurements, a warm-up of %.0f %%\n%s", lasts, len(all[0].values), soakWarm*100, table(all, lasts))
	for _, f := range all {
		if by, tooMuch := f.grew(); tooMuch {
			t.Errorf("%s: grew by %.1f %s after the warm-up, want %.1f %s or %.0f %% at most", f.name, by, f.unit, f.floor, f.unit, 100*f.share)
		}
	}
	r.stops()
}

// table prints the figures.
func table(all []*figure, lasts time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-20s %10s %10s %10s %10s %12s\n", "", "start", "warm", "end", "highest", "per hour")
	for _, f := range all {
		n := len(f.values)
		warm := int(soakWarm * float64(n))
		by, _ := f.grew()
		highest := f.values[0]
		for _, v := range f.values {
			highest = max(highest, v)
		}
		hours := (lasts.Hours()) * float64(n-1-warm) / float64(n)
		fmt.Fprintf(&b, "%-20s %10.1f %10.1f %10.1f %10.1f %+12.1f %s\n", f.name, f.values[0], f.values[warm], f.values[n-1], highest, by/hours, f.unit)
	}
	return b.String()
}

func TestTheSoakSeesALeakAndNoNoise(t *testing.T) {
	leak, noise := &figure{floor: 5, share: 0.02}, &figure{floor: 5, share: 0.02}
	for i := range 100 {
		leak.values = append(leak.values, 100+float64(i)/5)
		noise.values = append(noise.values, 100+float64(i%7)-3)
	}
	if by, tooMuch := leak.grew(); !tooMuch || by < 11 || by > 13 {
		t.Errorf("a leak: got %.1f, %v; want 12 and too much", by, tooMuch)
	}
	if by, tooMuch := noise.grew(); tooMuch || by > 1 || by < -1 {
		t.Errorf("noise: got %.1f, %v; want about 0", by, tooMuch)
	}
}
