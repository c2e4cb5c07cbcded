package opcua_test

import (
	"crypto/rsa"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uacp"
	"github.com/gopcua/opcua/uapolicy"
	"github.com/gopcua/opcua/uasc"

	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// A middleman stands between andon and the server: it passes discovery on
// unchanged, and answers itself when a secure channel is to be opened.
type middleman struct {
	t        *testing.T
	listener net.Listener
	server   string // address
	der      []byte
	key      *rsa.PrivateKey
	wg       sync.WaitGroup
	heard    chan []byte // messages that andon sent after the channel was open
}

func newMiddleman(t *testing.T, server string) *middleman {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &middleman{t: t, listener: l, server: server, heard: make(chan []byte, 100)}
	m.der, m.key, _ = certificate(t, opcuatest.CertOptions{})
	m.wg.Go(m.run)
	t.Cleanup(func() {
		l.Close()
		m.wg.Wait()
	})
	return m
}

func (m *middleman) url() string { return "opc.tcp://" + m.listener.Addr().String() }

func (m *middleman) run() {
	defer close(m.heard)
	discovery, err := m.listener.Accept()
	if err != nil {
		return
	}
	m.pass(discovery)
	session, err := m.listener.Accept()
	if err != nil {
		return
	}
	defer session.Close()
	session.SetDeadline(time.Now().Add(waitLimit))
	if err := m.attack(session.(*net.TCPConn)); err != nil {
		m.t.Logf("the attack ended: %v", err)
	}
}

// pass hands everything on until andon hangs up.
func (m *middleman) pass(c net.Conn) {
	s, err := net.Dial("tcp", m.server)
	if err != nil {
		m.t.Error(err)
		c.Close()
		return
	}
	var wg sync.WaitGroup
	wg.Go(func() { io.Copy(s, c); s.Close() })
	wg.Go(func() { io.Copy(c, s); c.Close() })
	wg.Wait()
}

// attack answers twice: first with its own certificate, so that its signature
// counts, then with policy None.
func (m *middleman) attack(tcp *net.TCPConn) error {
	c, err := uacp.NewConn(tcp, uacp.DefaultServerACK)
	if err != nil {
		return err
	}
	if _, err := c.Receive(); err != nil { // hello
		return err
	}
	if err := c.Send("ACKF", uacp.DefaultServerACK); err != nil {
		return err
	}
	b, err := c.Receive()
	if err != nil {
		return err
	}
	var open uasc.AsymmetricSecurityHeader
	if _, err := open.Decode(b[12:]); err != nil {
		return err
	}
	victim := open.SenderCertificate
	for i, header := range []*uasc.AsymmetricSecurityHeader{
		uasc.NewAsymmetricSecurityHeader(ua.SecurityPolicyURIBasic256Sha256, m.der, uapolicy.Thumbprint(victim)),
		uasc.NewAsymmetricSecurityHeader(ua.SecurityPolicyURINone, nil, nil),
	} {
		answer, err := m.answer(header, victim, uint32(99-98*i)) // andon's first request has number 1
		if err != nil {
			return err
		}
		if _, err := tcp.Write(answer); err != nil {
			return err
		}
	}
	for {
		b, err := c.Receive()
		if err != nil {
			return err
		}
		m.heard <- b
	}
}

// answer makes a signed and encrypted OpenSecureChannel response (OPC 10000-6,
// 6.7.2).
func (m *middleman) answer(h *uasc.AsymmetricSecurityHeader, victim []byte, request uint32) ([]byte, error) {
	key, err := uapolicy.PublicKey(victim)
	if err != nil {
		return nil, err
	}
	a, err := uapolicy.Asymmetric(ua.SecurityPolicyURIBasic256Sha256, m.key, key)
	if err != nil {
		return nil, err
	}
	msg := &uasc.Message{
		MessageHeader: &uasc.MessageHeader{
			Header:                   uasc.NewHeader(uasc.MessageTypeOpenSecureChannel, uasc.ChunkTypeFinal, 7),
			AsymmetricSecurityHeader: h,
			SequenceHeader:           uasc.NewSequenceHeader(1, request),
		},
		TypeID: ua.NewFourByteExpandedNodeID(0, id.OpenSecureChannelResponse_Encoding_DefaultBinary),
		Service: &ua.OpenSecureChannelResponse{
			ResponseHeader: &ua.ResponseHeader{Timestamp: time.Now(), RequestHandle: request, ServiceDiagnostics: &ua.DiagnosticInfo{}, AdditionalHeader: ua.NewExtensionObject(nil)},
			SecurityToken:  &ua.ChannelSecurityToken{ChannelID: 7, TokenID: 7, CreatedAt: time.Now(), RevisedLifetime: 3600000},
			ServerNonce:    make([]byte, 32),
		},
	}
	chunks, err := msg.EncodeChunks(uacp.DefaultSendBufSize)
	if err != nil {
		return nil, err
	}
	b, head := chunks[0], 12+h.Len()
	padding := a.PlaintextBlockSize() - (len(b)-head+1+a.SignatureLength())%a.PlaintextBlockSize()
	for range padding + 1 {
		b = append(b, byte(padding))
	}
	blocks := (len(b) - head + a.SignatureLength()) / a.PlaintextBlockSize()
	binary.LittleEndian.PutUint32(b[4:], uint32(head+blocks*a.BlockSize()))
	signature, err := a.Signature(b)
	if err != nil {
		return nil, err
	}
	sealed, err := a.Encrypt(append(b[head:len(b):len(b)], signature...))
	return append(b[:head:head], sealed...), err
}

func TestWhoStandsBetweenCannotTalkAndonIntoSendingInTheClear(t *testing.T) {
	t.Parallel()
	r := secureRig(t, opcuatest.Options{Users: map[string]string{"andon": "geheim"}}, opcuatest.CertOptions{})
	m := newMiddleman(t, r.server.Addr())
	r.config.Endpoint = m.url()
	r.config.Auth.Username, r.config.Auth.Password = "andon", "geheim"
	r.add("Energy.kWh", plant.KindFloat, 1.5)
	if err := r.run().fails().Error(); !strings.Contains(err, "stand between") {
		t.Errorf("error: got %q, want one that suspects somebody between", err)
	}
	for b := range m.heard {
		t.Errorf("somebody between heard %d bytes: %q", len(b), b[:min(len(b), 200)])
	}
}
