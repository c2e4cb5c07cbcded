package mqtt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// publish returns a PUBLISH packet.
func publish(topic, payload string, qos byte, id uint16) []byte {
	body := binary.BigEndian.AppendUint16(nil, uint16(len(topic)))
	body = append(body, topic...)
	if qos > 0 {
		body = binary.BigEndian.AppendUint16(body, id)
	}
	return framed(typePublish<<4|qos<<1, append(body, payload...))
}

// framed puts the fixed header before body.
func framed(first byte, body []byte) []byte {
	p := []byte{first}
	for n := len(body); ; {
		d := byte(n & 0x7f)
		if n >>= 7; n == 0 {
			return append(append(p, d), body...)
		}
		p = append(p, d|0x80)
	}
}

// cut feeds the pieces to a splitter as a connection does and writes down
// what comes out, one packet a line, and last the error.
func cut(s *splitter, pieces [][]byte) string {
	var out strings.Builder
	for _, piece := range pieces {
		for len(piece) > 0 {
			n := copy(s.room(), piece)
			s.add(n)
			piece = piece[n:]
			for {
				p, ok, err := s.next()
				if err != nil {
					fmt.Fprintln(&out, errors.Is(err, errMalformed), err)
					return out.String()
				}
				if !ok {
					break
				}
				if p.other != nil {
					fmt.Fprintf(&out, "other % x\n", p.other)
					continue
				}
				m := p.message
				fmt.Fprintf(&out, "%s q%d #%d %d %q\n", m.topic, m.qos, m.id, m.size, m.payload)
			}
		}
	}
	return out.String()
}

func single(b []byte) (pieces [][]byte) {
	for i := range b {
		pieces = append(pieces, b[i:i+1])
	}
	return pieces
}

func TestMessagesAreTakenOutOfTheStreamHoweverItIsCut(t *testing.T) {
	retainedAgain := publish("a/b", "old", 1, 9)
	retainedAgain[0] |= 1<<3 | 1
	long := strings.Repeat("x", 300)
	stream := slices.Concat([]byte{0x20, 2, 0, 0}, publish("a/b", "1", 0, 0), publish("a/b", `{"v":2}`, 1, 65535), []byte{0xd0, 0},
		publish("", "", 0, 0), publish("a", "", 1, 9), retainedAgain, publish("q2", "2", 2, 3), publish("long", long, 1, 11), []byte{0x90, 3, 0, 1, 1})
	want := strings.Join([]string{"other 20 02 00 00", `a/b q0 #0 1 "1"`, `a/b q1 #65535 7 "{\"v\":2}"`, "other d0 00", ` q0 #0 0 ""`,
		`a q1 #9 0 ""`, `a/b q1 #9 3 "old"`, `q2 q2 #3 1 "2"`, fmt.Sprintf("long q1 #11 300 %q", long[:maxShown]), "other 90 03 00 01 01", ""}, "\n")
	for name, pieces := range map[string][][]byte{"at once": {stream}, "byte by byte": single(stream), "in two": {stream[:150], stream[150:]}} {
		if got := cut(newSplitter(200), pieces); got != want {
			t.Errorf("%s: got\n%swant\n%s", name, got, want)
		}
	}
}

func TestAcknowledgementsFollowTheQoS(t *testing.T) {
	var b []byte
	for qos, id := range []uint16{7, 0x0102, 0xfffe} {
		b = appendAck(b, message{qos: byte(qos), id: id})
	}
	if want := []byte{0x40, 2, 1, 2, 0x50, 2, 0xff, 0xfe}; !bytes.Equal(b, want) {
		t.Errorf("acknowledgements: got % x, want % x", b, want)
	}
}

func TestPacketThatIsNoMQTTEndsTheStream(t *testing.T) {
	for name, b := range map[string][]byte{
		"length of five bytes":   {0x30, 0x80, 0x80, 0x80, 0x80, 1},
		"QoS 3":                  {0x36, 5, 0, 1, 'a', 0, 1},
		"no topic":               {0x30, 1, 0},
		"topic past the end":     {0x30, 3, 0, 2, 'a'},
		"no room for the id":     {0x32, 3, 0, 1, 'a'},
		"answer of a megabyte":   {0x90, 0x80, 0x80, 0x40},
		"topic longer than that": {0x32, 4, 0xff, 0xff, 'a', 'b'},
	} {
		got := cut(newSplitter(200), [][]byte{b})
		if !strings.HasPrefix(got, "true ") {
			t.Errorf("%s: got %q, want an error", name, got)
		}
	}
}

func TestPayloadThatIsTooLongTakesNoMemory(t *testing.T) {
	s := newSplitter(1000)
	big := publish("a/b", strings.Repeat("x", 3<<20), 1, 5)
	if got, want := cut(s, slices.Collect(slices.Chunk(big, 1500))), fmt.Sprintf("a/b q1 #5 %d %q\n", 3<<20, strings.Repeat("x", maxShown)); got != want {
		t.Errorf("got %.200s, want %.200s", got, want)
	}
	if len(s.buf) != readSize {
		t.Errorf("buffer: got %d bytes, want %d", len(s.buf), readSize)
	}
}

func TestBufferGrowsForALongPacketAndShrinksAgain(t *testing.T) {
	s := newSplitter(1 << 20)
	long := strings.Repeat("x", 1<<20)
	got := cut(s, [][]byte{publish("a", long, 0, 0)})
	if want := fmt.Sprintf("a q0 #0 %d %q\n", 1<<20, long); got != want {
		t.Errorf("got %d bytes, want %d", len(got), len(want))
	}
	if s.room(); len(s.buf) != readSize {
		t.Errorf("buffer afterwards: got %d bytes, want %d", len(s.buf), readSize)
	}
}

func FuzzSplitter(f *testing.F) {
	f.Add(slices.Concat(publish("a/b", "1", 1, 7), []byte{0xd0, 0}, publish("c", strings.Repeat("y", 100), 0, 0)), []byte{1, 3, 200})
	f.Add([]byte{0x30, 0x80, 0x80, 0x80, 0x80}, []byte{2})
	f.Add([]byte{0x32, 0x80, 0x08, 0, 1, 'a'}, []byte{1})
	f.Fuzz(func(t *testing.T, stream, sizes []byte) {
		want := cut(newSplitter(64), [][]byte{stream})
		var pieces [][]byte
		rest := stream
		for i := 0; len(rest) > 0; i++ {
			n := 1
			if len(sizes) > 0 {
				n += int(sizes[i%len(sizes)])
			}
			n = min(n, len(rest))
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		s := newSplitter(64)
		if got := cut(s, pieces); got != want {
			t.Errorf("in pieces: got\n%swant\n%s", got, want)
		}
		if len(s.buf) > s.longest() {
			t.Errorf("buffer: got %d bytes, want at most %d", len(s.buf), s.longest())
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	var stream []byte
	n := 0
	for ; len(stream) < readSize-200; n++ {
		stream = append(stream, publish("northfield/packing/lineA/A3/speed", `{"ts":1772438400123,"value":3600.5}`, 1, uint16(n+1))...)
	}
	s := newSplitter(256 << 10)
	b.ReportAllocs()
	for b.Loop() {
		s.add(copy(s.room(), stream))
		for range n {
			if _, ok, err := s.next(); !ok || err != nil {
				b.Fatal(ok, err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/message")
}
