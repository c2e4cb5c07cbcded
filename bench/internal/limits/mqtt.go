package limits

import (
	"fmt"
	"io"
	"sync/atomic"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// MQTT is a paho subscriber that only counts messages.
type MQTT struct {
	URL string // tcp://host:port
	QoS int
}

// Run subscribes to plant/# and counts until in ends.
func (m MQTT) Run(in io.Reader, out io.Writer) error {
	var n atomic.Int64
	client := mqtt.NewClient(mqtt.NewClientOptions().AddBroker(m.URL).SetClientID("bench-bare"))
	if t := client.Connect(); t.Wait() && t.Error() != nil {
		return fmt.Errorf("connect to %s: %w", m.URL, t.Error())
	}
	defer client.Disconnect(250)
	t := client.Subscribe("plant/#", byte(m.QoS), func(mqtt.Client, mqtt.Message) { n.Add(1) })
	if t.Wait() && t.Error() != nil {
		return fmt.Errorf("subscribe to plant/#: %w", t.Error())
	}
	return serve(in, out, n.Load)
}
