package mqttload

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestPublishOnTheWire(t *testing.T) {
	got := appendPublish(nil, "a/b", 0x0102, []byte("hi"))
	if want := []byte{0x32, 9, 0, 3, 'a', '/', 'b', 1, 2, 'h', 'i'}; !bytes.Equal(got, want) {
		t.Errorf("QoS 1: % x, want % x", got, want)
	}
	got = appendPublish(nil, "a/b", 0, []byte("hi"))
	if want := []byte{0x30, 7, 0, 3, 'a', '/', 'b', 'h', 'i'}; !bytes.Equal(got, want) {
		t.Errorf("QoS 0: % x, want % x", got, want)
	}
}

func TestLongPacketsComeBackWhole(t *testing.T) {
	payload := strings.Repeat("x", 300)
	wire := appendPublish(nil, "topic", 7, []byte(payload))
	kind, body, err := readPacket(bufio.NewReader(bytes.NewReader(wire)), make([]byte, 512))
	if err != nil || kind != typePublish || !strings.HasSuffix(string(body), payload) {
		t.Errorf("read %#x, %d bytes, %v", kind, len(body), err)
	}
	if _, _, err := readPacket(bufio.NewReader(bytes.NewReader(wire)), make([]byte, 16)); err == nil {
		t.Error("a packet larger than the buffer was read")
	}
}

func TestConnectionsShareTheRateExactly(t *testing.T) {
	for _, elapsed := range []time.Duration{0, 5 * time.Millisecond, 333 * time.Millisecond, 18 * time.Second} {
		var sum int64
		for i := range connections {
			sum += share(9_999, elapsed, i)
		}
		if want := int64(9_999) * elapsed.Microseconds() / 1_000_000; sum != want {
			t.Errorf("after %s all connections have to send %d, want %d", elapsed, sum, want)
		}
	}
}

func TestEveryMessageIsASampleOfTheMachinesDay(t *testing.T) {
	all := tags()
	if len(all) != Tags {
		t.Fatalf("%d tags, want %d", len(all), Tags)
	}
	counts := map[string]float64{}
	for at := int64(0); at < 2*cycle; at += 5000 {
		for i := range all {
			var m struct {
				TS    int64
				Value float64
			}
			if err := json.Unmarshal(appendPayload(nil, &all[i], 1772438400000+at, 1772438400000), &m); err != nil || m.TS != 1772438400000+at {
				t.Fatalf("payload of %s: %+v, %v", all[i].topic, m, err)
			}
			switch name := TagNames[all[i].name]; name {
			case "state":
				if m.Value != execute && m.Value != held {
					t.Fatalf("state %v", m.Value)
				}
			case "total", "reject":
				if m.Value < counts[all[i].topic] {
					t.Fatalf("%s goes back to %v", all[i].topic, m.Value)
				}
				counts[all[i].topic] = m.Value
			default:
				if m.Value < 40 || m.Value > 60 {
					t.Fatalf("%s is %v, want 40 to 60", all[i].topic, m.Value)
				}
			}
		}
	}
}
