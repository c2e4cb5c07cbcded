package configs

import (
	"encoding"
	"errors"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// envPattern finds references to the environment; one with a second $ in front
// is meant as text.
var envPattern = regexp.MustCompile(`\$?\$\{env:([A-Za-z_][A-Za-z0-9_]*)(:[^}]*)?\}`)

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
			d.wish(path, "a duration such as 10s, 5m, 8h or 7d, not %q", text)
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
		i, err = strconv.ParseInt(plainDigits(text), 10, v.Type().Bits())
		v.SetInt(i)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		var u uint64
		u, err = strconv.ParseUint(plainDigits(text), 10, v.Type().Bits())
		v.SetUint(u)
	case reflect.Float32, reflect.Float64:
		var f float64
		f, err = parseFloat(text, v.Type().Bits())
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
// ${env:NAME:text} by text when it is not set. $${env:NAME} becomes the text
// ${env:NAME}.
func (d *decoder) expand(path, text string) string {
	return envPattern.ReplaceAllStringFunc(text, func(ref string) string {
		if strings.HasPrefix(ref, "$$") {
			return ref[1:]
		}
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
		return "a whole number, 0 or more, in plain digits"
	}
	return "a whole number in plain digits"
}

// decimal are whole numbers that mean the same to every reader of YAML: 010
// is 8 to some and 10 to others.
var decimal = regexp.MustCompile(`^[+-]?(0|[1-9][0-9]*(_[0-9]+)*)$`)

// plainDigits returns the digits of a decimal whole number without its
// underscores, and "" for any other text.
func plainDigits(text string) string {
	if !decimal.MatchString(text) {
		return ""
	}
	return strings.ReplaceAll(text, "_", "")
}

var errNumber = errors.New("want a decimal number within range")

// parseFloat reads decimal numbers. No setting has a use for NaN or infinity,
// which pass every check of a range that is not written with them in mind.
func parseFloat(text string, bits int) (float64, error) {
	f, err := strconv.ParseFloat(text, bits)
	if err != nil {
		return 0, err
	}
	if math.IsNaN(f) || math.IsInf(f, 0) || strings.ContainsAny(text, "xX") {
		return 0, errNumber
	}
	return f, nil
}

// parseDuration reads Go durations and whole or broken days, 7d.
func parseDuration(text string) (time.Duration, error) {
	days, ok := strings.CutSuffix(text, "d")
	if !ok {
		return time.ParseDuration(text)
	}
	f, err := parseFloat(days, 64)
	if err != nil {
		return 0, err
	}
	ns := math.Round(f * 24 * float64(time.Hour))
	if math.Abs(ns) >= 1<<63 {
		return 0, errNumber
	}
	return time.Duration(ns), nil
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

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
