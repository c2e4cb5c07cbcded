package opcua

import (
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/plant"
)

func TestAValueOfTheHistoryWithoutATimeLeavesADoubt(t *testing.T) {
	noon := time.Now().Add(-time.Hour)
	h, points := newTestHistorian(t, noon)
	f := &filler{historian: h}
	m := &missing{point: points[0], looked: true, next: plant.At(noon), to: plant.At(noon.Add(time.Minute))}
	data := &ua.ExtensionObject{Value: &ua.HistoryData{DataValues: []*ua.DataValue{{EncodingMask: ua.DataValueValue, Value: ua.MustVariant(int32(7))}}}}
	samples := f.take([]*ongoing{{missing: m}}, []*ua.HistoryReadResult{{HistoryData: data}}, m.to)
	if len(samples) > 0 || m.trouble == "" {
		t.Errorf("got samples %v, trouble %q; want none, and that not all could be had", samples, m.trouble)
	}
}
