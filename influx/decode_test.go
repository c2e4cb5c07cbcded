package influx

import (
	"testing"

	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"andon/plant"
)

// A decoded is one line as the decoder of line protocol reads it.
type decoded struct {
	Measurement string
	Tags        map[string]string
	Fields      map[string]string // values in their line protocol form
	Time        int64
}

// decodeLines fails the test unless every line of b parses.
func decodeLines(t *testing.T, b []byte) []decoded {
	t.Helper()
	var lines []decoded
	dec := lineprotocol.NewDecoderWithBytes(b)
	for dec.Next() {
		lines = append(lines, decodeLine(t, dec, b))
	}
	return lines
}

func decodeLine(t *testing.T, dec *lineprotocol.Decoder, b []byte) decoded {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Fatalf("decode %q: %v", b, err)
		}
	}
	measurement, err := dec.Measurement()
	must(err)
	d := decoded{Measurement: string(measurement), Tags: map[string]string{}, Fields: map[string]string{}}
	for {
		key, value, err := dec.NextTag()
		must(err)
		if key == nil {
			break
		}
		d.Tags[string(key)] = string(value)
	}
	for {
		key, value, err := dec.NextField()
		must(err)
		if key == nil {
			break
		}
		if _, twice := d.Fields[string(key)]; twice {
			t.Fatalf("field %q twice in %q", key, b)
		}
		d.Fields[string(key)] = value.String()
		if value.Kind() == lineprotocol.String {
			d.Fields[string(key)] = value.StringV()
		}
	}
	at, err := dec.Time(lineprotocol.Nanosecond, plant.Instant(0).Time())
	must(err)
	d.Time = at.UnixNano()
	return d
}
