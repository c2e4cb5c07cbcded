package configs

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"andon/collector/opcua/browse"
	"andon/plant"
)

// discoveredHead explains a file of what was found to whoever opens it.
const discoveredHead = `# What andon found at the OPC UA server of source %s, in the form of the section
# plant. andon adds new variables here and takes none away. Without this file it
# looks for them anew; tags that you move into your own configuration win.
`

// DiscoveredFile returns the file in which what a source found is kept.
func (c *Config) DiscoveredFile(source string) string {
	return filepath.Join(string(c.DataDir), "opcua", source+".discovered.yaml")
}

// discovers reports whether a source of c looks for variables.
func (c *Config) discovers() bool {
	return slices.ContainsFunc(c.Sources, func(s Source) bool { return s.OPCUA != nil && s.OPCUA.Discover != nil })
}

// addDiscovered adds what sources found in earlier sessions to the plant. A
// file that cannot be read is left out and told in Notes: what is in it can be
// found again, and what is configured must run.
func (c *Config) addDiscovered() {
	if !c.discovers() {
		return
	}
	c.declared = c.Plant
	c.mergeFound(c.Discovered)
}

// mergeFound makes the plant of what is declared and of what each source
// found, and notes what is left out.
func (c *Config) mergeFound(read func(source string) ([]plant.AreaConfig, error)) {
	c.Plant, c.Notes = c.declared, nil
	for _, s := range c.Sources {
		if s.OPCUA == nil || s.OPCUA.Discover == nil {
			continue
		}
		areas, err := read(s.Name)
		if err != nil {
			c.Notes = append(c.Notes, err.Error())
			continue
		}
		for _, p := range c.addAreas(s.Name, areas) {
			c.Notes = append(c.Notes, fmt.Sprintf("%s: %s/%s/%s/%s is left out, the configuration has it for something else", c.DiscoveredFile(s.Name), p.Area, p.Line, p.Equipment, p.Tag.Name))
		}
	}
}

// Discovered reads what a source found before; nothing when there is no file.
func (c *Config) Discovered(source string) ([]plant.AreaConfig, error) {
	file := c.DiscoveredFile(source)
	root, err := readYAML(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	var found struct {
		Areas []plant.AreaConfig `yaml:"areas"`
	}
	d := newDecoder()
	d.file = file
	if root != nil {
		d.decode("", root, reflect.ValueOf(&found).Elem())
	}
	whole := plant.Config{Site: "site", Zone: "UTC", Areas: found.Areas}
	if len(found.Areas) > 0 {
		d.problems = append(d.problems, whole.Validate()...)
	}
	if err := d.problems.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return found.Areas, nil
}

// WriteDiscovered keeps what a source found; it is there whole or as before.
func (c *Config) WriteDiscovered(source string, places []browse.Place) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, discoveredHead, source)
	if err := browse.Write(&b, places, source, ""); err != nil {
		return err
	}
	file := c.DiscoveredFile(source)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return writeDurable(file, b.Bytes())
}

// writeDurable replaces a file as a whole.
func writeDurable(file string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err := errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}

// WithFound returns c with what a source found in place of what it found
// before. It is an error when the whole is then no good configuration, for
// instance because a rule does not fit a tag.
func (c *Config) WithFound(source string, places []browse.Place) (*Config, error) {
	next := *c
	next.mergeFound(func(name string) ([]plant.AreaConfig, error) {
		if name == source {
			return browse.Areas(places, source), nil
		}
		return c.Discovered(name)
	})
	if err := next.Validate().Err(); err != nil {
		return nil, err
	}
	return &next, nil
}
