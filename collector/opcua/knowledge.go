package opcua

import (
	"errors"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/skim"
	"andon/collector/opcua/wire"
	"andon/plant"
)

// A knowledge is what a server says of the values of a node.
type knowledge struct {
	typ   *dataType
	types types
	names map[int64]string // of its numbers, nil when it has none of its own
}

// named returns the name of a number, or v when it has none.
func (k *knowledge) named(v plant.Value, typ *dataType) plant.Value {
	names := k.names
	if typ != nil && typ.names != nil {
		names = typ.names
	}
	if kind := v.Kind(); names == nil || kind != plant.KindInt && kind != plant.KindUint {
		return v
	}
	if n, ok := v.Int(); ok && names[n] != "" {
		return plant.Text(names[n])
	}
	return v
}

// makeOut makes out what lies at p in v. Where a tag is of kind text, what a number
// is called takes its place.
func (k *knowledge) makeOut(v *wire.DataValue, p part, kind plant.Kind, r *wire.Reading) {
	*r = wire.Reading{Status: v.Status, Source: v.Source, Server: v.Server}
	s, err := picker{k.types}.pick(v.Variant, k.typ, p)
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
