// Command influxd is InfluxDB 1.8.10, built from its released module. It is
// the database of andon's demo and tests; a plant installs InfluxDB from its
// own packages.
//
//	influxd -config influxdb.conf
//
// It prints the address it serves on, so that the configuration may ask for
// port 0, and ends with status 0 after SIGTERM or SIGINT once everything is on
// disk. Any setting can be overridden by the environment, as in
// INFLUXDB_HTTP_BIND_ADDRESS=127.0.0.1:8087.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/influxdata/influxdb/cmd/influxd/run"
	"github.com/influxdata/influxdb/services/httpd"
)

const version = "1.8.10" // of the module in go.mod

// stopTimeout bounds the clean shutdown. What is not on disk then is in the
// write-ahead log.
const stopTimeout = 30 * time.Second

func main() {
	err := serve(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "influxd:", err)
		os.Exit(1)
	}
}

func serve(args []string) error {
	flags := flag.NewFlagSet("influxd", flag.ContinueOnError)
	config := flags.String("config", "", "configuration `file`")
	whileStdin := flags.Bool("while-stdin", false, "also stop when standard input ends, as when the parent process dies")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *config == "" {
		return errors.New("want -config FILE")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if *whileStdin {
		go func() { // ends with the process at the latest
			_, _ = io.Copy(io.Discard, os.Stdin)
			stop()
		}()
	}

	influxd := run.NewCommand()
	influxd.Version, influxd.Branch, influxd.Commit = version, "module", "unknown"
	if err := influxd.Run("-config", *config); err != nil {
		return err
	}
	for _, service := range influxd.Server.Services {
		if h, ok := service.(*httpd.Service); ok {
			fmt.Printf("influxd %s listens on %s\n", version, h.Addr())
		}
	}

	<-ctx.Done()
	stop() // a second signal ends the process at once
	closed := make(chan error, 1)
	go func() { closed <- influxd.Close() }()
	select {
	case err := <-closed:
		return err
	case <-time.After(stopTimeout):
		return errors.New("not closed in time")
	}
}
