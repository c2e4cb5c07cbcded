package mqtttest

import (
	"bufio"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// puback is the type of an acknowledgement (MQTT 3.1.1, 3.4).
const puback = 4

// A Proxy stands between a client and a broker. All methods are safe for
// concurrent use.
type Proxy struct {
	target string
	listen net.Listener
	acks   atomic.Int64
	wg     sync.WaitGroup

	mu    sync.Mutex // guards conns and over
	conns map[net.Conn]bool
	over  bool
}

// StartProxy starts a proxy before b that ends with the test. It does not
// follow TLS.
func StartProxy(t testing.TB, b *Broker) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("start proxy: %v", err)
	}
	p := &Proxy{target: b.Addr(), listen: l, conns: map[net.Conn]bool{}}
	p.wg.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// URL returns where the proxy listens.
func (p *Proxy) URL() string { return "tcp://" + p.listen.Addr().String() }

// Cut ends all connections without goodbye. New ones are taken.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

// Acks returns how many acknowledgements clients have sent.
func (p *Proxy) Acks() int { return int(p.acks.Load()) }

func (p *Proxy) close() {
	p.mu.Lock()
	p.over = true
	p.mu.Unlock()
	_ = p.listen.Close()
	p.Cut()
	p.wg.Wait()
}

func (p *Proxy) accept() {
	for {
		client, err := p.listen.Accept()
		if err != nil {
			return
		}
		broker, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		if !p.hold(client, broker) {
			return
		}
		p.wg.Go(func() { p.countAcks(broker, client) })
		p.wg.Go(func() {
			_, _ = io.Copy(client, broker)
			p.drop(client, broker)
		})
	}
}

// hold notes the connections so that Cut finds them; it is false after close.
func (p *Proxy) hold(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		if p.over {
			_ = c.Close()
			continue
		}
		p.conns[c] = true
	}
	return !p.over
}

func (p *Proxy) drop(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
		delete(p.conns, c)
	}
}

// countAcks copies packet by packet from client to broker.
func (p *Proxy) countAcks(broker, client net.Conn) {
	defer p.drop(client, broker)
	r := bufio.NewReader(client)
	for {
		packet, err := readPacket(r)
		if err != nil {
			return
		}
		if packet[0]>>4 == puback {
			p.acks.Add(1)
		}
		if _, err := broker.Write(packet); err != nil {
			return
		}
	}
}

// readPacket reads one packet as it is (MQTT 3.1.1, 2.2).
func readPacket(r *bufio.Reader) ([]byte, error) {
	kind, err := r.ReadByte()
	if err != nil {
		return nil, err
	}
	packet, length := []byte{kind}, 0
	for shift := 0; shift < 28; shift += 7 {
		b, err := r.ReadByte()
		if err != nil {
			return nil, err
		}
		packet = append(packet, b)
		length |= int(b&0x7f) << shift
		if b < 0x80 {
			break
		}
	}
	body := make([]byte, length)
	_, err = io.ReadFull(r, body)
	return append(packet, body...), err
}
