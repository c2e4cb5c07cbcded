package mqtt

import (
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"andon/collector"
)

// wired returns both ends of a connection: what the library is given, and
// the broker's.
func wired(t *testing.T, k *intake) (*conn, net.Conn) {
	t.Helper()
	ours, brokers := net.Pipe()
	t.Cleanup(func() {
		_ = ours.Close()
		_ = brokers.Close()
	})
	return newConn(ours, k), brokers
}

// sends writes what the broker has to say and then ends the connection.
func sends(t *testing.T, broker net.Conn, packets ...[]byte) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, p := range packets {
			if _, err := broker.Write(p); err != nil {
				return // the reader gave up
			}
		}
		_ = broker.Close()
	}()
	t.Cleanup(func() {
		_ = broker.Close()
		<-done
	})
}

// readAll returns what the library gets to see, and the error at the end.
func readAll(c *conn) (got []byte, err error) {
	b := make([]byte, 3)
	for {
		n, err := c.Read(b)
		got = append(got, b[:n]...)
		if err != nil {
			return got, err
		}
	}
}

var accepted = []byte{0x20, 2, 0, 0}

func TestLibrarySeesEverythingButMessages(t *testing.T) {
	k := newTestIntake(t, 10)
	c, broker := wired(t, k)
	granted, alive := []byte{0x90, 3, 0, 1, 1}, []byte{0xd0, 0}
	sends(t, broker, accepted, publish("x/total", "1", 1, 1), granted, publish("x/total", "2", 1, 2), alive, publish("x/total", "3", 0, 0))
	got, err := readAll(c)
	if want := slices.Concat(accepted, granted, alive); !slices.Equal(got, want) || err == nil {
		t.Errorf("read: got % x and error %v, want % x and the end", got, err, want)
	}
	l := k.inbox.take(nil)
	if got, want := show(l.samples), "total=uint:1 total=uint:2 total=uint:3"; l.messages != 3 || !strings.HasPrefix(got, "total=uint:1@") {
		t.Errorf("messages: got %d and samples %s, want %s", l.messages, got, want)
	}
	if want := []byte{0x40, 2, 0, 1, 0x40, 2, 0, 2}; !slices.Equal(l.acks, want) {
		t.Errorf("acknowledgements: got % x, want % x", l.acks, want)
	}
}

func TestMessageBeforeTheConnectionIsAcceptedIsAnError(t *testing.T) {
	k := newTestIntake(t, 10)
	c, broker := wired(t, k)
	sends(t, broker, publish("x/total", "1", 1, 1), accepted)
	if _, err := readAll(c); !errors.Is(err, errFirst) {
		t.Errorf("read: got error %v, want %v", err, errFirst)
	}
	if l := k.inbox.take(nil); l.messages != 0 {
		t.Errorf("messages: got %d, want none", l.messages)
	}
}

func TestConnectionThatEndsWithinAMessageLeavesWhatWasWhole(t *testing.T) {
	k := newTestIntake(t, 10)
	c, broker := wired(t, k)
	second := publish("x/total", "2", 1, 2)
	sends(t, broker, accepted, publish("x/total", "1", 1, 1), second[:len(second)-1])
	if _, err := readAll(c); err == nil {
		t.Error("read: got no error at the end")
	}
	if l := k.inbox.take(nil); l.messages != 1 || l.unacked() != 1 {
		t.Errorf("got %d messages and %d to acknowledge, want 1 and 1", l.messages, l.unacked())
	}
}

func TestManyMessagesInOneReadDoNotPassTheInboxesBound(t *testing.T) {
	k := newTestIntake(t, 2*maxPass)
	c, broker := wired(t, k)
	var flood []byte
	for range 10 * maxPass {
		flood = append(flood, publish("x/total", "1", 1, 1)...)
	}
	sends(t, broker, accepted, flood)
	done := make(chan error, 1)
	go func() {
		_, err := readAll(c)
		done <- err
	}()
	taken := 0
	for limit := time.After(20 * time.Second); taken < 10*maxPass; {
		select {
		case <-k.inbox.wake:
		case <-limit:
			t.Fatalf("messages: got %d of %d", taken, 10*maxPass)
		}
		l := k.inbox.take(nil)
		if taken += l.messages; l.messages > 3*maxPass {
			t.Errorf("held at once: got %d, want at most %d", l.messages, 3*maxPass)
		}
		k.inbox.await()
	}
	if err := <-done; err == nil {
		t.Error("read: got no error at the end")
	}
}

func TestBugInDecodingEndsTheSessionAndNotTheProgram(t *testing.T) {
	k := newTestIntake(t, 10)
	k.decoder.targets["x/total"] = &target{route: &route{payload: PayloadScalar}, tag: nil}
	c, broker := wired(t, k)
	sends(t, broker, accepted, publish("x/total", "1", 1, 1))
	var bug *collector.Panic
	if _, err := readAll(c); !errors.As(err, &bug) || !errors.As(k.inbox.err, &bug) {
		t.Errorf("read: got error %v and session's end %v, want a panic", err, k.inbox.err)
	}
}

func TestSessionThatIsOverReadsNoMore(t *testing.T) {
	k := newTestIntake(t, 10)
	c, broker := wired(t, k)
	k.inbox.close(nil)
	sends(t, broker, accepted, publish("x/total", "1", 1, 1))
	if got, err := readAll(c); !slices.Equal(got, accepted) || !errors.Is(err, errOver) {
		t.Errorf("read: got % x and error %v, want % x and %v", got, err, accepted, errOver)
	}
}

func TestWritesOfTheLibraryAndOfTheWorkerDoNotMix(t *testing.T) {
	c, broker := wired(t, newTestIntake(t, 10))
	ping, acks := []byte{0xc0, 0}, slices.Repeat([]byte{0x40, 2, 0, 1}, 100)
	const times = 50
	done := make(chan error, 2)
	for _, p := range [][]byte{ping, acks} {
		go func() {
			var err error
			for i := 0; i < times && err == nil; i++ {
				_, err = c.Write(p)
			}
			done <- err
		}()
	}
	s := newSplitter(10)
	pings, acked := 0, 0
	for pings+acked < times+100*times {
		n, err := broker.Read(s.room()[:7])
		if err != nil {
			t.Fatal(err)
		}
		s.add(n)
		for {
			p, ok, err := s.next()
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				break
			}
			switch p.other[0] {
			case 0xc0:
				pings++
			case 0x40:
				acked++
			}
		}
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if pings != times || acked != 100*times {
		t.Errorf("got %d pings and %d acknowledgements, want %d and %d", pings, acked, times, 100*times)
	}
}
