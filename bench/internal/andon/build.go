// Package andon builds andon and InfluxDB from the tree and writes andon's
// configurations.
package andon

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Programs are what is built from the tree.
type Programs struct {
	Andon, Influxd string // paths
	// Version is what andon says of itself.
	Version string
	// InfluxDB is the release of influxd.
	InfluxDB string
}

// Build makes andon and influxd from the tree at root in the folder bin. The
// go command knows what has changed, so that a second time is quick.
func Build(ctx context.Context, root, bin string, say func(string)) (Programs, error) {
	p := Programs{Andon: filepath.Join(bin, "andon"), Influxd: filepath.Join(bin, "influxd")}
	say("building andon and InfluxDB from the tree")
	version := "dev"
	if out, err := exec.CommandContext(ctx, "git", "-C", root, "describe", "--tags", "--always", "--dirty").Output(); err == nil {
		version = strings.TrimSpace(string(out))
	}
	builds := []struct{ dir, flags, out, pkg string }{
		{root, "-s -w -X main.version=" + version, p.Andon, "./cmd/andon"},
		{filepath.Join(root, "deploy", "influxd"), "", p.Influxd, "."},
	}
	for _, b := range builds {
		cmd := exec.CommandContext(ctx, "go", "build", "-C", b.dir, "-trimpath", "-ldflags", b.flags, "-o", b.out, b.pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return Programs{}, fmt.Errorf("build %s in %s: %w\n%s", b.pkg, b.dir, err, out)
		}
	}
	out, err := exec.CommandContext(ctx, p.Andon, "version").Output()
	if err != nil {
		return Programs{}, fmt.Errorf("ask andon for its version: %w", err)
	}
	p.Version = strings.TrimPrefix(strings.TrimSpace(string(out)), "andon ")
	p.InfluxDB, err = release(filepath.Join(root, "deploy", "influxd"))
	return p, err
}

// release reads which InfluxDB the module in a folder builds.
func release(dir string) (string, error) {
	out, err := exec.Command("go", "list", "-C", dir, "-m", "-f", "{{.Version}}", "github.com/influxdata/influxdb").Output()
	if err != nil {
		return "", fmt.Errorf("ask which InfluxDB was built: %w", err)
	}
	return strings.TrimPrefix(strings.TrimSpace(string(out)), "v"), nil
}
