package bus_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"andon/bus"
	"andon/plant"
	"andon/plant/setting"
)

// A child is this test binary run again to do a task on a folder, so that the
// task can be killed, or live under limits of its own.
const (
	childDir  = "ANDON_BUS_TEST_DIR"
	childTask = "ANDON_BUS_TEST_TASK"
)

func runChild(dir, task string) int {
	tasks := map[string]func(*site, *bus.Bus) error{"put": putForEver, "full": outliveFullDisk}
	s := &site{config: bus.DefaultConfig()}
	s.config.Dir = setting.File(dir)
	tree, err := plant.NewTree(northfieldConfig())
	if err == nil {
		s.tree = tree
		var b *bus.Bus
		if b, err = bus.Open(context.Background(), bus.Options{Config: s.config, Tree: tree, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))}); err == nil {
			err = tasks[task](s, b)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		return 1
	}
	return 0
}

func child(t *testing.T, dir, task string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childDir+"="+dir, childTask+"="+task)
	cmd.Stderr = t.Output()
	return cmd
}

var childPaths = []string{"packing/lineA/A1/total", "packing/lineA/A2/total", "packing/lineA/A3/total"}

// putForEver puts from three sources and prints, for each Put that returned,
// the source and how many of its samples are acknowledged.
func putForEver(s *site, b *bus.Bus) error {
	var out sync.Mutex
	var sources sync.WaitGroup
	for i, path := range childPaths {
		sources.Go(func() {
			for n := 0; ; n += 13 {
				if err := b.Put(context.Background(), s.counts(path, n, 13)); err != nil {
					return
				}
				out.Lock()
				fmt.Println(i, n+13)
				out.Unlock()
			}
		})
	}
	sources.Wait()
	return nil
}

func TestEveryAcknowledgedSampleIsThereAfterKill9(t *testing.T) {
	s := embedded(t)
	cmd := child(t, string(s.config.Dir), "put")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acknowledged, total := make([]int, len(childPaths)), 0
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		source, count, _ := strings.Cut(lines.Text(), " ")
		i, err1 := strconv.Atoi(source)
		n, err2 := strconv.Atoi(count)
		if err1 != nil || err2 != nil {
			continue // cut off by the kill
		}
		acknowledged[i] = n
		if total++; total == 300 {
			cmd.Process.Kill()
		}
	}
	cmd.Wait() // the error is the signal
	if total < 300 {
		t.Fatalf("the child acknowledged %d Puts, want 300", total)
	}

	b := s.open(t)
	last, err := b.Last(t.Context(), s.area("packing"))
	if err != nil {
		t.Fatal(err)
	}
	all := samplesOf(read(t, reader(t, b, s.area("packing"), 0), func(m []plant.Message) bool {
		return len(m) > 0 && m[len(m)-1].Pos == last
	}))
	for i, path := range childPaths {
		own := ofTag(all, path)
		if len(own) < acknowledged[i] {
			t.Errorf("%s: got %d samples, want the %d that were acknowledged", path, len(own), acknowledged[i])
		}
		checkCounts(t, own, 0, len(own))
	}
}

// outliveFullDisk puts, fills the disk by forbidding files to grow, sees that
// Put waits, makes room again and sees that it goes on by itself.
func outliveFullDisk(s *site, b *bus.Bus) error {
	signal.Ignore(syscall.SIGXFSZ)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := b.Put(ctx, s.counts("packing/lineA/A1/total", 0, 100)); err != nil {
		return err
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	full := syscall.Rlimit{Cur: 1, Max: limit.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		return err
	}
	waiting := make(chan error, 1)
	go func() { waiting <- b.Put(ctx, s.counts("packing/lineA/A1/total", 100, 100)) }()
	for tick := time.NewTicker(50 * time.Millisecond); b.Healthy(ctx) == nil; <-tick.C {
		if ctx.Err() != nil {
			return fmt.Errorf("the bus is healthy though the disk is full")
		}
	}
	select {
	case err := <-waiting:
		return fmt.Errorf("put returned %v while the disk was full", err)
	default:
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	if err := <-waiting; err != nil {
		return fmt.Errorf("put after there was room again: %w", err)
	}
	return b.Close(ctx)
}

func TestPutGoesOnAfterTheDiskWasFull(t *testing.T) {
	s := embedded(t)
	if err := child(t, string(s.config.Dir), "full").Run(); err != nil {
		t.Fatal(err)
	}
	checkCounts(t, readSamples(t, reader(t, s.open(t), s.area("packing"), 0), 200), 0, 200)
}
