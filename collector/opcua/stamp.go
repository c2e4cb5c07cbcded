package opcua

import (
	"fmt"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/wire"
	"andon/plant"
)

// A stamp says which time stamp of a node's values a tag has instead of the
// value itself. A sample has one time of its own; where both that the server
// sends are to be kept, the other one is a tag beside it.
type stamp byte

const (
	noStamp stamp = iota
	sourceStamp
	serverStamp
)

// stampPrefix begins an address of a time stamp of a node's values.
const stampPrefix = "timestamp="

func parseStamp(text string) (stamp, error) {
	for _, s := range []stamp{sourceStamp, serverStamp} {
		if text == s.String() {
			return s, nil
		}
	}
	return noStamp, fmt.Errorf("timestamp %.200q: want source or server", text)
}

// String returns the word that parseStamp reads, "" for none.
func (s stamp) String() string { return [...]string{"", "source", "server"}[s] }

// suits reports whether a tag may be declared of that kind.
func (s stamp) suits(kind plant.Kind) bool {
	return s == noStamp || kind == plant.KindNone || kind == plant.KindText || isWhole(kind)
}

func isWhole(kind plant.Kind) bool { return kind == plant.KindInt || kind == plant.KindUint }

// makeOut makes out a time stamp of v for a tag of that kind. It has the status
// of the value that it belongs to; one that the server does not tell has no
// value.
func (s stamp) makeOut(v *wire.DataValue, kind plant.Kind, r *wire.Reading) {
	*r = wire.Reading{Kind: ua.TypeIDDateTime, Status: v.Status, Source: v.Source, Server: v.Server}
	at := v.Source
	if s == serverStamp {
		at = v.Server
	}
	switch {
	case at.IsZero():
		if r.Status&severityBad == 0 {
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
