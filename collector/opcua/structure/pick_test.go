package structure

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
	"andon/collector/opcua/skim"
	"andon/collector/opcua/wire"
)

// The binary encodings of the structures that tests use.
var (
	motorEncoding  = ua.NewNumericNodeID(2, 5001)
	optionEncoding = ua.NewNumericNodeID(2, 5002)
	unionEncoding  = ua.NewStringNodeID(2, "Union.Binary")
	treeEncoding   = ua.NewNumericNodeID(2, 300)
	matrixEncoding = ua.NewNumericNodeID(2, 70_000)
)

func scalarType(kind ua.TypeID) *Type { return &Type{ID: kind.String(), Kind: kind} }

func fieldOf(name string, t *Type) member { return member{name: name, bit: -1, typ: t} }

func arrayOf(name string, t *Type, rank int) member {
	return member{name: name, bit: -1, typ: t, rank: rank}
}

// plantTypes are structures of every layout.
func plantTypes() Types {
	double, text, number := scalarType(ua.TypeIDDouble), scalarType(ua.TypeIDString), scalarType(ua.TypeIDInt32)
	point := &Type{ID: "Point", Kind: ua.TypeIDExtensionObject, layout: layoutPlain, fields: []member{fieldOf("x", number), fieldOf("y", number)}}
	mode := &Type{ID: "Mode", Kind: ua.TypeIDInt32, Names: map[int64]string{0: "Off", 1: "Auto"}}
	motor := &Type{ID: "Motor", Kind: ua.TypeIDExtensionObject, layout: layoutPlain, fields: []member{
		fieldOf("name", text), arrayOf("temps", double, 1), arrayOf("path", point, 1), fieldOf("home", point), fieldOf("mode", mode), fieldOf("speed", double),
		fieldOf("any", scalarType(ua.TypeIDVariant)), fieldOf("extra", scalarType(ua.TypeIDExtensionObject)),
	}}
	option := &Type{ID: "Option", Kind: ua.TypeIDExtensionObject, layout: layoutOptional, fields: []member{
		{name: "low", bit: 0, typ: number}, fieldOf("set", number), {name: "high", bit: 1, typ: number},
	}}
	union := &Type{ID: "Union", Kind: ua.TypeIDExtensionObject, layout: layoutUnion, fields: []member{fieldOf("number", number), fieldOf("text", text), fieldOf("place", point)}}
	tree := &Type{ID: "Tree", Kind: ua.TypeIDExtensionObject, layout: layoutPlain}
	tree.fields = []member{fieldOf("value", number), arrayOf("children", tree, 1)}
	matrix := &Type{ID: "Matrix", Kind: ua.TypeIDExtensionObject, layout: layoutPlain, fields: []member{arrayOf("cells", scalarType(ua.TypeIDInt16), 2), fieldOf("sum", number)}}
	return Types{
		skim.KeyOf(motorEncoding): motor, skim.KeyOf(optionEncoding): option, skim.KeyOf(unionEncoding): union, skim.KeyOf(treeEncoding): tree, skim.KeyOf(matrixEncoding): matrix,
	}
}

// aMotor is a structure with one of everything.
func aMotor(name string, speed float64) *ua.ExtensionObject {
	return opcuatest.Structure(motorEncoding, name, int32(2), 20.5, 21.5, int32(2), int32(1), int32(2), int32(3), int32(4), int32(5), int32(6), int32(1), speed,
		ua.MustVariant([]uint16{7, 8}), opcuatest.Structure(optionEncoding, uint32(2), int32(50), int32(99)))
}

// pickText is what a part of a value is, or why there is none.
func pickText(t *testing.T, v any, path string) (string, error) {
	t.Helper()
	var p Path
	if path != "" {
		var err error
		if p, err = ParsePath(path); err != nil {
			t.Fatal(err)
		}
	}
	s, err := picker{plantTypes()}.pick(opcuatest.Encode(t, ua.MustVariant(v)), nil, p)
	if err != nil {
		return "", err
	}
	if s.rank > 0 {
		return fmt.Sprintf("%d values", s.n), nil
	}
	value, err := wire.ScalarOf(s.kind, s.body)
	if s.typ != nil && err == nil {
		value = (&Knowledge{}).named(value, s.typ)
	}
	return value.String(), err
}

func TestPartsOfValuesAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		v    any
		path string
		want string
	}{
		"an element":                 {[]int32{5, 6, 7}, "[2]", "7"},
		"a text among others":        {[]string{"", "RUN", "STOP"}, "[1]", "RUN"},
		"the last text":              {[]string{"", "RUN", "STOP"}, "[2]", "STOP"},
		"of a matrix":                {[][]int32{{1, 2, 3}, {4, 5, 6}}, "[1,0]", "4"},
		"the last of a cube":         {[][][]int32{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}}, "[1,1,1]", "8"},
		"an array in an array":       {[]*ua.Variant{ua.MustVariant([]int32{1}), ua.MustVariant([]int32{2, 3})}, "[1][0]", "2"},
		"of a boolean array":         {[]bool{false, true}, "[1]", "true"},
		"a localized text":           {[]*ua.LocalizedText{ua.NewLocalizedText("Halt"), ua.NewLocalizedText("Lauf")}, "[1]", "Lauf"},
		"a field":                    {aMotor("M1", 1500), "speed", "1500"},
		"the first field":            {aMotor("M1", 1500), "name", "M1"},
		"of an array in a structure": {aMotor("M1", 1500), "temps[1]", "21.5"},
		"of a structure in it":       {aMotor("M1", 1500), "home.y", "6"},
		"of structures in it":        {aMotor("M1", 1500), "path[1].x", "3"},
		"a name of an enumeration":   {aMotor("M1", 1500), "mode", "Auto"},
		"in a variant in it":         {aMotor("M1", 1500), "any[1]", "8"},
		"in an object in it":         {aMotor("M1", 1500), "extra.high", "99"},
		"of structures in an array":  {[]*ua.ExtensionObject{aMotor("M1", 1), aMotor("M2", 2), aMotor("M3", 3)}, "[2].speed", "3"},
		"a field that is always":     {opcuatest.Structure(optionEncoding, uint32(0), int32(50)), "set", "50"},
		"after one that is missing":  {opcuatest.Structure(optionEncoding, uint32(2), int32(50), int32(99)), "high", "99"},
		"the one of a union":         {opcuatest.Structure(unionEncoding, uint32(2), "RUN"), "text", "RUN"},
		"a structure in a union":     {opcuatest.Structure(unionEncoding, uint32(3), int32(8), int32(9)), "place.x", "8"},
		"deep in a tree":             {opcuatest.Structure(treeEncoding, int32(1), int32(2), int32(2), int32(0), int32(3), int32(1), int32(4), int32(0)), "children[1].children[0].value", "4"},
		"of a matrix in a structure": {opcuatest.Structure(matrixEncoding, int32(2), int32(2), int32(3), int16(1), int16(2), int16(3), int16(4), int16(5), int16(6), int32(21)), "cells[1,2]", "6"},
		"after a matrix":             {opcuatest.Structure(matrixEncoding, int32(2), int32(2), int32(3), int16(1), int16(2), int16(3), int16(4), int16(5), int16(6), int32(21)), "sum", "21"},
		"in a data value":            {&ua.DataValue{EncodingMask: ua.DataValueValue, Value: ua.MustVariant(7.5)}, "", "7.5"},
	} {
		if got, err := pickText(t, c.v, c.path); err != nil || got != c.want {
			t.Errorf("%s: got %q, error %v, want %q", name, got, err, c.want)
		}
	}
}

func TestPartsThatAreNotThereSaySo(t *testing.T) {
	for name, c := range map[string]struct {
		v    any
		path string
		want string // in the error
		is   error
	}{
		"beyond the end":            {[]int32{5, 6}, "[2]", "array of 2", errNoElement},
		"of an empty array":         {[]int32{}, "[0]", "array of 0", errNoElement},
		"beyond a column":           {[][]int32{{1, 2}, {3, 4}}, "[0,2]", "array of 2", errNoElement},
		"one index of a matrix":     {[][]int32{{1, 2}, {3, 4}}, "[1]", "2 dimensions", nil},
		"two of an array":           {[]int32{1, 2}, "[1,0]", "1 dimensions", nil},
		"an index into a number":    {int32(7), "[0]", "want an array", nil},
		"a field of a number":       {int32(7), "speed", "want a structure", nil},
		"a field of an array":       {[]int32{1}, "speed", "want an index before", nil},
		"no such field":             {aMotor("M1", 1), "torque", "want one of name, temps, path, home, mode, speed, any, extra", nil},
		"a field left out":          {opcuatest.Structure(optionEncoding, uint32(2), int32(50), int32(99)), "low", "", skim.ErrAbsent},
		"another one of a union":    {opcuatest.Structure(unionEncoding, uint32(2), "RUN"), "number", "", skim.ErrAbsent},
		"of an empty union":         {opcuatest.Structure(unionEncoding, uint32(0)), "number", "", skim.ErrAbsent},
		"an unknown type":           {opcuatest.Structure(ua.NewNumericNodeID(2, 4711), int32(1)), "speed", "ns=2;i=4711", nil},
		"too few bytes":             {opcuatest.Structure(motorEncoding, "M1"), "name", "not as its type Motor", ErrForeign},
		"too many bytes":            {opcuatest.Structure(optionEncoding, uint32(0), int32(50), int32(51)), "set", "12 bytes, of which its definition knows 8", nil},
		"a field that no union has": {opcuatest.Structure(unionEncoding, uint32(9), int32(1)), "number", "field 9 of 3", nil},
	} {
		got, err := pickText(t, c.v, c.path)
		if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: got %q, error %v, want one with %q", name, got, err, c.want)
		}
	}
}

