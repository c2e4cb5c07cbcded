package opcua_test

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

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
