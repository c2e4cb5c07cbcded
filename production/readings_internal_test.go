package production

import (
	"slices"
	"testing"

	"andon/plant"
)

func TestReadingsOfAnEnergyMeterTakeAboutAByteEach(t *testing.T) {
	var rs []reading
	for i := range int64(2 * blockSize) {
		rs = append(rs, reading{plant.Instant(i) * 1e9, 5e9 + i*20_000}) // 72 kW in watt-hours
	}
	b := pack(rs)
	if got, want := len(b), len(rs)+16; got > want {
		t.Errorf("got %d bytes for %d readings, want up to %d", got, len(rs), want)
	}
	if got, err := unpack(nil, b, len(rs)); err != nil || !slices.Equal(got, rs) {
		t.Errorf("unpacked: got %v, %v; want what was packed", got, err)
	}
	for _, odd := range [][]reading{{{1, -7000}, {2, 7001}}, {{1, 0}}, {{5, 1e15}, {6, -1e6}, {1e9, 0}}} {
		if got, err := unpack(nil, pack(odd), len(odd)); err != nil || !slices.Equal(got, odd) {
			t.Errorf("got %v, %v; want %v", got, err, odd)
		}
	}
}
