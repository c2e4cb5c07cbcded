package opcua

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/address"
	"andon/collector/opcua/unit"
)

// unitPause is the wait between two calls that ask for units: they are for
// people, and a server has more to do.
const unitPause = time.Second

// hasUnit reports whether the unit of p's node would be that of its values.
func (p *point) hasUnit() bool {
	return p.tag.Unit != "" && !p.address.Part.HasField() && p.address.Stamp == address.NoStamp
}

// compareUnits tells of tags that are declared in another unit than the server
// has them in. Their values flow, in the server's unit: which of the two is
// wrong only people know.
func (s *Source) compareUnits(ctx context.Context, x *session, out *output) error {
	var list []*point
	for _, p := range s.points() {
		if p.hasUnit() {
			list = append(list, p)
		}
	}
	for part := range slices.Chunk(list, browseBatch) {
		if err := s.compareSome(ctx, x, out, part); err != nil {
			return err
		}
		if !sleep(ctx, unitPause) {
			return nil
		}
	}
	return nil
}

func (s *Source) compareSome(ctx context.Context, x *session, out *output, list []*point) error {
	var points []*point
	var nodes []*ua.NodeID
	for _, p := range list {
		if node, err := x.node(p); err == nil {
			points, nodes = append(points, p), append(nodes, node)
		}
	}
	if len(nodes) == 0 {
		return nil
	}
	values, err := x.propertyValues(ctx, nodes, "EngineeringUnits")
	if err != nil {
		return err
	}
	for i, p := range points {
		text := ""
		if values[i] != nil {
			if eu := unit.Of(values[i]); eu != nil && unit.Differs(p.tag.Unit, eu) {
				text = fmt.Sprintf("the server has it in %s, the tag's unit is %s", unit.Text(eu), p.tag.Unit)
			}
		}
		s.noteWarning(out.status, p, cmp.Or(text, p.doubt(x)))
	}
	return nil
}
