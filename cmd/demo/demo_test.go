package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"andon/influx/influxtest"
)

// buildPrograms puts what `make build` builds into a folder of the test.
func buildPrograms(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("go", "build", "-o", dir+string(filepath.Separator), "andon/cmd/andon", "andon/cmd/plantsim", "andon/cmd/demo")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	influxd, err := influxtest.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(influxd, filepath.Join(dir, "influxd")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func freePorts(t *testing.T, n int) []int {
	t.Helper()
	ports := make([]int, n)
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // all are held until the last is chosen, so that they differ
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports
}

// A screen is what the demonstration prints; it tells when a text appears.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
	want string
	seen chan struct{}
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := strings.Contains(s.text.String(), s.want)
	s.text.Write(b)
	if !before && strings.Contains(s.text.String(), s.want) {
		close(s.seen)
	}
	return len(b), nil
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func args(bin, dir string, ports []int) []string {
	return []string{"-bin", bin, "-dir", dir, "-andon-port", fmt.Sprint(ports[0]), "-influx-port", fmt.Sprint(ports[1]),
		"-opcua-port", fmt.Sprint(ports[2]), "-mqtt-port", fmt.Sprint(ports[3])}
}

func TestTheDemonstrationStartsShowsThePlantAndStopsInOrderTwice(t *testing.T) {
	bin, dir := buildPrograms(t), t.TempDir()
	t.Chdir("../..")
	for range 2 {
		ports := freePorts(t, 4)
		out := &screen{want: "The plant runs", seen: make(chan struct{})}
		ctx, interrupt := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- run(ctx, args(bin, dir, ports), out) }()
		select {
		case <-out.seen:
		case err := <-ended:
			t.Fatalf("ended before it was ready: %v\n%s", err, out)
		case <-time.After(2 * time.Minute):
			t.Fatalf("not ready within two minutes:\n%s", out)
		}
		awaitBoard(t, fmt.Sprintf("http://127.0.0.1:%d/", ports[0]))
		interrupt()
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("stopped with %v\n%s", err, out)
			}
		case <-time.After(time.Minute):
			t.Fatalf("not stopped within a minute:\n%s", out)
		}
		if text := out.String(); strings.Index(text, "stopping andon") > strings.Index(text, "stopping influxd") {
			t.Errorf("stopped in the order\n%s\nwant andon before its database", text)
		}
	}
}

// awaitBoard waits until the board shows equipment of both lines.
func awaitBoard(t *testing.T, url string) {
	t.Helper()
	every := time.NewTicker(200 * time.Millisecond)
	defer every.Stop()
	giveUp := time.After(30 * time.Second)
	for {
		board := fetch(t, url)
		if strings.Contains(board, "lineA") && strings.Contains(board, "lineB") {
			return
		}
		select {
		case <-every.C:
		case <-giveUp:
			t.Fatalf("board: got %.2000q, want lineA and lineB", board)
		}
	}
}

func fetch(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", url, resp.Status, err)
	}
	return string(body)
}

func TestATakenPortIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().(*net.TCPAddr).Port
	ports := append([]int{taken}, freePorts(t, 3)...)
	err = run(t.Context(), args("bin", t.TempDir(), ports), io.Discard)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprint(taken)) || !strings.Contains(err.Error(), "ANDON_PORT") {
		t.Errorf("got %v, want an error that names port %d and ANDON_PORT", err, taken)
	}
}

func TestAProgramThatEndsByItselfEndsTheDemonstrationWithItsLastWords(t *testing.T) {
	dir := t.TempDir()
	stages := []stage{{name: "plant", args: []string{"sh", "-c", "echo out of syrup; exit 3"}, log: filepath.Join(dir, "plant.log"),
		ready: func() error { return os.ErrNotExist }, wait: time.Minute}}
	err := supervise(t.Context(), stages, io.Discard, func() {})
	if err == nil || !strings.Contains(err.Error(), "out of syrup") {
		t.Errorf("got %v, want an error with the program's last words", err)
	}
}
