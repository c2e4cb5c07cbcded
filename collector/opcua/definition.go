package opcua

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

// builtIn returns a type of namespace 0 whose values are encoded as those of a
// built-in one, nil for any other (OPC 10000-6, 5.1.2).
func builtIn(key skim.NodeKey) *dataType {
	if key.Namespace != 0 || key.Text != "" {
		return nil
	}
	t := &dataType{id: key.String()}
	switch n := key.Number; n {
	case 0, id.BaseDataType, id.Number, id.Integer, id.UInteger:
		t.kind = ua.TypeIDVariant
	case id.Enumeration:
		t.kind = ua.TypeIDInt32
	default:
		if n > uint32(ua.TypeIDDiagnosticInfo) {
			return nil
		}
		t.kind = ua.TypeID(n)
	}
	return t
}

// definitionOf makes out a DataTypeDefinition: a pointer to one of gopcua's
// StructureDefinition and EnumDefinition, nil when there is none.
func definitionOf(v *wire.DataValue) any {
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

// namesOf are the names in the definition of an enumeration.
func namesOf(d *ua.EnumDefinition) map[int64]string {
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

// namesIn are the names in a property EnumStrings or EnumValues.
func namesIn(v *wire.DataValue) map[int64]string {
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

// define makes a structure of t. Of returns the type of a field.
func (t *dataType) define(d *ua.StructureDefinition, of func(*ua.NodeID) *dataType) error {
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
	t.kind, t.layout, t.fields = ua.TypeIDExtensionObject, l, fields
	return nil
}

// subtyped has the fields of a structure that may hold subtypes of theirs
// encoded as OPC 10000-6, 5.2.6 wants that: with their type.
func (t *dataType) subtyped(d *ua.StructureDefinition) {
	if d.StructureType != ua.StructureTypeStructureWithSubtypedValues && d.StructureType != ua.StructureTypeUnionWithSubtypedValues {
		return
	}
	for i, f := range d.Fields {
		if !f.IsOptional {
			continue
		}
		kind := ua.TypeIDVariant
		if t.fields[i].typ.kind == ua.TypeIDExtensionObject {
			kind = ua.TypeIDExtensionObject
		}
		t.fields[i].typ = &dataType{id: t.fields[i].typ.id, kind: kind}
	}
}
