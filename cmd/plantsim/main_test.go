package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"log"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// runAsPlantsim makes the test binary the command itself.
const runAsPlantsim = "PLANTSIM_RUN"

func TestMain(m *testing.M) {
	if os.Getenv(runAsPlantsim) != "" {
		main()
		return
	}
	log.SetOutput(io.Discard)
	os.Exit(m.Run())
}

// A process is plantsim running as it does for users.
type process struct {
	cmd    *exec.Cmd
	lines  chan string // of its stdout
	errors bytes.Buffer
	done   sync.WaitGroup
}

// launch starts plantsim on free ports.
func launch(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0], args...), lines: make(chan string, 10_000)}
	p.cmd.Env = append(os.Environ(), runAsPlantsim+"=1")
	p.cmd.Stderr = &p.errors
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.done.Go(func() {
		defer close(p.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lines <- s.Text()
		}
	})
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it has ended already unless the test failed
		p.done.Wait()
	})
	return p
}

// until returns the first line with that beginning.
func (p *process) until(t *testing.T, prefix string) string {
	t.Helper()
	timeout := time.After(60 * time.Second)
	for {
		select {
		case line, ok := <-p.lines:
			if !ok {
				t.Fatalf("plantsim ended before %q: %s", prefix, p.errors.String())
			}
			if strings.HasPrefix(line, prefix) {
				return line
			}
		case <-timeout:
			t.Fatalf("no line %q within 60 s", prefix)
		}
	}
}

// wait returns plantsim's exit code.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	timer := time.AfterFunc(120*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer timer.Stop()
	p.done.Wait()
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// endpoints reads the ready line.
func endpoints(t *testing.T, line string) (opcua, mqtt string) {
	t.Helper()
	for _, word := range strings.Fields(line) {
		if v, ok := strings.CutPrefix(word, "opcua="); ok {
			opcua = v
		}
		if v, ok := strings.CutPrefix(word, "mqtt="); ok {
			mqtt = v
		}
	}
	if opcua == "" || mqtt == "" {
		t.Fatalf("ready line %q: want opcua= and mqtt=", line)
	}
	return opcua, mqtt
}

func TestPlantEndsCleanlyWhenToldTo(t *testing.T) {
	for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		p := launch(t, "--opcua-listen", "127.0.0.1:0", "--mqtt-listen", "127.0.0.1:0", "--loop")
		_, broker := endpoints(t, p.until(t, "ready "))
		farewells := subscribe(t, broker, "northfield/+/+/+/status")
		if err := p.cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		if got := p.wait(t); got != 0 {
			t.Errorf("%v: got exit code %d, want 0: %s", sig, got, p.errors.String())
		}
		offline := map[string]bool{}
		for len(farewells) > 0 {
			if m := <-farewells; string(m.payload) == "offline" {
				offline[m.topic] = true
			}
		}
		if len(offline) != 4 {
			t.Errorf("%v: got farewells %v, want one of each of four devices", sig, offline)
		}
	}
}

func TestAStartThatIsStillToComeIsWaitedFor(t *testing.T) {
	start := time.Now().UTC().Truncate(time.Millisecond).Add(2 * time.Second)
	p := launch(t, "--opcua-listen", "127.0.0.1:0", "--mqtt-listen", "127.0.0.1:0", "--start", start.Format(time.RFC3339Nano), "--duration", "100ms")
	p.until(t, start.Format(time.TimeOnly)+" A1")
	if now := time.Now(); now.Before(start) {
		t.Errorf("the scenario began at %s, want it not before %s", now, start)
	}
	if got := p.wait(t); got != 0 {
		t.Errorf("got exit code %d, want 0: %s", got, p.errors.String())
	}
}

func TestTakenPortsAreNamedWithTheirFlags(t *testing.T) {
	taken := listener(t)
	for flag, args := range map[string][]string{
		"--opcua-listen": {"--opcua-listen", taken, "--mqtt-listen", "127.0.0.1:0"},
		"--mqtt-listen":  {"--mqtt-listen", taken, "--opcua-listen", "127.0.0.1:0"},
	} {
		p := launch(t, args...)
		if got := p.wait(t); got != 1 {
			t.Errorf("%s: got exit code %d, want 1", flag, got)
		}
		want := "listen at " + taken + ": the port is taken"
		if got := p.errors.String(); !strings.Contains(got, want) || !strings.Contains(got, flag) {
			t.Errorf("got %q, want %q and %s", got, want, flag)
		}
	}
}

func TestWrongArgumentsAreErrors(t *testing.T) {
	f := func(want string, args ...string) {
		t.Helper()
		c := newCommand()
		c.SetArgs(args)
		c.SetOut(io.Discard)
		c.SetErr(io.Discard)
		if err := c.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %s", args, err, want)
		}
	}
	f("--speed 0: want a number above 0", "--speed", "0")
	f("--duration -1s: want", "--duration", "-1s")
	f("want one of them", "--mqtt-listen", "127.0.0.1:0", "--mqtt-url", "tcp://127.0.0.1:1883")
	f("--mqtt-url: broker ws://x:80: want tcp://", "--mqtt-url", "ws://x:80", "--opcua-listen", "127.0.0.1:0")
	f("want both or none", "--cert", "x.pem")
	f("--start \"today\": want a time", "--start", "today")
	f("want a file or one of hour, showcase", "--scenario", "weekend")
	f("--start \"noon\"", "record", "--start", "noon")
	f("want a file or one of", "check", "weekend")
	f("want one of [hour showcase]", "scenarios", "weekend")
	f("unknown command", "play")
	f("unknown flag", "--port", "1")
}
