package main

import (
	"log/slog"
	"os"
	"time"

	"andon/bench/internal/broker"
	"andon/bench/internal/mqttload"

	"github.com/spf13/cobra"
)

// loadCommand is the publisher, which a measurement starts as another process
// of this program.
func loadCommand() *cobra.Command {
	var c mqttload.Config
	cmd := &cobra.Command{
		Use:    "mqtt-load",
		Short:  "Publish samples to an MQTT broker",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return mqttload.Run(cmd.Context(), c, os.Stdin, os.Stdout)
		},
	}
	f := cmd.Flags()
	f.StringVar(&c.Broker, "broker", "127.0.0.1:1883", "TCP address of the broker")
	f.IntVar(&c.QoS, "qos", 0, "0 or 1")
	f.IntVar(&c.Rate, "rate", 1000, "samples a second")
	f.DurationVar(&c.Warmup, "warmup", 2*time.Second, "time before the measurement")
	f.DurationVar(&c.Window, "window", 15*time.Second, "time of the measurement")
	return cmd
}

// brokerCommand is the broker where mosquitto is not installed.
func brokerCommand() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:    "broker",
		Short:  "Run the built-in MQTT broker",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
			return broker.Serve(cmd.Context(), listen, log)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "TCP address")
	return cmd
}
