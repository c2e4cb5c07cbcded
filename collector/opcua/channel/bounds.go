package channel

import (
	"fmt"

	"github.com/gopcua/opcua/uacp"
)

// The buffers that a server may have, in bytes: from what the newest standard
// asks of small ones (OPC 10000-6, 7.1.2.3) to more than andon offers.
const (
	smallestBuffer = 1 << 10
	largestBuffer  = 1 << 20
)

// LargestMessage bounds what a server may send in one message, in bytes, and is
// told to it. Memory is taken only for what it does send. It is room for a
// notification of 1,000 arrays of 8,000 numbers.
const LargestMessage = 64 << 20

// takeOver bounds what is sent and received by what was agreed with the server,
// and the messages that are received by largest bytes.
// What it says of the size of messages is of those that it receives (OPC 10000-6,
// 7.1.2.4). gopcua holds its answers to that, so it gets bounds of andon's own.
// And it takes the chunks that the server receives for those that it sends.
// It also makes whatever buffers it is told, of which a small one ends the
// whole process: such a server is refused.
func (c *Channel) takeOver(agreed *uacp.Conn, largest uint32) error {
	near, far := agreed.ReceiveBufSize(), agreed.SendBufSize()
	for _, size := range []uint32{near, far} {
		if size < smallestBuffer || size > largestBuffer {
			return fmt.Errorf("the server has buffers of %d bytes, want %d to %d", size, smallestBuffer, largestBuffer)
		}
	}
	c.room = int(min(near, far, uacp.DefaultSendBufSize))
	if most := agreed.MaxMessageSize(); most >= smallestBuffer { // less is nonsense: no session could be made
		c.room = int(min(uint32(c.room), most))
	}
	receive := max(near, far)
	var err error
	c.conn, err = uacp.NewConn(agreed.TCPConn, &uacp.Acknowledge{
		ReceiveBufSize: receive,
		SendBufSize:    min(near, far),
		MaxMessageSize: largest,
		// Each waits in a buffer of its own, and they may be half empty.
		MaxChunkCount: 2*(largest/receive) + 2,
	})
	return err
}
