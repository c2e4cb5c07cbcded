// Command plantsim is a simulated plant to try andon on: a real OPC UA server
// and real MQTT devices that play a scenario.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the linker.
var version = "dev"

func main() {
	log.SetOutput(io.Discard) // only libraries write there
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends at once
	err := newCommand().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "plantsim:", err)
		os.Exit(1)
	}
}
