package faults_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const tooHot = `
rules:
  - id: too-hot
    class: safety
    priority: critical
    kind: threshold
    equipment: load/**
    tag: temperature
    raise: "> 500"
    clear: "< 400"
    response: Stop the machine.
`

// writeConfig lets plantsim write what it knows, and adds the rest.
func (r *rig) writeConfig(o options) {
	r.t.Helper()
	r.plantsim("--config-out", filepath.Join(r.dir, "load.yaml"), "--spare", "1").ended(20 * time.Second)
	r.edit("load.yaml", "production:\n", "production:\n  min_run: 100ms\n  min_state: 100ms # the board shows a probe at once\n")
	port, target := freePort(r.t), r.proxy.URL()
	if o.direct {
		target = r.db.URL()
	}
	r.url = fmt.Sprintf("http://127.0.0.1:%d", port)
	r.config = filepath.Join(r.dir, "andon.yaml")
	text := fmt.Sprintf("include: [load.yaml]\ndata_dir: %q\nweb: {listen: \"127.0.0.1:%d\"}\n", r.data, port) +
		fmt.Sprintf("influx:\n  url: %s\n  bucket: plant\n  backoff: {initial: 200ms, max: 1s}\n  timeout: 2s\n", target) + o.influx + tooHot + o.extra
	if err := os.WriteFile(r.config, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// edit replaces a text in a file of the rig.
func (r *rig) edit(file, old, new string) {
	r.t.Helper()
	file = filepath.Join(r.dir, file)
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), old) {
		r.t.Fatalf("%s: %v; want %q in it", file, err, old)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), old, new, 1)), 0o600); err != nil {
		r.t.Fatal(err)
	}
}
