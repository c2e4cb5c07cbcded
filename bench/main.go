// Command bench runs the same loads through andon and through Telegraf and
// compares what they cost.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := root().ExecuteContext(ctx)
	if err == nil {
		return
	}
	if ctx.Err() != nil {
		err = errors.New("interrupted") // whatever it led to
	}
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}
