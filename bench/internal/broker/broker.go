// Package broker runs the MQTT broker of a measurement: mosquitto where it is
// installed, else one that is built in, also as a process of its own.
package broker

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"andon/bench/internal/proc"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
)

// A Server is a running broker that everybody may use.
type Server struct {
	// Address is its TCP address.
	Address string
	// Process is the program.
	Process *proc.Process
}

// URL is the address as clients want it.
func (s *Server) URL() string { return "tcp://" + s.Address }

// config lets the queue of a subscriber grow without limit, so that what is
// lost was lost by the subscriber, and keeps nothing on disk.
const config = `listener %s 127.0.0.1
allow_anonymous true
persistence false
max_queued_messages 0
max_queued_bytes 0
max_inflight_messages 1000
set_tcp_nodelay true
log_type error
log_type warning
log_dest stderr
`

// A Broker is a program to be started.
type Broker struct {
	mosquitto string // path; "" is the built-in one
	self      string
}

// Find returns mosquitto where it is installed, unless the built-in broker is
// wanted. Self is this program, which has it as a command.
func Find(self string, builtIn bool) Broker {
	if builtIn {
		return Broker{self: self}
	}
	return Broker{self: self, mosquitto: find()}
}

// Start runs the broker in dir.
func (b Broker) Start(ctx context.Context, g *proc.Group, dir string) (*Server, error) {
	address, err := proc.FreeAddress()
	if err != nil {
		return nil, err
	}
	args := []string{b.self, "broker", "--listen", address}
	if b.mosquitto != "" {
		if args, err = configure(b.mosquitto, address, dir); err != nil {
			return nil, err
		}
	}
	p, err := g.Start(ctx, proc.Spec{Name: "broker", Args: args, Dir: dir, Ready: proc.Listens(address)})
	if err != nil {
		return nil, err
	}
	return &Server{Address: address, Process: p}, nil
}

func configure(mosquitto, address, dir string) ([]string, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("read the broker's address: %w", err)
	}
	text := fmt.Sprintf(config, port)
	if os.Getuid() == 0 {
		text += "user root\n" // else it would change to a user that may not write here
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of the broker: %w", err)
	}
	file := filepath.Join(dir, "mosquitto.conf")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return nil, fmt.Errorf("write the configuration of mosquitto: %w", err)
	}
	return []string{mosquitto, "-c", file}, nil
}

// find returns the path of mosquitto, "" when it is not installed. Debian
// installs it where the PATH of users does not reach.
func find() string {
	for _, name := range []string{"mosquitto", "/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

var versionText = regexp.MustCompile(`version (\S+)`)

// Version names the broker and its release.
func (b Broker) Version(ctx context.Context) string {
	if b.mosquitto == "" {
		return "mochi-mqtt " + mochi.Version + ", built in"
	}
	out, _ := exec.CommandContext(ctx, b.mosquitto, "-h").CombinedOutput() // its status tells nothing
	if m := versionText.FindSubmatch(out); m != nil {
		return "mosquitto " + string(m[1])
	}
	return "mosquitto"
}

// Serve is the built-in broker: it listens at a TCP address until ctx is done.
func Serve(ctx context.Context, address string, log *slog.Logger) error {
	capabilities := mochi.NewDefaultServerCapabilities()
	capabilities.MaximumClientWritesPending = 1 << 20 // as mosquitto is configured: the queue may grow
	capabilities.MaximumInflight = 1 << 15
	capabilities.ReceiveMaximum = 1 << 15
	s := mochi.New(&mochi.Options{Capabilities: capabilities, Logger: log})
	if err := s.AddHook(new(auth.AllowHook), nil); err != nil {
		return fmt.Errorf("configure the broker: %w", err)
	}
	if err := s.AddListener(listeners.NewTCP(listeners.Config{ID: "tcp", Address: address})); err != nil {
		return fmt.Errorf("listen at %s: %w", address, err)
	}
	if err := s.Serve(); err != nil {
		return fmt.Errorf("serve MQTT: %w", err)
	}
	<-ctx.Done()
	return s.Close()
}
