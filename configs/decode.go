package configs

import (
	"encoding"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"andon/plant/setting"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// A decoder fills a configuration from YAML and, unlike the library's own
// decoding, goes on after a problem, so that all are told at once. Unknown
// and repeated keys are problems; keys that are absent leave the defaults.
type decoder struct {
	file     string          // being decoded
	files    []string        // in the order in which they are read
	partial  bool            // a file, or a section of one, was not read
	unread   []Fault         // why files were not
	unknown  map[string]bool // paths of keys that are none
	problems setting.Problems
	places   map[string]place                      // key path → where it stands
	fresh    map[reflect.Type]func() reflect.Value // makes what a pointer's value starts from; zero when absent
	targets  map[*ast.AliasNode]ast.Node           // what each alias names
	env      func(string) (string, bool)
	depth    int
	nodes    int
}

// A place is a line of a file.
type place struct {
	file string
	line int
}

// An alias may stand inside what it names, and aliases of aliases multiply:
// both are bounded.
const (
	maxDepth = 64
	maxNodes = 1_000_000
)

func newDecoder() *decoder {
	return &decoder{fresh: map[reflect.Type]func() reflect.Value{}, places: map[string]place{}, unknown: map[string]bool{}, targets: map[*ast.AliasNode]ast.Node{}, env: os.LookupEnv}
}

func (d *decoder) wish(path, format string, args ...any) { d.problems.Add(path, format, args...) }

func (d *decoder) mark(path string, n ast.Node) {
	d.places[path] = place{d.file, n.GetToken().Position.Line}
}

// decode fills v from n, which stands at path.
func (d *decoder) decode(path string, n ast.Node, v reflect.Value) {
	if !d.enter(path) {
		return
	}
	defer d.leave()
	n = d.resolve(path, n)
	if n == nil {
		return
	}
	if _, done := d.places[path]; !done {
		d.mark(path, n)
	}
	switch {
	case isLeaf(v.Type()):
		d.leaf(path, n, v)
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
			if start, ok := d.fresh[v.Type().Elem()]; ok {
				v.Elem().Set(start())
			}
		}
		d.decode(path, n, v.Elem())
	case v.Kind() == reflect.Struct:
		d.structure(path, n, v)
	case v.Kind() == reflect.Map:
		d.dictionary(path, n, v)
	case v.Kind() == reflect.Slice:
		d.sequence(path, n, v)
	default:
		d.leaf(path, n, v)
	}
}

// enter reports whether there is room for one more level and value; then
// leave must follow.
func (d *decoder) enter(path string) bool {
	d.nodes++
	if d.depth >= maxDepth || d.nodes > maxNodes {
		d.wish(path, "at most %d levels and %d values", maxDepth, maxNodes)
		return false
	}
	d.depth++
	return true
}

func (d *decoder) leave() { d.depth-- }

var (
	textType  = reflect.TypeFor[encoding.TextUnmarshaler]()
	ifaceType = reflect.TypeFor[yaml.InterfaceUnmarshaler]()
	bytesType = reflect.TypeFor[yaml.BytesUnmarshaler]()
)

// isLeaf reports whether t reads itself.
func isLeaf(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(textType) || p.Implements(ifaceType) || p.Implements(bytesType)
}

func (d *decoder) structure(path string, n ast.Node, v reflect.Value) {
	fields := fieldsOf(v.Type())
	for _, e := range d.entries(path, n) {
		key := keyText(e.Key)
		at := join(path, key)
		d.mark(at, e.Key)
		if i, ok := fields[key]; ok {
			d.decode(at, e.Value, v.FieldByIndex(i))
		} else {
			d.unknown[at] = true
			d.nodes++ // or an alias of many unknown keys would be told without end
			d.wish(at, "one of the keys %s", strings.Join(sortedKeys(fields), " "))
		}
	}
}

func (d *decoder) dictionary(path string, n ast.Node, v reflect.Value) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	for _, e := range d.entries(path, n) {
		key := keyText(e.Key)
		at := join(path, key)
		d.mark(at, e.Key)
		k := reflect.New(v.Type().Key()).Elem()
		k.SetString(key)
		item := reflect.New(v.Type().Elem()).Elem()
		d.decode(at, e.Value, item)
		v.SetMapIndex(k, item)
	}
}

func (d *decoder) sequence(path string, n ast.Node, v reflect.Value) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.wish(path, "a list")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values)))
	for i, item := range seq.Values {
		d.decode(fmt.Sprintf("%s[%d]", path, i), item, v.Index(i))
	}
}

// keyText returns a key as it reads; "? key" and "&anchor key" are keys too.
func keyText(k ast.Node) string {
	switch x := k.(type) {
	case nil:
		return ""
	case *ast.MappingKeyNode:
		return keyText(x.Value)
	case *ast.AnchorNode:
		return keyText(x.Value)
	case *ast.StringNode:
		return x.Value
	}
	return k.GetToken().Value
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// fieldsOf returns the struct's fields by key; those of inline structs stand
// beside its own.
func fieldsOf(t reflect.Type) map[string][]int {
	fields := map[string][]int{}
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		switch {
		case options == "inline":
			for key, index := range fieldsOf(t.Field(i).Type) {
				fields[key] = append([]int{i}, index...)
			}
		case name != "" && name != "-":
			fields[name] = []int{i}
		}
	}
	return fields
}

func sortedKeys(m map[string][]int) []string {
	return slices.Sorted(maps.Keys(m))
}
