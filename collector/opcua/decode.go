package opcua

import (
	"errors"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/address"
	"andon/collector/opcua/structure"
	"andon/collector/opcua/wire"
	"andon/plant"
)

// overflowBits mark a value before which the server's queue lost others: info
// type DataValue with Overflow (OPC 10000-4, 7.39.1).
const overflowBits = 0x0480

// A decoder turns data values into samples. Its methods are safe for
// concurrent use, except that one point is decoded by one goroutine at a time.
type decoder struct {
	window  TimeWindow
	metrics sourceMetrics
	tell    func(p *point, text string) // notes trouble with a tag, "" when it is over
	learn   func(p *point)              // has more looked up of the type of a tag's values
}

// sample converts a reading of a point that came in at received.
func (d *decoder) sample(p *point, r *wire.Reading, received time.Time) plant.Sample {
	s := plant.Sample{Tag: p.tag, Status: plant.Status(r.Status), Time: d.time(r, received)}
	if uint32(r.Status)&overflowBits == overflowBits {
		d.metrics.overflows.Inc()
	}
	value, err := r.As(p.tag.Type)
	switch {
	case err == nil:
		s.Value = value
	case !s.Status.IsBad() && r.Bad != ua.StatusOK:
		s.Status = plant.Status(r.Bad)
	case !s.Status.IsBad():
		s.Status = plant.BadTypeMismatch
		d.metrics.mismatches.Inc()
	default:
		err = nil // a Bad status says enough
	}
	d.noteMismatch(p, err)
	if err != nil && errors.Is(err, structure.ErrForeign) {
		d.learn(p)
	}
	return s
}

// noteMismatch tells of a value that does not fit when that is news.
func (d *decoder) noteMismatch(p *point, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != p.mismatch {
		p.mismatch = text
		d.tell(p, text)
	}
}

// time picks the time of a sample: the source's, else the server's, else that
// of receipt, which also stands in for times out of the window.
func (d *decoder) time(r *wire.Reading, received time.Time) plant.Instant {
	t := r.Source
	if t.IsZero() {
		t = r.Server
	}
	if t.IsZero() {
		return plant.At(received)
	}
	if t.Before(received.Add(-d.window.Past)) || t.After(received.Add(d.window.Future)) {
		d.metrics.badTimes.Inc()
		return plant.At(received)
	}
	return plant.At(t)
}

// makeOut makes out the value of p in v, which was read for its node, or the time
// stamp that p is of.
func (p *point) makeOut(v *wire.DataValue, r *wire.Reading) {
	if p.address.Stamp != address.NoStamp {
		p.address.Stamp.MakeOut(v, p.tag.Type, r)
		return
	}
	known := p.known.Load()
	if known == nil && p.address.Part == nil || v.IsNull() {
		v.MakeOut(r)
		return
	}
	if known == nil {
		known = &structure.Knowledge{}
	}
	known.MakeOut(v, p.address.Part, p.tag.Type, r)
}