func TestDimensionsThatClaimMoreThanThereIsGiveNothing(t *testing.T) {
	b := append([]byte{0xc0 | byte(ua.TypeIDInt32)}, opcuatest.Words(2, 7, 8, 2, 1<<16, 1<<16)...)
	for path, want := range map[string]string{"[0,1]": "8", "[0,2]": "", "[60000,60000]": ""} {
		p, err := ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		s, err := picker{}.pick(b, nil, p)
		switch {
		case want == "" && !errors.Is(err, errNoElement):
			t.Errorf("%s: got error %v, want %v", path, err, errNoElement)
		case want != "" && (err != nil || plainText(s) != want):
			t.Errorf("%s: got error %v, want %s", path, err, want)
		}
	}
}

func plainText(s spot) string {
	v, _ := wire.ScalarOf(s.kind, s.body)
	return v.String()
}

func TestATypeThatHoldsItselfEndsSomewhere(t *testing.T) {
	loop := &Type{ID: "Loop", Kind: ua.TypeIDExtensionObject, layout: layoutPlain}
	loop.fields = []member{fieldOf("a", loop), fieldOf("b", loop)}
	wide := &Type{ID: "0", Kind: ua.TypeIDExtensionObject, layout: layoutPlain}
	for i := range 60 { // 2 to the power of 60 structures without a byte
		wide = &Type{ID: fmt.Sprint(i), Kind: ua.TypeIDExtensionObject, layout: layoutPlain, fields: []member{fieldOf("a", wide), fieldOf("b", wide)}}
	}
	for name, c := range map[string]struct {
		typ  *Type
		want error
	}{"itself": {loop, skim.ErrTooDeep}, "many that take no bytes": {wide, errTooMuchWork}} {
		k := picker{Types{skim.KeyOf(motorEncoding): c.typ}}
		_, err := k.pick(opcuatest.Encode(t, ua.MustVariant(opcuatest.Structure(motorEncoding, int32(1)))), nil, Path{{Field: "a"}})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got error %v, want %v", name, err, c.want)
		}
	}
}

// FuzzPick feeds values as a server could send them to every kind of part.
func FuzzPick(f *testing.F) {
	paths := []string{"[0]", "[1,0]", "speed", "extra.high", "path[1].x", "[1].speed", "text", "children[1].children[0].value", "cells[1,2]", "any[1]", "[1][0]"}
	for i := range paths {
		for _, v := range append([]any{aMotor("M1", 1), []*ua.ExtensionObject{aMotor("M1", 1), aMotor("M2", 2)}, [][]int32{{1, 2}, {3, 4}},
			opcuatest.Structure(unionEncoding, uint32(2), "RUN"), opcuatest.Structure(treeEncoding, int32(1), int32(1), int32(2), int32(0)),
			opcuatest.Structure(matrixEncoding, int32(2), int32(1), int32(1), int16(1), int32(21))}, opcuatest.EveryType()...) {
			f.Add(opcuatest.Encode(f, ua.MustVariant(v)), uint8(i))
		}
	}
	k := picker{plantTypes()}
	f.Fuzz(func(t *testing.T, b []byte, path uint8) {
		p, err := ParsePath(paths[int(path)%len(paths)])
		if err != nil {
			t.Fatal(err)
		}
		before := bytes.Clone(b)
		s, err := k.pick(b, nil, p)
		if !bytes.Equal(b, before) {
			t.Fatal("the value was changed")
		}
		if err == nil && s.rank == 0 && s.kind != ua.TypeIDNull {
			_, _ = wire.ScalarOf(s.kind, s.body)
		}
	})
}
