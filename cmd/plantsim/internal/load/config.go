package load

import (
	"fmt"
	"strings"

	"andon/cmd/plantsim/internal/northfield"
)

// Config returns the part of andon's configuration that fits the plant: its
// tree, its source and the words of its states. An own file includes it. The
// address is that of a broker, or opc.tcp://… of the plant's OPC UA server.
func (p *Plant) Config(address string) string {
	onOPCUA := strings.HasPrefix(address, "opc.tcp:")
	var b strings.Builder
	b.WriteString("# The plant of \"plantsim load\". Include it, and say where InfluxDB is.\n\nplant:\n")
	fmt.Fprintf(&b, "  site: %s\n  zone: UTC\n  areas:\n    - name: %s\n      lines:\n", site, area)
	for i := range p.machines {
		m := &p.machines[i]
		place := strings.Split(m.path, "/")
		if i%lineSize == 0 {
			fmt.Fprintf(&b, "        - name: %s\n          equipment:\n", place[2])
		}
		fmt.Fprintf(&b, "            - name: %s\n              source: load\n              tags: ", place[3])
		switch {
		case onOPCUA:
			b.WriteString("\n" + p.configTags(m))
		case i == 0:
			b.WriteString("&tags\n" + p.configTags(nil))
		default:
			b.WriteString("*tags\n")
		}
	}
	source := fmt.Sprintf(mqttSource, address)
	if onOPCUA {
		source = fmt.Sprintf(opcuaSource, address)
	}
	return b.String() + source + stateMap
}

const mqttSource = `
sources:
  - name: load
    mqtt:
      url: %s
      subscriptions:
        - {topic: "{site}/{area}/{line}/{equipment}", payload: json, time: ts}
`

const opcuaSource = `
sources:
  - name: load
    opcua:
      endpoint: %s
      security: {policy: None, insecure: true} # a simulated plant
      queue_size: 1000 # what is told while andon is away waits there
`

const stateMap = `
production:
  state_maps:
    - name: load
      codes: {RUN: run, STOPPED: stopped}
`

// configTags lists the tags of a machine, with the addresses of m unless it is
// nil.
func (p *Plant) configTags(m *machine) string {
	tags := []string{
		"name: state, role: state, type: text, states: load",
		"name: total, role: total_count, type: uint, unit: pieces",
		"name: reject, role: reject_count, type: uint, unit: pieces",
	}
	for _, a := range p.analogs {
		tags = append(tags, fmt.Sprintf("name: %s, type: float, unit: %q", a.name, a.unit))
	}
	var b strings.Builder
	for k, tag := range tags {
		if m != nil {
			tag += fmt.Sprintf(", address: ns=%d;s=%s", northfield.Namespace, m.signals[k].Node)
		}
		fmt.Fprintf(&b, "                - {%s}\n", tag)
	}
	return b.String()
}
