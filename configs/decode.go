package configs

import (
	"encoding"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"andon/plant/setting"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// A decoder fills a configuration from YAML and, unlike the library's own
// decoding, goes on after a problem, so that all are told at once. Unknown
// and repeated keys are problems; keys that are absent leave the defaults.
type decoder struct {
	file     string // being decoded
	problems setting.Problems
	places   map[string]place               // key path → where it stands
	fresh    map[reflect.Type]reflect.Value // what a pointer's value starts from; zero when absent
	anchors  map[string]ast.Node
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
	return &decoder{fresh: map[reflect.Type]reflect.Value{}, places: map[string]place{}, anchors: map[string]ast.Node{}, env: os.LookupEnv}
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
				v.Elem().Set(start)
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

// resolve follows anchors and aliases; nil means "nothing here", such as a
// key without value.
func (d *decoder) resolve(path string, n ast.Node) ast.Node {
	for {
		switch x := n.(type) {
		case nil, *ast.NullNode:
			return nil
		case *ast.AnchorNode:
			d.anchors[x.Name.String()] = x.Value
			n = x.Value
		case *ast.AliasNode:
			target, ok := d.anchors[x.Value.String()]
			if !ok {
				d.wish(path, "an anchor &%s above this alias", x.Value)
				return nil
			}
			n = target
		default:
			return n
		}
	}
}

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

func (d *decoder) entries(path string, n ast.Node) []*ast.MappingValueNode {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}
	}
	d.wish(path, "keys and values")
	return nil
}

func (d *decoder) structure(path string, n ast.Node, v reflect.Value) {
	fields := fieldsOf(v.Type())
	seen := map[string]bool{}
	for _, e := range d.entries(path, n) {
		if e.Key.IsMergeKey() {
			d.merge(path, e.Value, v)
			continue
		}
		key := keyText(e.Key)
		at := join(path, key)
		i, ok := fields[key]
		switch {
		case !ok:
			d.mark(at, e.Key)
			d.wish(at, "one of the keys %s", strings.Join(sortedKeys(fields), " "))
		case seen[key]:
			d.mark(at, e.Key)
			d.wish(at, "this key once")
		default:
			seen[key] = true
			d.mark(at, e.Key)
			d.decode(at, e.Value, v.FieldByIndex(i))
		}
	}
}

// merge fills v from another mapping, <<: *name.
func (d *decoder) merge(path string, n ast.Node, v reflect.Value) {
	if !d.enter(path) {
		return
	}
	defer d.leave()
	if n = d.resolve(path, n); n != nil {
		d.structure(path, n, v)
	}
}

func (d *decoder) dictionary(path string, n ast.Node, v reflect.Value) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	for _, e := range d.entries(path, n) {
		key := keyText(e.Key)
		at := join(path, key)
		if _, done := d.places[at]; done {
			d.wish(at, "this key once")
		}
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

var envPattern = regexp.MustCompile(`\$\{env:([A-Za-z_][A-Za-z0-9_]*)(:[^}]*)?\}`)

// leaf reads one scalar, or hands n to a type that reads itself.
func (d *decoder) leaf(path string, n ast.Node, v reflect.Value) {
	if isLeaf(v.Type()) && !reflect.PointerTo(v.Type()).Implements(textType) {
		if err := yaml.NodeToValue(n, v.Addr().Interface()); err != nil {
			d.wish(path, "%s", firstLine(err))
		}
		return
	}
	scalar, ok := n.(ast.ScalarNode)
	if !ok {
		d.wish(path, "one value")
		return
	}
	text := d.expand(path, scalarText(scalar))
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := u.UnmarshalText([]byte(text)); err != nil {
			d.wish(path, "%s", firstLine(err))
		}
		return
	}
	d.scalar(path, text, v)
}

func (d *decoder) scalar(path, text string, v reflect.Value) {
	if v.Type() == reflect.TypeFor[time.Duration]() {
		dur, err := parseDuration(text)
		if err != nil {
			d.wish(path, "a duration such as 10s, 5m or 8h, not %q", text)
		}
		v.SetInt(int64(dur))
		return
	}
	var err error
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(text)
		v.SetBool(b)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		var i int64
		i, err = strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 0, v.Type().Bits())
		v.SetInt(i)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		var u uint64
		u, err = strconv.ParseUint(strings.ReplaceAll(text, "_", ""), 0, v.Type().Bits())
		v.SetUint(u)
	case reflect.Float32, reflect.Float64:
		var f float64
		f, err = strconv.ParseFloat(text, v.Type().Bits())
		v.SetFloat(f)
	default:
		d.wish(path, "nothing here")
		return
	}
	if err != nil {
		d.wish(path, "%s, not %q", kindWish(v.Kind()), text)
	}
}

// expand replaces ${env:NAME} by the environment variable NAME, and
// ${env:NAME:text} by text when it is not set.
func (d *decoder) expand(path, text string) string {
	return envPattern.ReplaceAllStringFunc(text, func(ref string) string {
		m := envPattern.FindStringSubmatch(ref)
		value, ok := d.env(m[1])
		switch {
		case ok:
			return value
		case m[2] != "":
			return m[2][1:]
		}
		d.wish(path, "the environment variable %s to be set", m[1])
		return ""
	})
}

func kindWish(k reflect.Kind) string {
	switch k {
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number, 0 or more"
	}
	return "a whole number"
}

// parseDuration reads Go durations and whole or broken days, 7d.
func parseDuration(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		f, err := strconv.ParseFloat(days, 64)
		return time.Duration(f * 24 * float64(time.Hour)), err
	}
	return time.ParseDuration(text)
}

func scalarText(n ast.ScalarNode) string {
	switch x := n.(type) {
	case *ast.StringNode:
		return x.Value
	case *ast.LiteralNode:
		return x.Value.Value
	}
	return n.GetToken().Value
}

func keyText(k ast.MapKeyNode) string {
	if s, ok := k.(*ast.StringNode); ok {
		return s.Value
	}
	return k.GetToken().Value
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
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
