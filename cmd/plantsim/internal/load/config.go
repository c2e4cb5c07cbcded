package load

import (
	"fmt"
	"strings"
)

// Config returns the part of andon's configuration that fits the plant: its
// tree, its broker and the words of its states. An own file includes it.
func (p *Plant) Config(broker string) string {
	var b strings.Builder
	b.WriteString("# The plant of \"plantsim load\". Include it, and say where InfluxDB is.\n\nplant:\n")
	fmt.Fprintf(&b, "  site: %s\n  zone: UTC\n  areas:\n    - name: %s\n      lines:\n", site, area)
	for i, m := range p.machines {
		place := strings.Split(m.path, "/")
		if i%lineSize == 0 {
			fmt.Fprintf(&b, "        - name: %s\n          equipment:\n", place[2])
		}
		fmt.Fprintf(&b, "            - name: %s\n              source: load\n              tags: ", place[3])
		if i == 0 {
			b.WriteString("&tags\n" + p.configTags())
		} else {
			b.WriteString("*tags\n")
		}
	}
	fmt.Fprintf(&b, `
sources:
  - name: load
    mqtt:
      url: %s
      subscriptions:
        - {topic: "{site}/{area}/{line}/{equipment}", payload: json, time: ts}

production:
  state_maps:
    - name: load
      codes: {RUN: run, STOPPED: stopped}
`, broker)
	return b.String()
}

func (p *Plant) configTags() string {
	var b strings.Builder
	for _, tag := range []string{
		"{name: state, role: state, type: text, states: load}",
		"{name: total, role: total_count, type: uint, unit: pieces}",
		"{name: reject, role: reject_count, type: uint, unit: pieces}",
	} {
		fmt.Fprintf(&b, "                - %s\n", tag)
	}
	for _, a := range p.analogs {
		fmt.Fprintf(&b, "                - {name: %s, type: float, unit: %q}\n", a.name, a.unit)
	}
	return b.String()
}
