package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"andon/alerts"
	"andon/influx/influxtest"
)

// programs are the binaries under test, built once.
var programs = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "andon-test-")
	if err != nil {
		return "", err
	}
	cmd := exec.Command("go", "build", "-o", dir+string(filepath.Separator), "andon/cmd/andon", "andon/cmd/plantsim", "andon/cmd/demo")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return dir, fmt.Errorf("build: %w\n%s", err, out)
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := programs(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

func program(t *testing.T, name string) string {
	t.Helper()
	dir, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, name)
}

// A child is a started program; its output goes to a file.
type child struct {
	t    *testing.T
	name string
	cmd  *exec.Cmd
	log  string
	done chan struct{}
	err  error
}

func launch(t *testing.T, env []string, name string, args ...string) *child {
	t.Helper()
	log, err := os.CreateTemp(t.TempDir(), filepath.Base(name)+"-*.log")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(name, args...)
	// How it collects garbage is its own affair, not that of who runs the tests.
	cmd.Env = append(append(os.Environ(), "GOGC=", "GOMEMLIMIT="), env...)
	cmd.SysProcAttr = endsWithTests()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, name: filepath.Base(name), cmd: cmd, log: log.Name(), done: make(chan struct{})}
	go func() { // ends with the program, which the cleanup ends
		c.err = cmd.Wait()
		log.Close()
		close(c.done)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-c.done
		if t.Failed() {
			t.Logf("output of %s:\n%s", c.name, c.output(60))
		}
	})
	return c
}

// output returns the last n lines the program printed.
func (c *child) output(n int) string {
	text, _ := os.ReadFile(c.log)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// stop ends the program as an operator would and wants status 0.
func (c *child) stop() {
	c.t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		c.t.Fatalf("stop %s: %v", c.name, err)
	}
	c.ended(30 * time.Second)
}

// ended waits for the program's end and wants status 0.
func (c *child) ended(within time.Duration) {
	c.t.Helper()
	select {
	case <-c.done:
		if c.err != nil {
			c.t.Errorf("%s: %v", c.name, c.err)
		}
	case <-time.After(within):
		c.t.Fatalf("%s still runs after %s", c.name, within)
	}
}

// eventually asks until ok says nil.
func eventually(t testing.TB, within time.Duration, what string, ok func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	every := time.NewTicker(100 * time.Millisecond)
	defer every.Stop()
	for {
		err := ok()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s: not within %s: %v", what, within, err)
		case <-every.C:
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// A receiver is a person's phone: it keeps every message it gets.
type receiver struct {
	*httptest.Server
	mu   sync.Mutex
	got  map[string]int // by message id
	msgs []alerts.Message
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{got: map[string]int{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		var m alerts.Message
		if err := json.Unmarshal(body, &m); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got[req.Header.Get("Idempotency-Key")]++
		r.msgs = append(r.msgs, m)
	}))
	t.Cleanup(r.Close)
	return r
}

// A rig is a plant with everything real: InfluxDB, plantsim and andon, each a
// process of its own.
type rig struct {
	t      *testing.T
	db     *influxtest.DB
	phone  *receiver
	config string
	env    []string
	url    string // of andon
	opcua  int
	mqtt   int
	dir    string
}

var alertsSection = regexp.MustCompile(`(?ms)^alerts:\n.*?^web:`)

// callPhone tells one phone of every alarm, at once and once.
const callPhone = `  contacts: {phone: {webhook: {url: PHONE}}}
  policies: {call: [{after: 0s, notify: [phone]}]}
  routes: [{policy: call, ack: none}]
`

// newRig prepares everything but the plant and andon. alerting is the section
// alerts, with PHONE for the address of the phone.
func newRig(t *testing.T, alerting string) *rig {
	t.Helper()
	r := &rig{t: t, db: influxtest.Start(t), phone: newReceiver(t), dir: t.TempDir(), opcua: freePort(t), mqtt: freePort(t)}
	port := freePort(t)
	r.url = fmt.Sprintf("http://127.0.0.1:%d", port)
	influxPort := r.db.URL()[strings.LastIndex(r.db.URL(), ":")+1:]
	r.env = []string{fmt.Sprintf("ANDON_PORT=%d", port), "INFLUX_PORT=" + influxPort, fmt.Sprintf("OPCUA_PORT=%d", r.opcua),
		fmt.Sprintf("MQTT_PORT=%d", r.mqtt), "ANDON_DATA=" + filepath.Join(r.dir, "andon")}
	text, err := os.ReadFile("../../configs/demo/andon.yaml")
	if err != nil {
		t.Fatal(err)
	}
	northfield, err := filepath.Abs("../../configs/northfield")
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte("../northfield"), []byte(northfield))
	alerting = strings.ReplaceAll(alerting, "PHONE", strconv.Quote(r.phone.URL))
	text = alertsSection.ReplaceAll(text, []byte("collector: {retry_initial: 200ms, retry_max: 1s}\nsystem: {disk_low: {enabled: false}}\nalerts:\n"+alerting+"web:"))
	r.config = filepath.Join(r.dir, "andon.yaml")
	if err := os.WriteFile(r.config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) andon() *child {
	r.t.Helper()
	return launch(r.t, r.env, program(r.t, "andon"), "run", "-c", r.config)
}

func (r *rig) plant(scenario string, more ...string) *child {
	r.t.Helper()
	args := append([]string{"--scenario", scenario, "--opcua-listen", fmt.Sprintf("127.0.0.1:%d", r.opcua),
		"--mqtt-listen", fmt.Sprintf("127.0.0.1:%d", r.mqtt), "--data", filepath.Join(r.dir, "plantsim")}, more...)
	return launch(r.t, nil, program(r.t, "plantsim"), args...)
}

// get asks andon and decodes its JSON answer into v, unless v is nil.
func (r *rig) get(path string, v any) (status int, err error) {
	resp, err := http.Get(r.url + path)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || v == nil {
		return resp.StatusCode, err
	}
	return resp.StatusCode, json.Unmarshal(body, v)
}

// ready waits until /readyz says that all is well.
func (r *rig) ready(within time.Duration) {
	r.t.Helper()
	eventually(r.t, within, "andon ready", func() error {
		resp, err := http.Get(r.url + "/readyz")
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s", resp.Status, body)
		}
		return nil
	})
}

// jsonLines reads a file of NDJSON.
func jsonLines[T any](t *testing.T, file string) []T {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []T
	for scan := bufio.NewScanner(f); scan.Scan(); {
		var v T
		if err := json.Unmarshal(scan.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v in %q", file, err, scan.Text())
		}
		all = append(all, v)
	}
	return all
}
