package structure

import (
	"errors"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/skim"
	"andon/collector/opcua/wire"
	"andon/plant"
)

// A Knowledge is what a server says of the values of a node. The zero value knows
// nothing, which is enough for elements of arrays. It must not be changed once a
// value was made out with it, and is then safe for concurrent use.
type Knowledge struct {
	Type  *Type            // of the node, nil when that is not known
	Types Types            // of structures, which values of any type may hold
	Names map[int64]string // of its numbers, nil when it has none of its own
}

// MakeOut makes out into r what lies at p in v, for a tag of a kind. For text, what
// a number is called takes its place. A field that a structure leaves out becomes
// BadNoData, an element that is not there an error that makes it
// BadIndexRangeNoData; of a structure that is not known the error is ErrForeign.
func (k *Knowledge) MakeOut(v *wire.DataValue, p Path, kind plant.Kind, r *wire.Reading) {
	*r = wire.Reading{Status: v.Status, Source: v.Source, Server: v.Server}
	s, err := picker{k.Types}.pick(v.Variant, k.Type, p)
	r.Kind = s.kind
	switch {
	case errors.Is(err, skim.ErrAbsent):
		if !plant.Status(r.Status).IsBad() {
			r.Status = ua.StatusBadNoData
		}
		return
	case errors.Is(err, errNoElement):
		r.Bad = ua.StatusBadIndexRangeNoData
	case err == nil && s.rank > 0:
		err = wire.ArrayError(s.kind)
	}
	if r.Err = err; err == nil && s.kind != ua.TypeIDNull {
		r.Value, r.Err = wire.ScalarOf(s.kind, s.body)
	}
	if kind == plant.KindText {
		r.Value = k.named(r.Value, s.typ)
	}
}

// named returns the name of a number, or v when it has none.
func (k *Knowledge) named(v plant.Value, typ *Type) plant.Value {
	names := k.Names
	if typ != nil && typ.Names != nil {
		names = typ.Names
	}
	if kind := v.Kind(); names == nil || kind != plant.KindInt && kind != plant.KindUint {
		return v
	}
	if n, ok := v.Int(); ok && names[n] != "" {
		return plant.Text(names[n])
	}
	return v
}
