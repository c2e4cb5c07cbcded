package influx

import (
	"slices"

	"andon/plant"
)

// measurementTelemetry is the measurement of samples as they were measured.
const measurementTelemetry = "telemetry"

// A schema decides which field of the measurement telemetry a value of a tag
// goes to. InfluxDB gives a field one type, whatever the equipment, so tags
// that share a name must agree. The decision depends on the configuration and
// the value only, never on what came first, so a restart changes nothing:
//
//   - a declared type counts for all tags of that name; with several,
//     numbers come before booleans before texts, and float before int;
//   - without one, a name belongs to floats and booleans;
//   - a value that does not fit without loss goes to a field of its own,
//     named after its type: state_text.
//
// The database may still have another type, from before a configuration was
// changed; learn takes that in.
type schema struct {
	declared map[string]plant.Kind // by field name
	learned  map[string]plant.Kind // by field name, what the database has
}

func newSchema(tree *plant.Tree) *schema {
	s := &schema{declared: map[string]plant.Kind{}, learned: map[string]plant.Kind{}}
	if tree == nil {
		return s
	}
	for _, t := range tree.Tags() {
		kind := signed(t.Type)
		if name := fieldName(t.Name); rank(kind) > rank(s.declared[name]) {
			s.declared[name] = kind
		}
	}
	return s
}

// rank orders kinds by their right to the field that bears the tag's name.
func rank(k plant.Kind) int {
	return slices.Index([]plant.Kind{plant.KindNone, plant.KindText, plant.KindBool, plant.KindInt, plant.KindFloat}, k)
}

// signed is the kind that k is written as.
func signed(k plant.Kind) plant.Kind {
	if k == plant.KindUint {
		return plant.KindInt
	}
	return k
}

// owner returns the kind that the field name belongs to, KindNone when
// nothing says.
func (s *schema) owner(name string) plant.Kind {
	if k, ok := s.learned[name]; ok {
		return k
	}
	return s.declared[name]
}

// learn notes that the database has the field with that kind. It is false
// when that was known, so that the same lesson is not taken twice.
func (s *schema) learn(name string, kind plant.Kind) bool {
	if known, ok := s.learned[name]; ok && known == kind {
		return false
	}
	s.learned[name] = kind
	return true
}

// A target is the field that values of one tag and kind go to, and the other
// one for those that do not fit its kind without loss.
type target struct {
	of    plant.Kind // the kind of the values
	key   []byte     // escaped, with "="
	kind  plant.Kind
	other []byte // values as they come
}

// target decides where values of kind k of tag t go.
func (s *schema) target(t *plant.Tag, k plant.Kind) target {
	name := fieldName(t.Name)
	own := func(kind plant.Kind) []byte { return fieldKey(name + "_" + kind.String()) }
	want, owner, other := signed(k), s.owner(name), own(signed(k))
	if t.Type != plant.KindNone {
		want = signed(t.Type)
	}
	switch {
	case want == owner:
		return target{key: fieldKey(name), kind: want, other: other}
	case want == plant.KindInt && (owner == plant.KindFloat || owner == plant.KindNone):
		return target{key: fieldKey(name), kind: plant.KindFloat, other: other}
	case owner == plant.KindNone && want != plant.KindText:
		return target{key: fieldKey(name), kind: want, other: other}
	}
	return target{key: own(want), kind: want, other: other}
}

// reserved are names that a field may not have: InfluxDB refuses time, a
// field named like a tag cannot be queried beside it, and one marks lines of
// the past.
var reserved = []string{"time", "site", "area", "line", "equipment", backfilledField}

// fieldName is the field's name of a tag's name.
func fieldName(tag string) string {
	name := cleanName(tag)
	if slices.Contains(reserved, name) {
		return name + "_value"
	}
	return name
}

func fieldKey(name string) []byte { return append(appendKey(nil, name), '=') }

// maxExactInt is the largest magnitude up to which a float64 holds every
// integer.
const maxExactInt = 1 << 53

// fit converts v to kind without losing information; it is false when that
// cannot be.
func fit(v plant.Value, kind plant.Kind) (plant.Value, bool) {
	if signed(v.Kind()) == kind {
		return v, true
	}
	if kind == plant.KindFloat && !exactFloat(v) {
		return v, false
	}
	return v.As(kind)
}

func exactFloat(v plant.Value) bool {
	switch v.Kind() {
	case plant.KindInt:
		i, _ := v.Int()
		return -maxExactInt <= i && i <= maxExactInt
	case plant.KindUint:
		return v.Bits() <= maxExactInt
	}
	return true
}
