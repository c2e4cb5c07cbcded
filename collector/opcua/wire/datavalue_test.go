package wire

import (
	"encoding/binary"
	"math"
	"testing"
	"time"
)

func TestATimeIsTheOneThatWasSent(t *testing.T) {
	for ticks, want := range map[uint64]time.Time{
		0:                         {},
		1:                         time.Date(1601, 1, 1, 0, 0, 0, 100, time.UTC),
		116_444_736_000_000_000:   time.Unix(0, 0).UTC(),
		134_168_832_000_000_000:   time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC),
		250_000_000_000_000_000:   time.Date(2393, 3, 21, 20, 26, 40, 0, time.UTC),
		2_650_467_743_990_000_000: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		math.MaxInt64:             time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		math.MaxUint64:            {},
		1 << 63:                   {},
	} {
		if got := dateTime(binary.LittleEndian.AppendUint64(nil, ticks)); !got.Equal(want) {
			t.Errorf("%d: got %v, want %v", ticks, got, want)
		}
	}
}
