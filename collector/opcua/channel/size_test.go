package channel

import (
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uacp"
)

// A small controller takes requests in small chunks and answers in large ones.
// What it says of requests is no bound of its answers.
func TestAServersBoundsOfRequestsAreNotThoseOfItsAnswers(t *testing.T) {
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	hello := make(chan *uacp.Hello, 1)
	go func() {
		defer close(hello)
		tcp, err := l.AcceptTCP()
		if err != nil {
			return
		}
		defer tcp.Close()
		c, err := uacp.NewConn(tcp, uacp.DefaultServerACK)
		if err != nil {
			return
		}
		b, err := c.Receive()
		if err != nil {
			return
		}
		h := new(uacp.Hello)
		if _, err := h.Decode(b[8:]); err == nil {
			hello <- h
		}
		_ = c.Send("ACKF", &uacp.Acknowledge{ReceiveBufSize: 8192, SendBufSize: 65535, MaxMessageSize: 16384, MaxChunkCount: 2})
	}()
	c, link := &Channel{}, &Link{}
	defer link.Shutdown()
	o := Options{Address: "opc.tcp://" + l.Addr().String(), Endpoint: &ua.EndpointDescription{SecurityPolicyURI: ua.SecurityPolicyURINone}}
	if err := c.dial(t.Context(), link.dialer(time.Minute, o.largest()), o); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if h := <-hello; h == nil || h.MaxMessageSize != LargestMessage || h.MaxChunkCount != 0 {
		t.Errorf("hello: got %+v, want one that says 64 MiB in any number of chunks", h)
	}
	if got := c.conn; got.ReceiveBufSize() != 65535 || got.SendBufSize() != 8192 || got.MaxMessageSize() != LargestMessage || int(got.MaxChunkCount())*65535 < LargestMessage {
		t.Errorf("got chunks of %d bytes taken and %d sent, messages of %d in %d chunks", got.ReceiveBufSize(), got.SendBufSize(), got.MaxMessageSize(), got.MaxChunkCount())
	}
	if got := c.Room(); got != 8192-chunkOverhead {
		t.Errorf("room of a request: got %d, want that of a chunk that both take", got)
	}
}

func TestWhatIsTooLargeIsKnownByItsStatusOrItsText(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want ua.StatusCode
	}{
		"nothing":                 {nil, ua.StatusOK},
		"another fault":           {ua.StatusBadNodeIDUnknown, ua.StatusOK},
		"an answer, by a server":  {fmt.Errorf("browse: %w", ua.StatusBadResponseTooLarge), ua.StatusBadResponseTooLarge},
		"too many nodes":          {ua.StatusBadTooManyOperations, ua.StatusBadTooManyOperations},
		"an answer, by gopcua":    {fmt.Errorf("browse: %w", errors.New("opcua: message too large: 2466396 > 2097152")), ua.StatusBadResponseTooLarge},
		"too many chunks, by it":  {errors.New("opcua: too many chunks: 513 > 512"), ua.StatusBadResponseTooLarge},
		"a connection that ended": {net.ErrClosed, ua.StatusOK},
	} {
		if got := TooLarge(c.err); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
