package mqtt

import (
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A trickle is a connection on which something has always come.
type trickle struct {
	net.Conn
	bytes int
}

func (c *trickle) Read(p []byte) (int, error) { return min(len(p), c.bytes), nil }

func TestConnectionPausesBetweenReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			name  string
			bytes int
			hurry bool
			want  time.Duration // for three reads
		}{{"one by one", 1, false, 2 * readPause}, {"the broker waits", 1, true, 0}, {"more than fits", 1 << 20, false, 0}} {
			hurry := &atomic.Bool{}
			hurry.Store(c.hurry)
			p := newPatient(&trickle{bytes: c.bytes}, hurry)
			began := time.Now()
			for range 3 {
				if _, err := p.Read(make([]byte, 100)); err != nil {
					t.Fatal(err)
				}
			}
			if got := time.Since(began); got != c.want {
				t.Errorf("%s: three reads took %v, want %v", c.name, got, c.want)
			}
			time.Sleep(time.Second)
			began = time.Now()
			if _, err := p.Read(make([]byte, 100)); err != nil || time.Since(began) != 0 {
				t.Errorf("%s: read after a rest took %v with error %v, want it at once", c.name, time.Since(began), err)
			}
		}
	})
}

func TestPausingConnectionIsReadToTheLastByte(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	raw, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	broker, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	p := newPatient(raw, &atomic.Bool{})
	defer p.Close()
	if p.raw == nil {
		t.Error("TCP connection: the operating system cannot be told how much to report")
	}
	for i := range byte(20) {
		if _, err := broker.Write([]byte{i}); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 10)
		if n, err := p.Read(b); err != nil || n != 1 || b[0] != i {
			t.Fatalf("read %d: got % x and error %v, want one byte", i, b[:n], err)
		}
	}
	_ = broker.Close()
	if n, err := p.Read(make([]byte, 10)); n != 0 || err == nil {
		t.Errorf("read after the end: got %d bytes and error %v, want the end", n, err)
	}
}
