package structure

import (
	"maps"
	"strings"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
	"andon/collector/opcua/skim"
	"andon/collector/opcua/wire"
)

// defined is a value as a server sends it.
func defined(t testing.TB, v any) *wire.DataValue {
	t.Helper()
	return &wire.DataValue{Variant: opcuatest.Encode(t, ua.MustVariant(v))}
}

// structureField is a scalar field of a definition.
func structureField(name string, typ *ua.NodeID) *ua.StructureField {
	return &ua.StructureField{Name: name, DataType: typ, ValueRank: -1, Description: ua.NewLocalizedText("")}
}

func aDefinition(kind ua.StructureType, fields ...*ua.StructureField) *ua.StructureDefinition {
	return &ua.StructureDefinition{DefaultEncodingID: motorEncoding, BaseDataType: ua.NewNumericNodeID(0, 22), StructureType: kind, Fields: fields}
}

func TestDefinitionsOfTypesAreMadeOut(t *testing.T) {
	number := ua.NewNumericNodeID(0, 6)
	got, ok := DefinitionOf(defined(t, ua.NewExtensionObject(aDefinition(ua.StructureTypeStructure, structureField("speed", number))))).(*ua.StructureDefinition)
	if !ok || len(got.Fields) != 1 || got.Fields[0].Name != "speed" || got.Fields[0].DataType.String() != number.String() {
		t.Errorf("structure: got %+v", got)
	}
	e := &ua.EnumDefinition{Fields: []*ua.EnumField{
		{Value: 0, Name: "Off", DisplayName: ua.NewLocalizedText("Aus"), Description: ua.NewLocalizedText("")},
		{Value: -3, DisplayName: ua.NewLocalizedText("Auto"), Description: ua.NewLocalizedText("")},
	}}
	d, ok := DefinitionOf(defined(t, ua.NewExtensionObject(e))).(*ua.EnumDefinition)
	if want := map[int64]string{0: "Off", -3: "Auto"}; !ok || !maps.Equal(NamesOf(d), want) {
		t.Errorf("enumeration: got %+v, want names %v", d, want)
	}
	for name, v := range map[string]any{"a number": int32(7), "nothing": nil, "another structure": aMotor("M1", 1)} {
		if got := DefinitionOf(defined(t, v)); got != nil {
			t.Errorf("%s: got %+v, want no definition", name, got)
		}
	}
}

func TestNamesOfNumbersAreMadeOutOfProperties(t *testing.T) {
	texts := []*ua.LocalizedText{ua.NewLocalizedText("Off"), ua.NewLocalizedText("Auto")}
	if got, want := NamesIn(defined(t, texts)), map[int64]string{0: "Off", 1: "Auto"}; !maps.Equal(got, want) {
		t.Errorf("EnumStrings: got %v, want %v", got, want)
	}
	values := []*ua.ExtensionObject{
		ua.NewExtensionObject(&ua.EnumValueType{Value: 10, DisplayName: ua.NewLocalizedText("Cleaning"), Description: ua.NewLocalizedText("")}),
		ua.NewExtensionObject(&ua.EnumValueType{Value: -1, DisplayName: ua.NewLocalizedText("Unknown"), Description: ua.NewLocalizedText("")}),
	}
	if got, want := NamesIn(defined(t, values)), map[int64]string{10: "Cleaning", -1: "Unknown"}; !maps.Equal(got, want) {
		t.Errorf("EnumValues: got %v, want %v", got, want)
	}
	if got := NamesIn(defined(t, int32(7))); got != nil {
		t.Errorf("a number: got %v, want no names", got)
	}
}

func TestDefinitionsThatAndonDoesNotKnowAreNotGuessed(t *testing.T) {
	number := ua.NewNumericNodeID(0, 6)
	anyRank := structureField("a", number)
	anyRank.ValueRank = -2
	many := make([]*ua.StructureField, maxOptional+1)
	for i := range many {
		many[i] = structureField("a", number)
		many[i].IsOptional = true
	}
	for want, d := range map[string]*ua.StructureDefinition{
		"rank -2":               aDefinition(ua.StructureTypeStructure, anyRank),
		"more than 32 optional": aDefinition(ua.StructureTypeStructureWithOptionalFields, many...),
		"structure of kind 9":   aDefinition(9),
		"with 10001 fields":     aDefinition(ua.StructureTypeStructure, make([]*ua.StructureField, maxFields+1)...),
	} {
		typ := &Type{}
		err := typ.Define(d, func(n *ua.NodeID) *Type { return BuiltIn(skim.KeyOf(n)) })
		if err == nil || !strings.Contains(err.Error(), want) || typ.IsStructure() {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
}

// FuzzDefinition feeds definitions and values as a server could send them.
func FuzzDefinition(f *testing.F) {
	number, text := ua.NewNumericNodeID(0, 6), ua.NewNumericNodeID(0, 12)
	body := []byte{1, 0, 0, 0, 3, 0, 0, 0, 'R', 'U', 'N', 1, 2, 3, 4}
	for _, kind := range []ua.StructureType{0, 1, 2, 3, 4} {
		d := aDefinition(kind, structureField("a", number), structureField("b", text), structureField("c", motorEncoding))
		d.Fields[1].IsOptional, d.Fields[2].ValueRank = true, 1
		f.Add(opcuatest.Encode(f, ua.MustVariant(ua.NewExtensionObject(d))), body)
	}
	f.Add(opcuatest.Encode(f, ua.MustVariant([]*ua.LocalizedText{ua.NewLocalizedText("Off")})), body)
	f.Add(opcuatest.Encode(f, ua.MustVariant([]*ua.ExtensionObject{ua.NewExtensionObject(&ua.EnumValueType{DisplayName: ua.NewLocalizedText("x"), Description: ua.NewLocalizedText("")})})), body)
	f.Fuzz(func(t *testing.T, b, body []byte) {
		var v wire.DataValue
		value := append([]byte{ua.DataValueValue}, b...)
		if _, err := v.Read(value); err != nil {
			return
		}
		NamesIn(&v)
		d, ok := DefinitionOf(&v).(*ua.StructureDefinition)
		if !ok {
			return
		}
		typ := &Type{}
		if typ.Define(d, func(n *ua.NodeID) *Type {
			if b := BuiltIn(skim.KeyOf(n)); b != nil {
				return b
			}
			return typ
		}) != nil {
			return
		}
		typ.AllowSubtypes(d)
		m := walker{Skimmer: skim.Skimmer{Bytes: body}}
		m.structure(typ, 0)
		for _, x := range typ.fields[:min(len(typ.fields), 10)] {
			_, _ = spot{kind: ua.TypeIDExtensionObject, typ: typ, bare: true, body: body}.field(x.name)
		}
	})
}
