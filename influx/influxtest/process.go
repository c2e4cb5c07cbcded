package influxtest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	startTimeout = 30 * time.Second // a loaded machine opening its shards
	stopTimeout  = 30 * time.Second // influxd's own bound for a clean shutdown
	pingInterval = 5 * time.Millisecond
)

// A Process is one influxd with its data folder. It can be stopped and
// started again any number of times and keeps its data and its address. It
// ends by itself when the process that started it dies. Its methods are not
// safe for concurrent use, but for URL, Query and CreateDatabase.
type Process struct {
	binary, dir string
	addr        string // host:port, port 0 until the first start

	cmd    *exec.Cmd // nil while it does not run
	exited chan error
	stdin  io.Closer
	output *tail
}

// Launch builds influxd when needed and starts it on a free loopback port
// with its files in dir. The caller calls Stop or Kill.
func Launch(ctx context.Context, dir string) (*Process, error) {
	binary, err := Build(ctx)
	if err != nil {
		return nil, err
	}
	p := &Process{binary: binary, dir: dir, addr: "127.0.0.1:0"}
	return p, p.Start(ctx)
}

// URL returns the base address, such as http://127.0.0.1:43211. It stays the
// same while influxd is stopped.
func (p *Process) URL() string { return "http://" + p.addr }

// PID returns the process id, 0 while influxd does not run.
func (p *Process) PID() int {
	if p.cmd == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

// Start starts influxd after Stop or Kill and returns once it answers. The
// process does not end with ctx.
func (p *Process) Start(ctx context.Context) error {
	if p.cmd != nil {
		return errors.New("start influxd: it runs already")
	}
	config := filepath.Join(p.dir, "influxdb.conf")
	if err := os.WriteFile(config, []byte(configText(p.dir, p.addr)), 0o644); err != nil {
		return fmt.Errorf("write influxd configuration: %w", err)
	}
	cmd := exec.Command(p.binary, "-config", config, "-while-stdin")
	cmd.Env = withoutInfluxDB(os.Environ())
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("start influxd: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start influxd: %w", err)
	}
	p.output = &tail{}
	cmd.Stderr = p.output
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start influxd: %w", err)
	}
	p.cmd, p.stdin, p.exited = cmd, stdin, make(chan error, 1)
	listening := make(chan string, 1)
	go func(exited chan<- error) {
		readAddress(stdout, listening)
		exited <- cmd.Wait()
	}(p.exited)
	return p.awaitStart(ctx, listening)
}

func (p *Process) awaitStart(ctx context.Context, listening <-chan string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	select {
	case addr, ok := <-listening:
		if ok {
			p.addr = addr
			if err := p.awaitPing(ctx); err == nil {
				return nil
			}
		}
	case <-ctx.Done():
	}
	output := p.output
	p.Kill()
	return fmt.Errorf("start influxd: it did not answer\n%s", output)
}

func (p *Process) awaitPing(ctx context.Context) error {
	tick := time.NewTicker(pingInterval)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL()+"/ping", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = resp.Body.Close()
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Stop ends influxd as a service manager does, with everything on disk. It is
// an error when influxd does not end by itself with status 0; then it is
// killed. Stopping a stopped one does nothing.
func (p *Process) Stop() error {
	if p.cmd == nil {
		return nil
	}
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		return fmt.Errorf("stop influxd: %w", err)
	}
	select {
	case err := <-p.exited:
		p.forget()
		if err != nil {
			return fmt.Errorf("stop influxd: %w\n%s", err, p.output)
		}
		return nil
	case <-time.After(stopTimeout):
		p.Kill()
		return errors.New("stop influxd: it did not end in time")
	}
}

// Kill ends influxd at once, as a power cut does. Killing a stopped one does
// nothing.
func (p *Process) Kill() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill()
	<-p.exited
	p.forget()
}

func (p *Process) forget() {
	_ = p.stdin.Close()
	p.cmd = nil
}

// readAddress sends the address that influxd prints and reads on to the end
// of its output.
func readAddress(stdout io.Reader, listening chan<- string) {
	defer close(listening)
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if _, addr, ok := strings.Cut(lines.Text(), " listens on "); ok {
			listening <- addr
			break
		}
	}
	_, _ = io.Copy(io.Discard, stdout)
}

// withoutInfluxDB keeps a developer's INFLUXDB_ settings from overriding the
// test's configuration.
func withoutInfluxDB(environ []string) []string {
	var kept []string
	for _, e := range environ {
		if !strings.HasPrefix(e, "INFLUXDB_") {
			kept = append(kept, e)
		}
	}
	return kept
}

// A tail keeps the last output of influxd for error texts.
type tail struct {
	mu  sync.Mutex // guards buf
	buf []byte
}

// Write never fails.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, b...)
	if extra := len(t.buf) - 8<<10; extra > 0 {
		t.buf = t.buf[extra:]
	}
	return len(b), nil
}

// String returns what is kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.buf))
}

func configText(dir, addr string) string {
	return fmt.Sprintf(`reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = %q
[data]
  dir = %q
  wal-dir = %q
  index-version = "inmem"
  query-log-enabled = false
  max-series-per-database = 0
  max-values-per-tag = 0
[http]
  bind-address = %q
  log-enabled = false
  max-body-size = 0
[logging]
  level = "warn"
  suppress-logo = true
[monitor]
  store-enabled = false
[subscriber]
  enabled = false
[continuous_queries]
  enabled = false
`, filepath.Join(dir, "meta"), filepath.Join(dir, "data"), filepath.Join(dir, "wal"), addr)
}
