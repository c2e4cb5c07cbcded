package configs_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"andon/configs"
)

// A block is a configuration, or a part of one, that a document shows.
type block struct {
	file string
	line int // of its first line
	text string
}

// source is one that lacks nothing.
const source = `sources:
  - name: plc
    opcua:
      endpoint: opc.tcp://127.0.0.1:4840
      security: {policy: None, insecure: true}
`

// equipment is one that lacks its tags.
const equipment = `plant:
  site: northfield
  zone: Europe/Berlin
  areas:
    - name: packing
      lines:
        - name: lineA
          equipment:
            - name: A1
              source: plc
`

// under says, by its first key, what a block that is no whole section belongs
// to. Blocks are indented as they would be there.
var under = map[string]string{
	"id":      "rules:\n",
	"reasons": "production:\n",
	"polled":  source,
	"groups":  source,
	"events":  source,
	"tags":    equipment,
}

// elsewhere are first keys of YAML that is no configuration of andon.
var elsewhere = map[string]string{"name": "a scenario of plantsim"}

// rest completes a block: what it does not say itself.
var rest = map[string]string{
	"sources": `sources:
  - {name: plc, opcua: {endpoint: "opc.tcp://127.0.0.1:4840", security: {policy: None, insecure: true}, events: {}}}
  - {name: cells, mqtt: {url: "tcp://127.0.0.1:1883", subscriptions: [{topic: "{site}/{area}/{line}/{equipment}"}]}}
`,
	"influx": "influx: {url: \"http://127.0.0.1:8086\", bucket: plant}\n",
}

var (
	fence   = regexp.MustCompile("(?m)^```ya?ml\n((?:.*\n)*?)```$")
	section = regexp.MustCompile(`(?m)^([a-z_]+):`)
	first   = regexp.MustCompile(`(?m)^[ -]*([a-z_]+):`)
	mention = regexp.MustCompile(`(?m)(\w*)(_file|trusted|include): *(\[.*?\]|[^\s,}]+)`)
	words   = regexp.MustCompile(`, states: (words|moulder)`)
	reader  = regexp.MustCompile(`(?m)^ *source: (.*)\n`)
)

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func blocksOf(t *testing.T, file string) []block {
	t.Helper()
	text := read(t, file)
	var blocks []block
	for _, at := range fence.FindAllStringSubmatchIndex(text, -1) {
		blocks = append(blocks, block{file, 1 + strings.Count(text[:at[2]], "\n"), text[at[2]:at[3]]})
	}
	if got, want := len(blocks), strings.Count(text, "```y"); got != want {
		t.Errorf("%s: found %d blocks of YAML, want %d", file, got, want)
	}
	return blocks
}

// complete returns a whole configuration whose lines have the numbers that
// the block's lines have in its document.
func (b block) complete(t *testing.T) string {
	t.Helper()
	before := ""
	if m := first.FindStringSubmatch(b.text); !section.MatchString(b.text) && m != nil {
		before = under[m[1]]
	}
	text := strings.Repeat("\n", b.line-1-strings.Count(before, "\n")) + before + b.text
	said := map[string]bool{}
	for _, m := range section.FindAllStringSubmatch(text, -1) {
		said[m[1]] = true
	}
	for name, more := range rest {
		if !said[name] {
			text += more
		}
	}
	if said["plant"] {
		return text
	}
	// A block need not have the sources and state maps of Northfield.
	return text + reader.ReplaceAllStringFunc(words.ReplaceAllString(read(t, "northfield/plant.yaml"), ""), func(line string) string {
		if strings.Contains(text, "name: "+reader.FindStringSubmatch(line)[1]) {
			return line
		}
		return ""
	})
}

// provide puts the files that text mentions into folder, and returns text
// with their places there.
func provide(t *testing.T, folder, text string) string {
	t.Helper()
	certificate, key := certificateAndKey(t)
	return mention.ReplaceAllStringFunc(text, func(ref string) string {
		m := mention.FindStringSubmatch(ref)
		content := "secret\n"
		switch m[1] + m[2] {
		case "ca_file", "cert_file", "trusted":
			content = certificate
		case "key_file":
			content = key
		case "include":
			content = ""
		}
		for _, name := range strings.Split(strings.Trim(m[3], "[]"), ",") {
			file := filepath.Join(folder, strings.TrimSpace(name))
			if m[2] == "trusted" {
				file = filepath.Join(file, "server.pem")
			}
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return strings.Replace(ref, ": /", ": "+folder+"/", 1)
	})
}

func certificateAndKey(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "plant"}, NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func TestWhatTheDocumentsShowIsAConfiguration(t *testing.T) {
	t.Setenv("INFLUX_TOKEN", "t")
	t.Setenv("ANDON_TOKEN", "long enough for a token")
	files, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "../README.md") {
		for _, b := range blocksOf(t, file) {
			m := first.FindStringSubmatch(b.text)
			if m != nil && elsewhere[m[1]] != "" {
				continue
			}
			folder := t.TempDir()
			name := filepath.Join(folder, filepath.Base(file))
			if err := os.WriteFile(name, []byte(provide(t, folder, b.complete(t))), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := configs.Load(name); err != nil {
				t.Errorf("the block at %s:%d: %s", file, b.line, strings.ReplaceAll(err.Error(), folder+"/", ""))
			}
		}
	}
}
