package configs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"

	"andon/collector/mqtt"
	"andon/collector/opcua"
	"andon/plant/setting"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxSize bounds a configuration file.
const maxSize = 16 << 20

// Load reads the configuration file and the files it includes, fills in
// defaults and checks it all. The error joins every problem found, each a
// Fault. Relative paths become relative to the folder of the main file.
func Load(file string) (*Config, error) {
	cfg := Default()
	d := newDecoder()
	startFrom(d, opcua.DefaultConfig)
	startFrom(d, mqtt.DefaultConfig)
	startFrom(d, opcua.DefaultDiscover)
	root, err := d.read(file)
	if err != nil {
		return nil, err
	}
	folder, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return nil, fmt.Errorf("find folder of %s: %w", file, err)
	}
	d.decodeFile(file, root, &cfg)
	for i, inc := range cfg.Include {
		if err := d.include(beside(file, string(inc)), &cfg); err != nil {
			d.refuse(fmt.Sprintf("include[%d]", i), err)
		}
	}
	absolutePaths(reflect.ValueOf(&cfg).Elem(), folder)
	cfg.placeData()
	if d.readPlant() && !d.partial {
		cfg.addDiscovered()
	}
	if err := d.faults(file, d.validate(&cfg)); err != nil {
		return nil, err
	}
	return &cfg, nil
}

// refuse notes that a file could not be read. What is wrong in its text is
// told where it stands, all else at path.
func (d *decoder) refuse(path string, err error) {
	d.partial = true
	if fault := (Fault{}); errors.As(err, &fault) {
		d.unread = append(d.unread, fault)
		return
	}
	d.wish(path, "a readable file: %v", err)
}

// startFrom gives each pointer to a T a value of its own from fresh, so that
// two of them share no list or map.
func startFrom[T any](d *decoder, fresh func() T) {
	d.fresh[reflect.TypeFor[T]()] = func() reflect.Value { return reflect.ValueOf(fresh()) }
}

// read returns the root node of file, its aliases linked.
func (d *decoder) read(file string) (ast.Node, error) {
	d.files = append(d.files, file)
	root, err := readYAML(file)
	if err == nil && root != nil {
		d.link(root)
	}
	return root, err
}

// readYAML returns the root node of the one document in file, nil when it is
// empty.
func readYAML(file string) (ast.Node, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	if info.Size() > maxSize {
		return nil, fmt.Errorf("read configuration %s: want at most %d bytes, got %d", file, maxSize, info.Size())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, syntaxFault(file, err)
	}
	switch len(tree.Docs) {
	case 0:
		return nil, nil
	case 1:
		return tree.Docs[0].Body, nil
	}
	return nil, fmt.Errorf("%s: want one YAML document, got %d", file, len(tree.Docs))
}

// syntaxFault tells where a text is no YAML, in the form of other problems.
func syntaxFault(file string, err error) error {
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		return fmt.Errorf("%s: %s", file, firstLine(err))
	}
	problem := setting.Problem{Path: "yaml", Want: "correct YAML: " + at.GetMessage()}
	return Fault{File: file, Line: at.GetToken().Position.Line, Problem: problem}
}

func (d *decoder) decodeFile(file string, root ast.Node, cfg *Config) {
	d.file = file
	delete(d.places, "")
	if root != nil {
		d.decode("", root, reflect.ValueOf(cfg).Elem())
	}
}

// include decodes one more file into cfg. Each section stands in one file
// only, so that nobody has to know which of two wins.
func (d *decoder) include(file string, cfg *Config) error {
	root, err := d.read(file)
	if err != nil || root == nil {
		return err
	}
	d.file = file
	for _, e := range d.entries("", d.resolve("", root)) {
		key := keyText(e.Key)
		if before, taken := d.places[key]; taken || key == "include" {
			d.mark(key, e.Key)
			d.wish(key, "this section once, it stands in %s too", before.file)
			d.partial = true
			return nil
		}
	}
	d.decodeFile(file, root, cfg)
	return nil
}

// absolutePaths makes every relative setting.File below v absolute.
func absolutePaths(v reflect.Value, folder string) {
	if v.Type() == reflect.TypeFor[setting.File]() {
		if p := v.String(); p != "" && !filepath.IsAbs(p) {
			v.SetString(filepath.Join(folder, p))
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				absolutePaths(v.Field(i), folder)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			absolutePaths(v.Elem(), folder)
		}
	case reflect.Slice:
		for i := range v.Len() {
			absolutePaths(v.Index(i), folder)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			item := reflect.New(v.Type().Elem()).Elem()
			item.Set(v.MapIndex(k))
			absolutePaths(item, folder)
			v.SetMapIndex(k, item)
		}
	}
}

// beside makes a path in a configuration file relative to that file.
func beside(file, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(file), path)
}
