package production

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"andon/plant"
)

// A leaf is one published value. Its name is that in JSON, with those of what
// it is part of before it and dots between: waterfall.fault. What is in a map
// or a list is named by its key, a material by its tag, else by its number:
// cost.by_loss.fault, materials.tank_level.level, cost.items.0.amount.
type leaf struct {
	name    string
	pattern string   // the name with * for keys and numbers
	args    []string // which those are
	value   Ratio
	text    string         // what is no number
	time    *plant.Instant // what is a time
	unit    string         // "s" of times, "money", "time", else ""
}

// leaves returns every value that v, a struct, publishes in JSON.
func leaves(v any) []leaf {
	var out []leaf
	collect(&out, reflect.ValueOf(v), leaf{})
	return out
}

// collect appends the leaves of v; at is where v stands.
func collect(out *[]leaf, v reflect.Value, at leaf) {
	if at.take(v) {
		*out = append(*out, at)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			*out = append(*out, at)
			return
		}
		collect(out, v.Elem(), at)
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			collect(out, v.MapIndex(k), at.key(k.String()))
		}
	case reflect.Slice:
		for i := range v.Len() {
			key := strconv.Itoa(i)
			if m, ok := v.Index(i).Interface().(Material); ok {
				key = m.Tag
			}
			collect(out, v.Index(i), at.key(key))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case name == "-" || !f.IsExported() || options == "omitempty" && v.Field(i).IsZero():
			case name == "":
				collect(out, v.Field(i), at)
			default:
				collect(out, v.Field(i), at.field(name))
			}
		}
	}
}

// take takes the value of v if it is one, and not made of others.
func (l *leaf) take(v reflect.Value) bool {
	switch x := v.Interface().(type) {
	case Ratio:
		l.value = x
		return true
	case Seconds:
		l.value, l.unit = Ratio{x.Float(), true}, "s"
		return true
	case Money:
		l.value, l.unit = Ratio{x.Float(), true}, "money"
		return true
	case plant.Instant:
		l.time, l.unit = &x, "time"
		return true
	case fmt.Stringer:
		if v.Kind() != reflect.Struct && v.Kind() != reflect.Pointer {
			l.text = x.String()
			return true
		}
	}
	switch v.Kind() {
	case reflect.String:
		l.text = v.String()
	case reflect.Bool:
		l.value.OK = true
		if v.Bool() {
			l.value.Value = 1
		}
	case reflect.Int, reflect.Int64:
		l.value = Ratio{float64(v.Int()), true}
	case reflect.Float64:
		l.value = Ratio{v.Float(), true}
	default:
		return false
	}
	return true
}

func (l leaf) field(name string) leaf {
	l.name, l.pattern = join(l.name, name), join(l.pattern, name)
	return l
}

func (l leaf) key(key string) leaf {
	l.name, l.pattern = join(l.name, key), join(l.pattern, "*")
	l.args = append(slices.Clone(l.args), key)
	return l
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "." + b
}

// fill puts args in place of the * of a pattern, in order.
func fill(pattern string, args []string) string {
	for _, a := range args {
		before, after, ok := strings.Cut(pattern, "*")
		if !ok {
			break
		}
		pattern = before + a + after
	}
	return pattern
}
