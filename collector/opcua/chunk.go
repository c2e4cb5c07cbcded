package opcua

import "github.com/gopcua/opcua/uacp"

const (
	// leastChunk is what every server takes at least (OPC 10000-6, 6.7.2).
	leastChunk = 8192
	// chunkOverhead is what a chunk holds besides the items of a request: the
	// headers of the chunk and of the request, signature and padding.
	chunkOverhead = 512
)

// room returns how many bytes the items of one request may have together. A
// request that fits into one chunk is the most that some servers take, and
// what encryption by any stack is sure to bear.
func (x *session) room() int {
	size := min(x.channel.ChunkSize(), uacp.DefaultSendBufSize)
	return max(size, leastChunk) - chunkOverhead
}
