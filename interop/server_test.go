package interop_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A change is one value that the server told.
type change struct {
	At    int64           `json:"at"` // ms since 1970
	Value json.RawMessage `json:"value"`
}

// A line is what the server's program prints: an answer, or, without an ID,
// that it is ready.
type line struct {
	ID            int      `json:"id"`
	Error         string   `json:"error"`
	Port          int      `json:"port"`
	Namespace     string   `json:"namespace"`
	Told          []change `json:"told"`
	Sessions      int      `json:"sessions"`
	Subscriptions int      `json:"subscriptions"`
	Keys          int      `json:"keys"`
	Items         int      `json:"items"`
}

// A command is a line for the program; server/server.js says what there is.
type command map[string]any

// A server is the program as a process of its own.
type server struct {
	t    *testing.T
	dir  string // its certificate, and those that it trusts
	port int
	more []string // options besides these

	cmd   *exec.Cmd
	input io.WriteCloser
	ended chan struct{} // closed when it prints no more
	ready chan line

	mu      sync.Mutex // guards all below, and writing to input
	next    int
	answers map[int]chan line
}

// requireNode ends the test where the server cannot run.
func requireNode(t *testing.T) {
	t.Helper()
	missing := ""
	if _, err := exec.LookPath("node"); err != nil {
		missing = "Node.js is missing"
	} else if _, err := os.Stat(filepath.Join("server", "node_modules", ".installed")); err != nil {
		missing = "the server's packages are missing"
	}
	switch {
	case missing == "":
	case os.Getenv("ANDON_TEST_INTEROP") != "":
		t.Fatal(missing)
	default:
		t.Skip(missing + "; make test-interop fetches what is needed")
	}
}

// startServer starts a server on a free port, with more of its options, which
// ends with the test.
func startServer(t *testing.T, options ...string) *server {
	t.Helper()
	requireNode(t)
	s := &server{t: t, dir: t.TempDir(), more: options}
	s.start()
	return s
}

// start runs the program, on the port that it had before if it had one.
func (s *server) start() {
	s.t.Helper()
	log, err := os.Create(filepath.Join(s.t.TempDir(), "server.log"))
	if err != nil {
		s.t.Fatal(err)
	}
	options := append([]string{filepath.Join("server", "server.js"), "port=" + strconv.Itoa(s.port), "dir=" + s.dir}, s.more...)
	s.cmd = exec.Command("node", options...)
	s.cmd.Stderr = log
	s.ended, s.ready, s.answers = make(chan struct{}), make(chan line, 1), map[int]chan line{}
	if s.input, err = s.cmd.StdinPipe(); err != nil {
		s.t.Fatal(err)
	}
	output, err := s.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go s.listen(output)
	s.t.Cleanup(func() {
		s.stop()
		log.Close()
		text, _ := os.ReadFile(log.Name())
		if bytes.Contains(text, []byte("Invalid Sequence Number")) {
			s.t.Error("the server saw a gap in the numbers of messages")
		}
		if s.t.Failed() {
			s.t.Logf("the server's log ends with:\n%s", text[max(0, len(text)-4000):])
		}
	})
	select {
	case first := <-s.ready:
		s.port = first.Port
	case <-s.ended:
		s.t.Fatal("the server ended before it was ready")
	case <-time.After(startLimit):
		s.t.Fatalf("the server is not ready after %v", startLimit)
	}
}

// startLimit is how long a server may take to start, on a busy machine.
const startLimit = 2 * time.Minute

// listen hands over what the program prints until it ends.
func (s *server) listen(output io.Reader) {
	defer close(s.ended)
	lines := bufio.NewScanner(output)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			s.t.Errorf("the server printed %q: %v", lines.Text(), err)
			return
		}
		if l.ID == 0 {
			s.ready <- l
			continue
		}
		s.mu.Lock()
		s.answers[l.ID] <- l
		delete(s.answers, l.ID)
		s.mu.Unlock()
	}
}

// stop ends the program and waits for it; a second time it does nothing.
func (s *server) stop() {
	s.cmd.Process.Signal(syscall.SIGCONT) // it may be frozen
	s.input.Close()
	s.cmd.Process.Kill()
	<-s.ended
	s.cmd.Wait() // killed, or ended before
}

// freeze stops the program as a machine that hangs: connections stay open and
// nothing comes any more. thaw lets it go on.
func (s *server) freeze() { s.signal(syscall.SIGSTOP) }
func (s *server) thaw()   { s.signal(syscall.SIGCONT) }

func (s *server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// begin gives the program a command; the function that it returns waits for
// the answer.
func (s *server) begin(c command) func() line {
	s.t.Helper()
	answer := make(chan line, 1)
	s.mu.Lock()
	s.next++
	c["id"] = s.next
	s.answers[s.next] = answer
	text, err := json.Marshal(c)
	if err == nil {
		_, err = fmt.Fprintf(s.input, "%s\n", text)
	}
	s.mu.Unlock()
	if err != nil {
		s.t.Fatalf("tell the server %v: %v", c, err)
	}
	ended := s.ended
	return func() line {
		s.t.Helper()
		select {
		case l := <-answer:
			if l.Error != "" {
				s.t.Fatalf("%v: the server says %s", c, l.Error)
			}
			return l
		case <-ended:
			s.t.Fatalf("%v: the server ended", c)
		case <-time.After(startLimit):
			s.t.Fatalf("%v: no answer from the server within %v", c, startLimit)
		}
		return line{}
	}
}

// do gives the program a command and waits for its answer.
func (s *server) do(c command) line {
	s.t.Helper()
	return s.begin(c)()
}

// set changes a node and returns the change.
func (s *server) set(node string, value any) []change {
	s.t.Helper()
	return s.do(command{"op": "set", "node": node, "value": value}).Told
}

// url returns the server's endpoint.
func (s *server) url() string {
	return "opc.tcp://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port))
}
