package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// A composed is what the checks need of a service in the compose file.
type composed struct {
	Build struct {
		Args map[string]string `yaml:"args"`
	} `yaml:"build"`
	Environment map[string]string `yaml:"environment"`
	Volumes     []string          `yaml:"volumes"`
}

func composeServices(t *testing.T) map[string]composed {
	t.Helper()
	var file struct {
		Services map[string]composed `yaml:"services"`
	}
	if err := yaml.Unmarshal([]byte(readDeploy(t, "compose.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	return file.Services
}

func TestGrafanaReadsWithATokenOfItsOwn(t *testing.T) {
	services := composeServices(t)
	for name, value := range services["grafana"].Environment {
		if strings.Contains(value, "${INFLUX_TOKEN") {
			t.Errorf("grafana has %s: %s, want it without InfluxDB's first token", name, value)
		}
	}
	const given = "${GRAFANA_INFLUX_TOKEN:?set it in deploy/.env}"
	for _, name := range []string{"grafana", "influxdb"} {
		if got := services[name].Environment["GRAFANA_INFLUX_TOKEN"]; got != given {
			t.Errorf("%s: got GRAFANA_INFLUX_TOKEN %q, want %q", name, got, given)
		}
	}
	if source := readDeploy(t, "grafana/provisioning/datasources/andon.yaml"); !strings.Contains(source, "Token grafana:${GRAFANA_INFLUX_TOKEN}\n") {
		t.Errorf("data source: want the header Token grafana:${GRAFANA_INFLUX_TOKEN}, got %s", source)
	}
	if !slices.Contains(services["influxdb"].Volumes, "./influxdb/init:/docker-entrypoint-initdb.d:ro") {
		t.Errorf("influxdb mounts %q: want the folder of its set-up among them", services["influxdb"].Volumes)
	}
}

func TestTheSetUpOfInfluxDBLetsGrafanaReadAndNothingElse(t *testing.T) {
	script, err := filepath.Abs("../../deploy/influxdb/init/grafana-reads.sh")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	// Instead of InfluxDB's command line, one that notes what it is told.
	if err := os.WriteFile(filepath.Join(dir, "influx"), []byte("#!/bin/sh\nprintf '%s\\n' \"$@\" >"+dir+"/told\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(script) // as run-parts does: it must be executable
	cmd.Env = []string{"PATH=" + dir + ":/usr/bin:/bin", "GRAFANA_INFLUX_TOKEN=a secret", "DOCKER_INFLUXDB_INIT_BUCKET_ID=0af1", "DOCKER_INFLUXDB_INIT_ORG=plant"}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	told, err := os.ReadFile(filepath.Join(dir, "told"))
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSpace(string(told)), "\n")
	want := []string{"v1", "auth", "create", "--org", "plant", "--username", "grafana", "--password", "a secret", "--read-bucket", "0af1"}
	if !slices.Equal(got, want) {
		t.Errorf("InfluxDB was told %q, want %q", got, want)
	}
}

func TestTheComposeFilePassesVersionAndRetention(t *testing.T) {
	services := composeServices(t)
	if got := services["andon"].Build.Args["VERSION"]; got != "${VERSION:-dev}" {
		t.Errorf("build of andon: got VERSION %q, want that of the environment", got)
	}
	if got := services["influxdb"].Environment["DOCKER_INFLUXDB_INIT_RETENTION"]; got != "${INFLUX_RETENTION:-730d}" {
		t.Errorf("retention: got %q, want INFLUX_RETENTION, 730d without one", got)
	}
}

// The dashboards are read only in Grafana, so docs/grafana.md changes andon's
// address in the files.
func TestAndonsAddressIsChangedInTheDashboardsByOneCommand(t *testing.T) {
	const before, after = "http://127.0.0.1:8080", "https://andon.plant.example"
	guide, err := os.ReadFile("../../docs/grafana.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := "sed -i 's|" + before + "|" + after + "|' deploy/grafana/dashboards/*.json"; !strings.Contains(string(guide), want) {
		t.Errorf("docs/grafana.md: want the command %s", want)
	}
	files, err := filepath.Glob("../../deploy/grafana/dashboards/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\n")
		for i, line := range lines {
			lines[i] = strings.Replace(line, before, after, 1) // as sed does
		}
		changed := strings.Join(lines, "\n")
		var d dashboard
		if err := json.Unmarshal([]byte(changed), &d); err != nil {
			t.Fatal(err)
		}
		for _, v := range d.Templating.List {
			if v.Name == "andon_url" && (string(v.Query) != `"`+after+`"` || v.Current.Value != after || v.Current.Text != after) {
				t.Errorf("%s: andon_url after the command: got %s and %v, want %s", file, v.Query, v.Current, after)
			}
		}
		if strings.Contains(changed, before) || strings.Count(changed, after) != 3 {
			t.Errorf("%s: got %d addresses of andon, want the 3 of the variable andon_url alone", file, strings.Count(changed, after))
		}
	}
}
