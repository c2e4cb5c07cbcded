package main

import (
	"os"

	"andon/bench/internal/limits"

	"github.com/spf13/cobra"
)

// bareCommand are the programs of package limits, which a measurement starts
// as other processes of this program.
func bareCommand() *cobra.Command {
	bare := &cobra.Command{Use: "bare", Short: "Do one piece of the way only", Hidden: true}
	var m limits.MQTT
	mqtt := &cobra.Command{Use: "mqtt", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return m.Run(os.Stdin, os.Stdout) }}
	mqtt.Flags().StringVar(&m.URL, "url", "", "address of the broker")
	mqtt.Flags().IntVar(&m.QoS, "qos", 0, "0 or 1")
	var o limits.OPCUA
	opcua := &cobra.Command{Use: "opcua", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return o.Run(cmd.Context(), os.Stdin, os.Stdout) }}
	opcua.Flags().StringVar(&o.URL, "url", "", "endpoint of the server")
	opcua.Flags().IntVar(&o.Nodes, "nodes", 1000, "number of nodes")
	decode := &cobra.Command{Use: "decode", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return limits.Decode(os.Stdin, os.Stdout) }}
	var i limits.Influx
	influx := &cobra.Command{Use: "influx", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return i.Run(cmd.Context(), os.Stdin, os.Stdout) }}
	influx.Flags().StringVar(&i.URL, "url", "", "address of InfluxDB")
	influx.Flags().StringVar(&i.Database, "database", "", "where to write")
	influx.Flags().IntVar(&i.Writers, "writers", 1, "requests at a time")
	influx.Flags().BoolVar(&i.Gzip, "gzip", false, "compress")
	bare.AddCommand(mqtt, opcua, decode, influx)
	return bare
}
