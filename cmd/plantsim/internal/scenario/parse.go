package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"andon/cmd/plantsim/internal/northfield"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxFile bounds the size of a scenario file.
const maxFile = 4 << 20

// Load reads the scenario called name: one of those in builtin, or else the
// file with that path.
func Load(builtin fs.FS, name string) (*Scenario, error) {
	if b, err := fs.ReadFile(builtin, name+".yaml"); err == nil {
		return Parse(name+".yaml", b)
	}
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("scenario %q: want a file or one of %s", name, strings.Join(Names(builtin), ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("read scenario: %w", err)
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("scenario %s: want at most %d bytes", name, maxFile)
	}
	return Parse(name, b)
}

// Names lists the scenarios in builtin.
func Names(builtin fs.FS) []string {
	files, _ := fs.Glob(builtin, "*.yaml") // the pattern is valid
	for i := range files {
		files[i] = strings.TrimSuffix(files[i], ".yaml")
	}
	return files
}

// Parse reads a scenario. Unknown keys are errors; every error names file and
// line.
func Parse(file string, b []byte) (*Scenario, error) {
	tree, err := parser.ParseBytes(b, 0)
	if err != nil {
		return nil, located(file, err)
	}
	if err := checkDurations(file, tree); err != nil {
		return nil, err
	}
	s := &Scenario{Plant: northfield.Plant()}
	dec := yaml.NewDecoder(bytes.NewReader(b), yaml.Strict())
	if err := dec.Decode(s); errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s:1: want a scenario, not an empty file", file)
	} else if err != nil {
		return nil, located(file, err)
	}
	s.place()
	var errs []error
	for _, p := range s.validate() {
		errs = append(errs, fmt.Errorf("%s:%d: %w", file, lineOf(tree, p.Path), p))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return s, nil
}

// located puts file and line before what the YAML library says.
func located(file string, err error) error {
	var y yaml.Error
	if !errors.As(err, &y) || y.GetToken() == nil {
		return fmt.Errorf("%s:1: %w", file, err)
	}
	return fmt.Errorf("%s:%d: %s", file, y.GetToken().Position.Line, y.GetMessage())
}

// lineOf finds the line of a key path such as equipment.A1.segments[2].for;
// when the key is absent, that of the closest one that contains it.
func lineOf(tree *ast.File, path string) int {
	for path != "" {
		if line, ok := lookup(tree, path); ok {
			return line
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			break
		}
		path = path[:cut]
	}
	return 1
}

func lookup(tree *ast.File, path string) (int, bool) {
	p, err := yaml.PathString("$." + path)
	if err != nil {
		return 0, false
	}
	node, err := p.FilterFile(tree)
	if err != nil || node == nil {
		return 0, false
	}
	return node.GetToken().Position.Line, true
}

// place fills in what follows from the order of things: where segments lie,
// and what was left to its default.
func (s *Scenario) place() {
	for _, e := range s.Equipment {
		if e == nil {
			continue
		}
		at, pack := time.Duration(0), int64(1)
		for i := range e.Segments {
			seg := &e.Segments[i]
			seg.From, seg.To = at, at+seg.For
			at = seg.To
			if seg.Mode == 0 {
				seg.Mode = 1
			}
			if seg.Pack == 0 {
				seg.Pack = pack
			}
			pack = seg.Pack
		}
		if e.Feed != nil && e.Feed.Each == 0 {
			e.Feed.Each = 1
		}
	}
}
