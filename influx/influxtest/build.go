package influxtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// moduleFolder is where the repository keeps the influxd module.
const moduleFolder = "deploy/influxd"

// Build builds deploy/influxd and returns the path of the executable. It is
// kept in the user's cache folder under a name made of its sources and the Go
// version, so only the first call on a machine takes long (about a minute)
// and processes that call at the same time build once. The working folder
// must lie inside the repository, as it does in tests.
func Build(ctx context.Context) (string, error) {
	source, err := findModule()
	if err != nil {
		return "", err
	}
	key, err := sourceKey(source)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	cache = filepath.Join(cache, "andon")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("create build cache: %w", err)
	}
	binary := filepath.Join(cache, "influxd-"+key+executableSuffix())
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	unlock, err := lockFile(filepath.Join(cache, "influxd.lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(binary); err == nil {
		return binary, nil // another process built it meanwhile
	}
	return binary, compile(ctx, source, binary)
}

// compile builds beside the target and renames, so that nobody ever starts
// half an executable.
func compile(ctx context.Context, source, binary string) error {
	half := fmt.Sprintf("%s.%d", binary, os.Getpid())
	cmd := exec.CommandContext(ctx, "go", "build", "-mod=readonly", "-buildvcs=false", "-trimpath", "-o", half, ".")
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOTOOLCHAIN=local", "GOWORK=off", "GOFLAGS=")
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build influxd: %w\n%s", err, output.Bytes())
	}
	if err := os.Rename(half, binary); err != nil {
		return fmt.Errorf("keep built influxd: %w", err)
	}
	return nil
}

// findModule looks upwards from the working folder.
func findModule() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find %s: %w", moduleFolder, err)
	}
	for {
		module := filepath.Join(dir, filepath.FromSlash(moduleFolder))
		if _, err := os.Stat(filepath.Join(module, "go.mod")); err == nil {
			return module, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("find " + moduleFolder + ": the working folder is outside the repository")
		}
		dir = parent
	}
}

func sourceKey(source string) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, name := range []string{"go.mod", "go.sum", "main.go"} {
		b, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			return "", fmt.Errorf("read influxd module: %w", err)
		}
		fmt.Fprintln(h, name, len(b))
		h.Write(b)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8]), nil
}

func executableSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}
