package channel

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uasc"

	"andon/collector/opcua/opcuatest"
)

// frame makes a message of that type with a body.
func frame(kind string, body []byte) []byte {
	b := append([]byte(kind), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)+len(body)))
	return append(b, body...)
}

// answer is an OpenSecureChannel message with that header.
func answer(t *testing.T, kind, policy string, certificate []byte) []byte {
	t.Helper()
	header, err := uasc.NewAsymmetricSecurityHeader(policy, certificate, make([]byte, 20)).Encode()
	if err != nil {
		t.Fatal(err)
	}
	return frame(kind, append(append(make([]byte, 4), header...), "sealed"...))
}

// guarded starts a guard for a server with that certificate, and returns the
// server's end of its connection.
func guarded(t *testing.T, certificate []byte) (*guard, net.Conn) {
	t.Helper()
	near, far, err := pipe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	g, err := newGuard(t.Context(), near, &ua.EndpointDescription{
		SecurityPolicyURI: ua.SecurityPolicyURIBasic256Sha256, ServerCertificate: certificate})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []net.Conn{far, g.near} {
		c.SetDeadline(time.Now().Add(20 * time.Second))
	}
	t.Cleanup(func() { g.close(); far.Close() })
	return g, far
}

// issued makes a certificate of a server.
func issued(t *testing.T) []byte {
	t.Helper()
	der, _, err := opcuatest.NewCertificate(opcuatest.CertOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestTheGuardPassesEverythingUnchangedButWrongAnswers(t *testing.T) {
	own, other := issued(t), issued(t)
	const policy = ua.SecurityPolicyURIBasic256Sha256
	var good []byte
	for _, b := range [][]byte{
		frame("ACKF", make([]byte, 20)), answer(t, "OPNF", policy, own), frame("MSGC", bytes.Repeat([]byte("chunk"), 50_000)),
		frame("MSGF", make([]byte, 48)), frame("ERRF", []byte("busy")), answer(t, "OPNF", policy, append(bytes.Clone(own), other...)),
	} {
		good = append(good, b...)
	}
	for name, wrong := range map[string][]byte{
		"policy None":              answer(t, "OPNF", ua.SecurityPolicyURINone, nil),
		"policy None, right owner": answer(t, "OPNF", ua.SecurityPolicyURINone, own),
		"a weaker policy":          answer(t, "OPNF", ua.SecurityPolicyURIBasic128Rsa15, own),
		"another certificate":      answer(t, "OPNF", policy, other),
		"in several chunks":        answer(t, "OPNC", policy, own),
		"too large":                frame("OPNF", make([]byte, 70_000)),
		"too short":                frame("OPNF", nil),
		"too short to be signed":   frame("MSGF", make([]byte, 47)),
		"a short end":              frame("CLOF", nil),
		"without a size":           []byte("MSGF\x00\x00\x00\x00"),
	} {
		g, server := guarded(t, own)
		sent := make(chan error, 1)
		go func() {
			_, err := server.Write(append(bytes.Clone(good), wrong...))
			sent <- err
		}()
		got, err := io.ReadAll(g.near)
		if err := <-sent; err != nil {
			t.Errorf("%s: write: %v", name, err)
		}
		if err != nil || !bytes.Equal(got, good) {
			t.Errorf("%s: got %d bytes, error %v; want the %d before it, unchanged", name, len(got), err, len(good))
		}
		g.close()
		if g.refusal() == nil {
			t.Errorf("%s: got no refusal", name)
		}
	}
}

func TestTheGuardPassesOnWhatAndonSaysLast(t *testing.T) {
	g, server := guarded(t, nil)
	want := bytes.Repeat([]byte("close"), 10_000)
	if _, err := g.near.Write(want); err != nil {
		t.Fatal(err)
	}
	g.close()
	got, err := io.ReadAll(server)
	if !bytes.Equal(got, want) {
		t.Errorf("the server got %d bytes, error %v; want %d", len(got), err, len(want))
	}
	if err := g.refusal(); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Errorf("refusal: got %v, want none", err)
	}
}
