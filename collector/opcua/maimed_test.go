package opcua_test

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// maimed passes on what goes between andon and a server, and changes what the
// server sends. It returns its URL.
func maimed(t *testing.T, server string, change func(message []byte) []byte) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	t.Cleanup(func() { l.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s, err := net.Dial("tcp", server)
			if err != nil {
				c.Close()
				return
			}
			wg.Go(func() { io.Copy(s, c); s.Close() })
			wg.Go(func() { maim(c, s, change); c.Close() })
		}
	})
	return "opc.tcp://" + l.Addr().String()
}

func maim(to io.Writer, from io.Reader, change func([]byte) []byte) {
	head := make([]byte, 8)
	for {
		if _, err := io.ReadFull(from, head); err != nil {
			return
		}
		message := make([]byte, binary.LittleEndian.Uint32(head[4:]))
		copy(message, head)
		if _, err := io.ReadFull(from, message[len(head):]); err != nil {
			return
		}
		if _, err := to.Write(change(message)); err != nil {
			return
		}
	}
}

func TestAMessageThatIsTooShortForItsSignatureEndsTheSessionAlone(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"Sign", "SignAndEncrypt"} {
		for _, size := range []uint32{16, 32} {
			r := secureRig(t, opcuatest.Options{}, opcuatest.CertOptions{})
			r.config.Security.Mode = mode
			secured := false
			r.config.Endpoint = maimed(t, r.server.Addr(), func(m []byte) []byte {
				// What opens the secure channel is long, what opens the one in the clear short.
				secured = secured || string(m[:3]) == "OPN" && len(m) > 1000
				if secured && string(m[:3]) == "MSG" {
					m = m[:size]
					binary.LittleEndian.PutUint32(m[4:], size)
				}
				return m
			})
			r.add("Energy.kWh", plant.KindFloat, 1.5)
			if err := r.run().fails().Error(); !strings.Contains(err, "too short") {
				t.Errorf("%s, %d bytes: got error %q, want that a message is too short", mode, size, err)
			}
		}
	}
}

func TestAServerThatAnnouncesImpossibleBuffersIsRefused(t *testing.T) {
	t.Parallel()
	for _, size := range []uint32{0, 4, 1 << 31} {
		for name, from := range map[string]int{"when it is asked for its endpoints": 0, "when a channel is opened": 1} {
			r := newRig(t, opcuatest.Options{})
			n := 0
			r.config.Endpoint = maimed(t, r.server.Addr(), func(m []byte) []byte {
				if string(m[:3]) == "ACK" {
					if n >= from {
						binary.LittleEndian.PutUint32(m[12:], size)
					}
					n++
				}
				return m
			})
			r.add("Energy.kWh", plant.KindFloat, 1.5)
			if err := r.run().fails().Error(); !strings.Contains(err, "buffers of") {
				t.Errorf("%d bytes, %s: got error %q, want one about its buffers", size, name, err)
			}
		}
	}
}

// What a server bears of requests says nothing of its answers, and little that is
// of use where it is nonsense.
func TestWhateverAServerSaysThatMessagesMayBeValuesFlow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ size, chunks uint32 }{
		"no size":            {0, 0},
		"one byte":           {1, 100},
		"one chunk":          {1 << 16, 1},
		"a few small ones":   {4096, 4},
		"as large as can be": {1<<32 - 1, 1<<32 - 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, opcuatest.Options{})
			r.bytes = 2 << 20
			r.config.Polled = []opcua.Poll{{Tags: "northfield/packing/lineA/A1/Wave", Interval: time.Second}}
			r.config.Endpoint = maimed(t, r.server.Addr(), func(m []byte) []byte {
				if string(m[:3]) == "ACK" {
					binary.LittleEndian.PutUint32(m[20:], c.size)
					binary.LittleEndian.PutUint32(m[24:], c.chunks)
				}
				return m
			})
			r.config.KeepAlive = 5 * time.Second // the array keeps a busy machine busy for long
			tags := r.addMany(1000)              // whose answers take more than one chunk
			wave := r.addTag("Wave", plant.KindFloat, "part=[0];ns=2;s=LineA.A1.Wave")
			r.server.Add("LineA.A1.Wave", make([]float64, 400_000)) // 3 MB
			r.start()
			r.waitAll(append(tags, wave))
			if got := r.samples(wave)[0].Status; got != plant.Status(ua.StatusBadResponseTooLarge) {
				t.Errorf("an answer of 3 MB: got status %v, want that it is too large", got)
			}
			if got := r.server.Counts().SessionsCreated; got != 1 {
				t.Errorf("sessions: got %d, want 1", got)
			}
		})
	}
}
