package telegraf

import (
	"fmt"
	"strings"
)

// Options are what Telegraf's configurations share.
type Options struct {
	// InfluxURL and Database are where it writes to.
	InfluxURL, Database string
	// BufferDir is the folder of its disk buffer; "" is the memory buffer.
	BufferDir string
	// Batch is how many metrics it writes at once, and without waiting for the
	// next flush once it has so many.
	Batch int
}

// Batches of Telegraf: one for throughput and its default, which is full
// sooner.
const (
	LargeBatch = 5000
	SmallBatch = 1000
)

// Head returns the agent and the output, with a buffer that a second of any
// load fits into many times.
func Head(o Options) string {
	var b strings.Builder
	fmt.Fprintf(&b, `[agent]
  interval = "1s"
  round_interval = true
  metric_batch_size = %d
  metric_buffer_limit = 200000
  flush_interval = "1s"
  flush_jitter = "0s"
  precision = "1ms"
  omit_hostname = true
`, o.Batch)
	if o.BufferDir != "" {
		fmt.Fprintf(&b, "  buffer_strategy = \"disk\"\n  buffer_directory = %q\n", o.BufferDir)
	}
	fmt.Fprintf(&b, `
[[outputs.influxdb_v2]]
  urls = [%q]
  token = ""
  organization = ""
  bucket = %q
`, o.InfluxURL, o.Database)
	return b.String()
}

// MQTT returns the input for the topics plant/line/machine/tag with the
// payload {"ts":…,"value":…}. It is written to the measurement plant, with the
// tags line, machine and tag, as the field value.
//
// The session is not persistent, also for QoS 1: with a persistent one
// Telegraf acknowledges a message when InfluxDB has it, and the broker's window
// of unacknowledged messages would then be its throughput for each flush.
func MQTT(broker string, qos int) string {
	return fmt.Sprintf(`
[[inputs.mqtt_consumer]]
  servers = [%q]
  topics = ["plant/#"]
  topic_tag = ""
  qos = %d
  max_undelivered_messages = 50000
  data_format = "json_v2"
  [[inputs.mqtt_consumer.topic_parsing]]
    topic = "plant/+/+/+"
    measurement = "measurement/_/_/_"
    tags = "_/line/machine/tag"
  [[inputs.mqtt_consumer.json_v2]]
    timestamp_path = "ts"
    timestamp_format = "unix_ms"
    [[inputs.mqtt_consumer.json_v2.field]]
      path = "value"
      type = "float"
`, broker, qos)
}
