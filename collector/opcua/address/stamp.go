package address

import (
	"fmt"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/wire"
	"andon/plant"
)

// A Stamp says which time stamp of a node's values a tag has instead of the
// value itself. A sample has one time of its own; where both that the server
// sends are to be kept, the other one is a tag beside it.
type Stamp byte

// The stamps that there are.
const (
	NoStamp     Stamp = iota // the value itself
	SourceStamp              // of the source
	ServerStamp              // of the server
)

// StampPrefix begins an address of a time stamp of a node's values.
const StampPrefix = "timestamp="

func parseStamp(text string) (Stamp, error) {
	for _, s := range []Stamp{SourceStamp, ServerStamp} {
		if text == s.String() {
			return s, nil
		}
	}
	return NoStamp, fmt.Errorf("timestamp %.200q: want source or server", text)
}

// String returns the word that stands in an address, "" for none.
func (s Stamp) String() string { return [...]string{"", "source", "server"}[s] }

// Suits reports whether a tag may be declared of that kind.
func (s Stamp) Suits(kind plant.Kind) bool {
	return s == NoStamp || kind == plant.KindNone || kind == plant.KindText || isWhole(kind)
}

func isWhole(kind plant.Kind) bool { return kind == plant.KindInt || kind == plant.KindUint }

// MakeOut makes out into r a time stamp of v, for a tag of that kind: text, or
// nanoseconds since 1970. It has the status of the value that it belongs to; one
// that the server does not tell has no value.
func (s Stamp) MakeOut(v *wire.DataValue, kind plant.Kind, r *wire.Reading) {
	*r = wire.Reading{Kind: ua.TypeIDDateTime, Status: v.Status, Source: v.Source, Server: v.Server}
	at := v.Source
	if s == ServerStamp {
		at = v.Server
	}
	switch {
	case at.IsZero():
		if !plant.Status(r.Status).IsBad() {
			r.Status = ua.StatusBadNoData
		}
	case !isWhole(kind):
		r.Value = wire.DateText(at)
	case !time.Unix(0, at.UnixNano()).Equal(at):
		r.Err = fmt.Errorf("time %s: nanoseconds since 1970 have no number for it", at.Format(time.RFC3339))
	default:
		r.Value = plant.Int(at.UnixNano())
	}
}
