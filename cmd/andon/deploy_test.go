package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

func readDeploy(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheComposeFileNamesWhatIsThere(t *testing.T) {
	var compose struct {
		Services map[string]struct {
			Image   string   `yaml:"image"`
			Volumes []string `yaml:"volumes"`
			Ports   []string `yaml:"ports"`
		} `yaml:"services"`
		Volumes map[string]any `yaml:"volumes"`
	}
	text := readDeploy(t, "compose.yaml")
	if err := yaml.Unmarshal([]byte(text), &compose); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"andon", "influxdb", "grafana", "mosquitto"} {
		if _, ok := compose.Services[name]; !ok {
			t.Errorf("want a service %s", name)
		}
	}
	for name, s := range compose.Services {
		for _, v := range s.Volumes {
			from, _, _ := strings.Cut(v, ":")
			if path, isPath := strings.CutPrefix(from, "./"); isPath {
				if _, err := os.Stat(filepath.Join("../../deploy", path)); err != nil {
					t.Errorf("%s mounts %s: %v", name, from, err)
				}
			} else if _, ok := compose.Volumes[from]; !ok {
				t.Errorf("%s mounts %s: want it among the volumes", name, from)
			}
		}
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "${BIND_ADDRESS:-127.0.0.1}:") {
				t.Errorf("%s publishes %s: want loopback unless BIND_ADDRESS says otherwise", name, p)
			}
		}
	}
	if compose.Services["influxdb"].Image != "influxdb:2.7" {
		t.Errorf("influxdb: got image %s, want influxdb:2.7", compose.Services["influxdb"].Image)
	}
	env := readDeploy(t, "env.example")
	for _, m := range regexp.MustCompile(`\$\{([A-Z_]+)`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(env, "\n"+m[1]+"=") {
			t.Errorf("env.example: want %s, which the compose file asks for", m[1])
		}
	}
}

// commandLine matches a call of andon in a unit or a Dockerfile.
var commandLine = regexp.MustCompile(`(?m)^(?:ExecStart(?:Pre)?=/usr/local/bin/andon (.+)|CMD \["(run.+)"\]|HEALTHCHECK .*CMD \["/andon", "(.+)"\])$`)

func TestUnitAndDockerfileCallCommandsThatExist(t *testing.T) {
	text := readDeploy(t, "andon.service") + readDeploy(t, "Dockerfile")
	calls := commandLine.FindAllStringSubmatch(text, -1)
	if len(calls) != 4 {
		t.Fatalf("got %d calls of andon, want 4", len(calls))
	}
	for _, m := range calls {
		args := strings.Fields(strings.ReplaceAll(m[1]+m[2]+m[3], `", "`, " "))
		var out, errs strings.Builder
		if err := run(t.Context(), append(args, "--help"), &out, &errs); err != nil || !strings.Contains(out.String(), "andon "+args[0]) {
			t.Errorf("andon %v: %v %s", args, err, errs.String())
		}
	}
}
