// Package telegraf builds Telegraf, with only the plugins that are measured,
// and writes its configurations.
package telegraf

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Version is the release that is measured.
const Version = "1.37.2"

// tags leave out all plugins but those that are measured.
const tags = "custom,inputs.mqtt_consumer,inputs.opcua,inputs.opcua_listener,inputs.internal,outputs.influxdb_v2,outputs.influxdb,outputs.discard," +
	"parsers.json,parsers.json_v2,parsers.influx,parsers.value,serializers.influx"

// Build makes the program in the folder bin, from its module, and returns its
// path. When it is there already, nothing is done. Say takes a line before
// what needs minutes.
func Build(ctx context.Context, bin string, say func(string)) (string, error) {
	program := filepath.Join(bin, "telegraf-"+Version)
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	say("building Telegraf " + Version + " from its module: the first time this takes some minutes")
	// -json also prints what fails, so its error is looked at after that.
	out, failed := exec.CommandContext(ctx, "go", "mod", "download", "-json", "github.com/influxdata/telegraf@v"+Version).Output()
	var module struct{ Dir, Error string }
	if err := json.Unmarshal(out, &module); err != nil || module.Error != "" || failed != nil {
		return "", fmt.Errorf("download Telegraf %s: %s (%w)", Version, module.Error, failed)
	}
	// A name of its own first: an interrupted build leaves nothing that looks whole.
	part := program + ".part"
	cmd := exec.CommandContext(ctx, "go", "build", "-C", module.Dir, "-mod=readonly", "-trimpath", "-tags", tags,
		"-ldflags", "-s -w -X github.com/influxdata/telegraf/internal.Version="+Version, "-o", part, "./cmd/telegraf")
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build Telegraf %s: %w\n%s", Version, err, out)
	}
	if err := os.Rename(part, program); err != nil {
		return "", fmt.Errorf("keep Telegraf: %w", err)
	}
	return program, nil
}
