package andon

import (
	"fmt"
	"strings"
)

// Options are what andon's configurations share.
type Options struct {
	// InfluxURL and Database are where it writes to.
	InfluxURL, Database string
	// Listen is the address of its pages, by which it says that it is ready.
	Listen string
}

// Head returns everything but plant, sources, production and rules: the stream
// on disk is always on and its settings are the defaults, and so are those of
// InfluxDB's writer.
func Head(o Options) string {
	return fmt.Sprintf(`data_dir: data
log: {level: warn}
influx:
  url: %s
  bucket: %s
  create: true
web:
  listen: %s
`, o.InfluxURL, o.Database, o.Listen)
}

// A Tag is one tag of every machine of a Plant.
type Tag struct {
	Name string
	// Spec is the rest of its YAML, such as "type: float, unit: degC".
	Spec string
	// Address is a text for the n-th machine of the plant, "" for none.
	Address func(machine int) string
}

// A Plant is one area with equal lines of equal machines.
type Plant struct {
	Lines, Machines int // Machines of each line
	// Line and Machine name the n-th line and the n-th machine, n counting over
	// the whole plant.
	Line, Machine func(n int) string
	Tags          []Tag
	// Source is the name of the source that reads all of it.
	Source string
}

// Area is the name of the plant's area.
const Area = "hall"

// YAML returns the section plant.
func (p Plant) YAML() string {
	var b strings.Builder
	fmt.Fprintf(&b, "plant:\n  site: bench\n  zone: UTC\n  areas:\n    - name: %s\n      lines:\n", Area)
	for l := range p.Lines {
		fmt.Fprintf(&b, "        - name: %s\n          equipment:\n", p.Line(l))
		for m := l * p.Machines; m < (l+1)*p.Machines; m++ {
			fmt.Fprintf(&b, "            - name: %s\n              source: %s\n              tags:\n", p.Machine(m), p.Source)
			for _, t := range p.Tags {
				address := ""
				if t.Address != nil {
					address = ", address: " + t.Address(m)
				}
				fmt.Fprintf(&b, "                - {name: %s, %s%s}\n", t.Name, t.Spec, address)
			}
		}
	}
	return b.String()
}

// MQTT returns the section sources for the topics plant/line/machine/tag with
// the payload {"ts":…,"value":…}.
func MQTT(broker string, qos int) string {
	return fmt.Sprintf(`sources:
  - name: load
    mqtt:
      url: %s
      subscriptions:
        - topic: "plant/{line}/{equipment}/{tag}"
          place: {area: %s}
          qos: %d
          time: ts
          time_format: unix_ms
          value: value
`, broker, Area, qos)
}
