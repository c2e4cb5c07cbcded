// Package opcua runs the OPC UA server of the load, a program for Node.js that
// stands beside this file.
package opcua

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"andon/bench/internal/generator"
	"andon/bench/internal/proc"
)

// ErrAbsent says that the server cannot run on this machine, and why.
var ErrAbsent = errors.New("OPC UA cases are skipped")

// Prepare fetches what the server in the folder dir needs, unless it is there.
// Its error wraps ErrAbsent when Node.js or its package manager is missing.
func Prepare(ctx context.Context, dir string, say func(string)) error {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%w: the load server needs Node.js 18 or later, and %w", ErrAbsent, err)
		}
	}
	return install(ctx, dir, say)
}

// install runs npm unless what the lock file names is there. Of several
// processes that do so at a time, one works and the others wait.
func install(ctx context.Context, dir string, say func(string)) error {
	folder, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("find the OPC UA server: %w", err)
	}
	defer folder.Close() // which unlocks it
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("lock %s: %w", dir, err)
	}
	want, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return fmt.Errorf("find the packages of the OPC UA server: %w", err)
	}
	installed := filepath.Join(dir, "node_modules", ".installed-lock.json")
	if have, err := os.ReadFile(installed); err == nil && bytes.Equal(have, want) {
		return nil
	}
	say("fetching the packages of the OPC UA server")
	cmd := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("fetch the packages of the OPC UA server with npm ci in %s: %w\n%s", dir, err, out)
	}
	if err := os.WriteFile(installed, want, 0o644); err != nil {
		return fmt.Errorf("note that the packages are there: %w", err)
	}
	return nil
}

// Options say what the server does.
type Options struct {
	// Nodes is how many there are, Interval how often each changes.
	Nodes    int
	Interval time.Duration
	// Warmup and Window are how long it changes them before and in the
	// measurement.
	Warmup, Window time.Duration
	// ItemsPerCall is how many monitored items a request may create; any number
	// for 0.
	ItemsPerCall int
	// Secure makes the server accept SignAndEncrypt with Basic256Sha256 only.
	Secure bool
	// User and Password are who may log in; anybody when "".
	User, Password string
}

// A Server is a running one that is ready for Go.
type Server struct {
	*generator.Generator
	// URL is its endpoint.
	URL string
	// Certificate is its certificate's file when it is Secure.
	Certificate string
}

// readyWithin bounds the start: making 20,000 nodes takes some ten seconds.
const readyWithin = 3 * time.Minute

// Start runs the server of the folder source; dir takes its files.
func Start(ctx context.Context, g *proc.Group, source, dir string, o Options) (*Server, error) {
	address, err := proc.FreeAddress()
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("find a port: %w", err)
	}
	args := []string{"node", filepath.Join(source, "server.js"), "port=" + port, "nodes=" + strconv.Itoa(o.Nodes),
		"interval=" + ms(o.Interval), "warmup=" + ms(o.Warmup), "window=" + ms(o.Window), "items_per_call=" + strconv.Itoa(o.ItemsPerCall)}
	s := &Server{URL: "opc.tcp://" + address}
	if o.Secure {
		args = append(args, "secure="+dir)
		s.Certificate = filepath.Join(dir, "server.pem")
	}
	if o.User != "" {
		args = append(args, "user="+o.User+":"+o.Password)
	}
	s.Generator, err = generator.Run(ctx, g, proc.Spec{Name: "opcua-server", Args: args, Dir: dir, ReadyWithin: readyWithin})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func ms(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
