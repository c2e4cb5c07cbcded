package structure

import (
	"fmt"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/skim"
	"andon/collector/opcua/wire"
)

const (
	// maxFields bounds the fields of a structure and the names of an
	// enumeration.
	maxFields = 10_000
	// maxOptional is how many optional fields a structure may have: there are
	// as many bits that say which are there.
	maxOptional = 32
)

// BuiltIn returns a data type of namespace 0 whose values are encoded as those of a
// built-in one, nil for any other (OPC 10000-6, 5.1.2).
func BuiltIn(key skim.NodeKey) *Type {
	if key.Namespace != 0 || key.Text != "" {
		return nil
	}
	t := &Type{ID: key.String()}
	switch n := key.Number; n {
	case 0, id.BaseDataType, id.Number, id.Integer, id.UInteger:
		t.Kind = ua.TypeIDVariant
	case id.Enumeration:
		t.Kind = ua.TypeIDInt32
	default:
		if n > uint32(ua.TypeIDDiagnosticInfo) {
			return nil
		}
		t.Kind = ua.TypeID(n)
	}
	return t
}

// DefinitionOf makes out a DataTypeDefinition: a pointer to one of gopcua's
// StructureDefinition and EnumDefinition, nil when there is none.
func DefinitionOf(v *wire.DataValue) any {
	switch key, body := v.Structure(); key {
	case skim.NodeKey{Number: id.StructureDefinition_Encoding_DefaultBinary}:
		return wire.DecodeInto(body, new(ua.StructureDefinition))
	case skim.NodeKey{Number: id.EnumDefinition_Encoding_DefaultBinary}:
		return wire.DecodeInto(body, new(ua.EnumDefinition))
	}
	return nil
}

// structuresOf returns the structures of one type in an array.
func structuresOf(v *wire.DataValue, encoding uint32) [][]byte {
	if len(v.Variant) == 0 || v.Variant[0] != byte(ua.TypeIDExtensionObject)|ua.VariantArrayValues {
		return nil
	}
	var list [][]byte
	m := skim.Skimmer{Bytes: v.Variant, Pos: 1}
	for n := m.Length(); n > 0 && m.Err == nil && len(list) < maxFields; n-- {
		key, body, err := skim.ExtensionObject(v.Variant[m.Pos:])
		if err == nil && key == (skim.NodeKey{Number: encoding}) {
			list = append(list, body)
		}
		m.Value(ua.TypeIDExtensionObject, 0)
	}
	return list
}

// NamesOf returns the names in the definition of an enumeration, by their numbers.
func NamesOf(d *ua.EnumDefinition) map[int64]string {
	names := make(map[int64]string, min(len(d.Fields), maxFields))
	for _, f := range d.Fields[:min(len(d.Fields), maxFields)] {
		switch {
		case f.Name != "":
			names[f.Value] = f.Name
		case f.DisplayName != nil:
			names[f.Value] = f.DisplayName.Text
		}
	}
	return names
}

// NamesIn returns the names in a property EnumStrings or EnumValues, by their
// numbers; nil when there are none.
func NamesIn(v *wire.DataValue) map[int64]string {
	names := map[int64]string{}
	for _, b := range structuresOf(v, id.EnumValueType_Encoding_DefaultBinary) {
		if e, ok := wire.DecodeInto(b, new(ua.EnumValueType)).(*ua.EnumValueType); ok && e.DisplayName != nil {
			names[e.Value] = e.DisplayName.Text
		}
	}
	if d := v.Decoded(); d.Value != nil {
		if texts, ok := d.Value.Value().([]*ua.LocalizedText); ok {
			for i, t := range texts[:min(len(texts), maxFields)] {
				names[int64(i)] = t.Text
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	return names
}

// Define makes a structure of t. Of returns the type of a field, of which more may
// become known later. On an error, a definition that andon does not know, t stays
// as it was.
func (t *Type) Define(d *ua.StructureDefinition, of func(*ua.NodeID) *Type) error {
	layouts := map[ua.StructureType]layout{
		ua.StructureTypeStructure:                   layoutPlain,
		ua.StructureTypeStructureWithOptionalFields: layoutOptional,
		ua.StructureTypeUnion:                       layoutUnion,
		ua.StructureTypeStructureWithSubtypedValues: layoutPlain,
		ua.StructureTypeUnionWithSubtypedValues:     layoutUnion,
	}
	l, known := layouts[d.StructureType]
	if !known || len(d.Fields) > maxFields {
		return fmt.Errorf("structure of kind %d with %d fields: not known", d.StructureType, len(d.Fields))
	}
	fields := make([]member, len(d.Fields))
	bits := 0
	for i, f := range d.Fields {
		x := member{name: f.Name, bit: -1, typ: of(f.DataType)}
		switch {
		case f.ValueRank >= 1 && f.ValueRank <= maxDimensions:
			x.rank = int(f.ValueRank)
		case f.ValueRank != -1:
			return fmt.Errorf("field %s of rank %d: not known", f.Name, f.ValueRank)
		}
		if f.IsOptional && l == layoutOptional {
			if bits == maxOptional {
				return fmt.Errorf("structure with more than %d optional fields: not known", maxOptional)
			}
			x.bit = int8(bits)
			bits++
		}
		fields[i] = x
	}
	t.Kind, t.layout, t.fields = ua.TypeIDExtensionObject, l, fields
	return nil
}

// AllowSubtypes has the fields of a structure that may hold subtypes of theirs
// encoded as OPC 10000-6, 5.2.6 wants that: with their type.
func (t *Type) AllowSubtypes(d *ua.StructureDefinition) {
	if d.StructureType != ua.StructureTypeStructureWithSubtypedValues && d.StructureType != ua.StructureTypeUnionWithSubtypedValues {
		return
	}
	for i, f := range d.Fields {
		if !f.IsOptional {
			continue
		}
		kind := ua.TypeIDVariant
		if t.fields[i].typ.Kind == ua.TypeIDExtensionObject {
			kind = ua.TypeIDExtensionObject
		}
		t.fields[i].typ = &Type{ID: t.fields[i].typ.ID, Kind: kind}
	}
}
