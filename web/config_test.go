package web_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"andon/plant/setting"
	"andon/web"

	"github.com/prometheus/client_golang/prometheus"
)

func TestDefaultsServeThisMachineAlone(t *testing.T) {
	if p := web.DefaultConfig().Validate(); len(p) != 0 {
		t.Errorf("defaults: got %v, want no problem", p)
	}
}

func TestWrongSettingsAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*web.Config)
		want   []string
	}{
		"other machines without a token": {func(c *web.Config) { c.Listen = ":8080" }, []string{"token"}},
		"every address without a token":  {func(c *web.Config) { c.Listen = "0.0.0.0:8080" }, []string{"token"}},
		"a short token for others":       {func(c *web.Config) { c.Listen, c.Token = ":8080", "demo" }, []string{"token"}},
		"a short token for this machine": {func(c *web.Config) { c.Listen, c.Token = "[::1]:8080", "demo" }, nil},
		"a good token for others":        {func(c *web.Config) { c.Listen, c.Token = ":8080", token }, nil},
		"a token file for others":        {func(c *web.Config) { c.Listen, c.TokenFile = ":8080", "/run/token" }, nil},
		"two tokens":                     {func(c *web.Config) { c.Token, c.TokenFile = "x", "y" }, []string{"token_file"}},
		"no port":                        {func(c *web.Config) { c.Listen = "localhost" }, []string{"listen"}},
		"no number for a port":           {func(c *web.Config) { c.Listen = "127.0.0.1:http" }, []string{"listen"}},
		"a port that there is not":       {func(c *web.Config) { c.Listen = "[::1]:99999" }, []string{"listen"}},
		"no such port and no token":      {func(c *web.Config) { c.Listen = ":99999" }, []string{"listen", "token"}},
		"no address at all":              {func(c *web.Config) { c.Listen = "abc" }, []string{"listen"}},
		"a port and no more":             {func(c *web.Config) { c.Listen = "8080" }, []string{"listen"}},
		"a host that is none":            {func(c *web.Config) { c.Listen = "10.0.0.300:8080" }, []string{"listen"}},
		"any free port":                  {func(c *web.Config) { c.Listen = "localhost:0" }, nil},
		"a certificate without key":      {func(c *web.Config) { c.TLS.Cert = "x" }, []string{"tls"}},
		"everything else": {func(c *web.Config) {
			c.Palette, c.Screen, c.Heartbeat, c.MaxClients = "pink", web.ScreenConfig{}, time.Hour, 0
		}, []string{"palette", "screen.inch", "screen.metres", "heartbeat", "max_clients"}},
	} {
		cfg := web.DefaultConfig()
		c.change(&cfg)
		var got []string
		for _, p := range cfg.Validate() {
			got = append(got, p.Path)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got problems at %v, want %v", name, got, c.want)
		}
	}
}

func TestFilesThatCannotBeUsedStopTheStart(t *testing.T) {
	short := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(short, []byte("demo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*web.Config){
		"no token file":      func(c *web.Config) { c.TokenFile = setting.File(short + "x") },
		"a short token file": func(c *web.Config) { c.Listen, c.TokenFile = ":0", setting.File(short) },
		"an empty file":      func(c *web.Config) { c.TokenFile = setting.File(os.DevNull) },
		"no certificate":     func(c *web.Config) { c.TLS = web.TLSConfig{Cert: "/none", Key: "/none"} },
	} {
		s := newSite(t, nil)
		cfg := web.DefaultConfig()
		change(&cfg)
		reg := prometheus.NewRegistry()
		if _, err := web.New(web.Options{Config: cfg, Tree: s.tree, Engine: s.engine, Store: s.store, Gatherer: reg, Registerer: reg}); err == nil {
			t.Errorf("%s: got a server, want an error", name)
		}
	}
}
