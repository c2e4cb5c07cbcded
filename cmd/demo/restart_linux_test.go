package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A demonstration is the program itself, as `make run` starts it.
type demonstration struct {
	t    *testing.T
	cmd  *exec.Cmd
	out  *screen
	done chan struct{}
	err  error
}

func demonstrate(t *testing.T, args []string) *demonstration {
	t.Helper()
	d := &demonstration{t: t, cmd: exec.Command(filepath.Join(args[1], "demo"), args...), done: make(chan struct{})}
	d.out = &screen{want: "The plant runs", seen: make(chan struct{})}
	d.cmd.Stdout, d.cmd.Stderr = d.out, d.out
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { // ends with the program, which the cleanup ends
		d.err = d.cmd.Wait()
		close(d.done)
	}()
	t.Cleanup(func() {
		for _, pid := range children(t, d.cmd.Process.Pid) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		_ = d.cmd.Process.Kill() // it has ended already unless the test failed
		<-d.done
	})
	select {
	case <-d.out.seen:
	case <-d.done:
		t.Fatalf("ended before it was ready: %v\n%s", d.err, d.out)
	case <-time.After(2 * time.Minute):
		t.Fatalf("not ready within two minutes:\n%s", d.out)
	}
	return d
}

// ended sends a signal and waits for the demonstration's end.
func (d *demonstration) ended(by syscall.Signal) {
	d.t.Helper()
	if by == syscall.SIGHUP && signal.Ignored(syscall.SIGHUP) {
		by = syscall.SIGINT // under nohup a closed terminal is to be ignored
	}
	if err := d.cmd.Process.Signal(by); err != nil {
		d.t.Fatal(err)
	}
	select {
	case <-d.done:
	case <-time.After(time.Minute):
		d.t.Fatalf("not stopped within a minute:\n%s", d.out)
	}
}

// children returns the processes that a process started and that still run.
func children(t *testing.T, parent int) (pids []int) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		pid, err := strconv.Atoi(filepath.Base(f))
		if err == nil && parentOf(pid) == parent {
			pids = append(pids, pid)
		}
	}
	return pids
}

// parentOf returns who started a process, 0 when it has ended.
func parentOf(pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:]) // state, parent, …
	if string(fields[0]) == "Z" {
		return 0 // only nobody has asked for its exit status
	}
	parent, _ := strconv.Atoi(string(fields[1])) // always a number
	return parent
}

func TestKilledWithoutWarningTheDemonstrationLeavesNothingAndStartsAgain(t *testing.T) {
	bin, dir := buildPrograms(t), t.TempDir()
	t.Chdir("../..")
	ports := freePorts(t, 4)
	first := demonstrate(t, args(bin, dir, ports))
	programs := children(t, first.cmd.Process.Pid)
	if len(programs) != 3 {
		t.Fatalf("got %d programs, want plant, database and andon", len(programs))
	}
	t.Cleanup(func() {
		for _, pid := range programs {
			if t.Failed() {
				_ = syscall.Kill(pid, syscall.SIGKILL) // orphans of a failed test
			}
		}
	})
	first.ended(syscall.SIGKILL)

	second := demonstrate(t, args(bin, dir, ports)) // at once, while they still stop
	for _, pid := range programs {
		if parentOf(pid) != 0 {
			t.Errorf("process %d of the first demonstration still runs", pid)
		}
	}
	awaitBoard(t, fmt.Sprintf("http://127.0.0.1:%d/", ports[0]))
	// The terminal is closed: as Ctrl-C.
	second.ended(syscall.SIGHUP)
	if second.err != nil || !strings.Contains(second.out.String(), "stopping influxd … stopped") {
		t.Errorf("terminal closed: got %v\n%s\nwant all stopped in order", second.err, second.out)
	}
	checkLog(t, filepath.Join(dir, "andon.log"))
	for _, p := range ports {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", p))
		if err != nil {
			t.Errorf("port %d after the end: %v", p, err)
			continue
		}
		l.Close()
	}
}

// checkLog wants both starts in the log.
func checkLog(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if got := strings.Count(string(text), "andon starts"); err != nil || got != 2 {
		t.Errorf("%s tells %d starts (%v), want both", file, got, err)
	}
	if got := strings.Count(string(text), "=== run of "); got != 2 {
		t.Errorf("%s marks %d runs, want 2", file, got)
	}
}
