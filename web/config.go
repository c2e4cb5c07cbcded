package web

import (
	"fmt"
	"net"
	"time"

	"andon/plant/setting"
)

// Config says where and how the pages and the API are served.
type Config struct {
	Listen    string         `yaml:"listen"`     // host:port
	Token     setting.Secret `yaml:"token"`      // that writes need; without one nobody can write
	TokenFile setting.File   `yaml:"token_file"` // read instead of Token when set
	TLS       TLSConfig      `yaml:"tls"`
	Title     string         `yaml:"title"`   // of the board; "" shows the site and its areas
	Palette   Palette        `yaml:"palette"` // of the board and the pages
	Screen    ScreenConfig   `yaml:"screen"`

	// Heartbeat is how often a live page hears from the server when nothing
	// changes. A page that hears nothing for three of them says so.
	Heartbeat time.Duration `yaml:"heartbeat"`
	// MaxClients bounds live pages and other readers of events.
	MaxClients int `yaml:"max_clients"`
}

// TLSConfig names the certificate; without one the server speaks plain HTTP.
type TLSConfig struct {
	Cert setting.File `yaml:"cert_file"` // PEM, with the intermediate certificates
	Key  setting.File `yaml:"key_file"`  // PEM
}

// ScreenConfig is the board's usual screen, which decides the size of its
// text. The board's address may say otherwise: /?inch=43&m=4.
type ScreenConfig struct {
	Inch   int     `yaml:"inch"`   // diagonal of a 16:9 screen
	Metres float64 `yaml:"metres"` // from which it is read
}

// A Palette is a set of colours. Symbols and words are the same in all.
type Palette string

// The palettes.
const (
	PaletteStandard Palette = "standard" // colour only where somebody must act
	PaletteAndon    Palette = "andon"    // running equipment is green
)

// The bounds of a screen; the board's address is held to them as well.
const (
	minInch, maxInch     = 5, 200
	minMetres, maxMetres = 0.3, 30
)

// minToken keeps a token from being guessed from another machine: 16 random
// letters are beyond reach at any rate that a server can answer.
const minToken = 16

// DefaultConfig serves this machine alone, read only.
func DefaultConfig() Config {
	return Config{
		Listen:     "127.0.0.1:8080",
		Palette:    PaletteStandard,
		Screen:     ScreenConfig{Inch: 55, Metres: 5},
		Heartbeat:  5 * time.Second,
		MaxClients: 200,
	}
}

// Validate reports every problem of c.
func (c Config) Validate() setting.Problems {
	var p setting.Problems
	c.validateAccess(&p)
	if (c.TLS.Cert == "") != (c.TLS.Key == "") {
		p.Add("tls", "both cert_file and key_file, or neither")
	}
	if c.Palette != PaletteStandard && c.Palette != PaletteAndon {
		p.Add("palette", "%s or %s, not %q", PaletteStandard, PaletteAndon, c.Palette)
	}
	if c.Screen.Inch < minInch || c.Screen.Inch > maxInch {
		p.Add("screen.inch", "a diagonal of %d to %d inches", minInch, maxInch)
	}
	if !(c.Screen.Metres >= minMetres && c.Screen.Metres <= maxMetres) {
		p.Add("screen.metres", "a distance of %v to %v m", minMetres, maxMetres)
	}
	if c.Heartbeat < 100*time.Millisecond || c.Heartbeat > time.Minute {
		p.Add("heartbeat", "100ms to 1m")
	}
	if c.MaxClients < 1 || c.MaxClients > 10_000 {
		p.Add("max_clients", "a number of 1 to 10000")
	}
	return p
}

func (c Config) validateAccess(p *setting.Problems) {
	if !setting.IsListen(c.Listen) {
		p.Add("listen", "%s, not %q", setting.ListenWish, c.Listen)
	}
	if c.Token != "" && c.TokenFile != "" {
		p.Add("token_file", "token or token_file, not both")
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil || loopback(host) || !setting.IsListen(net.JoinHostPort(host, "0")) {
		return // only this machine, or nobody knows which
	}
	if c.Token != "" && len(c.Token.Reveal()) < minToken {
		p.Add("token", "at least %d characters where other machines can reach it", minToken)
	}
	if c.Token == "" && c.TokenFile == "" {
		p.Add("token", "a token, because %s can be reached from other machines; or listen on 127.0.0.1", c.Listen)
	}
}

// loopback reports whether only this machine can reach host.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// token reads the token; it is "" when nobody may write.
func (c Config) token() (setting.Secret, error) {
	token, err := setting.Read(c.Token, c.TokenFile)
	if err != nil {
		return "", fmt.Errorf("read web token: %w", err)
	}
	if c.TokenFile == "" {
		return token, nil
	}
	if token == "" {
		return "", fmt.Errorf("web token in %s: want one, the file is empty", c.TokenFile)
	}
	if host, _, err := net.SplitHostPort(c.Listen); err == nil && !loopback(host) && len(token.Reveal()) < minToken {
		return "", fmt.Errorf("web token in %s: want at least %d characters", c.TokenFile, minToken)
	}
	return token, nil
}
