package bus_test

import (
	"errors"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// onLargeDisk makes the streams of the folder reserve what a disk of two
// petabytes has room for.
func (s *site) onLargeDisk(t *testing.T) {
	t.Helper()
	o := &server.Options{}
	if err := o.ProcessConfigString(`accounts { ANDON { jetstream: enabled, users: [{user: a, password: a}] } }`); err != nil {
		t.Fatal(err)
	}
	o.JetStream, o.StoreDir, o.JetStreamMaxStore, o.NoSigs, o.DontListen = true, string(s.config.Dir), 1<<51, true, true
	srv, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	defer srv.WaitForShutdown()
	defer srv.Shutdown()
	nc, err := nats.Connect("", nats.InProcessServer(srv), nats.UserInfo("a", "a"))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	for _, area := range s.tree.Areas {
		x, err := js.Stream(t.Context(), "andon+"+area.Site+"+"+area.Name)
		if err != nil {
			t.Fatal(err)
		}
		c := x.CachedInfo().Config
		c.MaxBytes = 1 << 48
		_, err = js.UpdateStream(t.Context(), c)
		if err = errors.Join(err, nc.Flush()); err != nil {
			t.Fatal(err)
		}
	}
}

// What the streams may get was reserved when the disk had more room. That
// something else filled it keeps nobody from starting andon again.
func TestAStartOnADiskWithLessRoomThanBefore(t *testing.T) {
	s := embedded(t)
	b := s.open(t)
	put(t, b, s.counts("packing/lineA/A1/total", 0, 100))
	closeBus(t, b)
	s.onLargeDisk(t)
	for range 2 { // the second time the streams fit
		b = s.open(t)
		checkCounts(t, readSamples(t, reader(t, b, s.area("packing"), 0), 100), 0, 100)
		closeBus(t, b)
	}
}
