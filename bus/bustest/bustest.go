// Package bustest runs a real NATS server in a process of its own, for tests
// that connect to it, kill it and start it again.
package bustest

import (
	"bufio"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Build compiles the server into dir and returns the program's path. Do it
// once per test binary.
func Build(dir string) (string, error) {
	program := filepath.Join(dir, "natsd")
	out, err := exec.Command("go", "build", "-o", program, "andon/bus/bustest/natsd").CombinedOutput()
	if err != nil {
		return "", &buildError{err, string(out)}
	}
	return program, nil
}

type buildError struct {
	err error
	out string
}

// Error includes what the compiler said.
func (e *buildError) Error() string { return "build natsd: " + e.err.Error() + "\n" + e.out }

// A Server is a NATS server in another process. It is not safe for concurrent
// use.
type Server struct {
	t       testing.TB
	program string
	args    []string
	addr    string

	cmd   *exec.Cmd
	stdin io.Closer
}

// Start runs the program that Build made, with more arguments than its folder
// and port, and ends it with the test.
func Start(t testing.TB, program string, args ...string) *Server {
	t.Helper()
	s := &Server{t: t, program: program, args: append([]string{"-dir", t.TempDir()}, args...)}
	t.Cleanup(func() {
		if s.cmd != nil {
			s.Kill()
		}
	})
	s.run("-1")
	return s
}

// Addr returns the server's host and port, which it keeps.
func (s *Server) Addr() string { return s.addr }

// Kill ends the server with SIGKILL, by its process id.
func (s *Server) Kill() {
	s.t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Errorf("kill natsd: %v", err)
	}
	s.cmd.Wait() // the error is the signal
	s.stdin.Close()
	s.cmd = nil
}

// Restart runs a killed server again with its folder and address.
func (s *Server) Restart() {
	s.t.Helper()
	_, port, _ := net.SplitHostPort(s.addr)
	s.run(port)
}

// run starts the process and waits for its address.
func (s *Server) run(port string) {
	s.t.Helper()
	cmd := exec.Command(s.program, append([]string{"-port", port}, s.args...)...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd.Stderr = s.t.Output()
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("start natsd: %v", err)
	}
	s.cmd, s.stdin = cmd, stdin
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		s.t.Fatalf("natsd on port %s said nothing: %v", port, err)
	}
	s.addr = strings.TrimSpace(line)
}
