package influx_test

import (
	"testing"

	"andon/influx/influxtest"
)

func TestAStreamThatWasMadeAnewIsWrittenFromItsBeginning(t *testing.T) {
	server := influxtest.NewServer(t)
	s := newStream()
	for range 3 {
		s.samples(speeds(t, 0, 1)...)
	}
	// The position is that of a stream which is gone: far past the end.
	if err := s.SavePosition(t.Context(), "influx.packing", 60); err != nil {
		t.Fatal(err)
	}
	w := run(t, s, config(t, server.URL))
	w.written(3)
	w.stop()
	if got := len(server.Lines()); got == 0 || s.saved() != 3 {
		t.Errorf("got %d lines and position %d, want lines and position 3", got, s.saved())
	}
}
