package channel

import "github.com/gopcua/opcua/ua"

const (
	// leastChunk is what servers take at least, but for the smallest of the
	// newest kind (OPC 10000-6, 6.7.2).
	leastChunk = 8192
	// chunkOverhead is what a chunk holds besides the items of a request: the
	// headers of the chunk and of the request, signature and padding.
	chunkOverhead = 512
)

// LeastRoom is how many bytes the items of one request may have together
// whatever was agreed with the server.
const LeastRoom = leastChunk - chunkOverhead

// Room returns how many bytes the items of one request may have together. A
// request that fits into one chunk is the most that some servers take, and
// what encryption by any stack is sure to bear.
func (c *Channel) Room() int {
	return c.room - chunkOverhead
}

// Fitting returns how many of list, from its front, a request has room for: one
// at least, and none of an empty list. size is how long one is when it is
// encoded, at most.
func Fitting[T any](list []T, room int, size func(T) int) int {
	for i, x := range list {
		room -= size(x)
		if room < 0 && i > 0 {
			return i
		}
	}
	return len(list)
}

// NodeSize is how long an encoded node id is at most, in bytes.
func NodeSize(n *ua.NodeID) int {
	const head, guid = 1 + 2 + 4, 16
	switch n.Type() {
	case ua.NodeIDTypeString, ua.NodeIDTypeByteString: // of the latter this is the longer base64
		return head + len(n.StringID())
	case ua.NodeIDTypeGUID:
		return head + guid
	}
	return head
}

// BrowseSize is how long an encoded BrowseDescription of a node is at most, in
// bytes: besides its id it has a direction, a type of references, and what is
// wanted of them.
func BrowseSize(n *ua.NodeID) int { return NodeSize(n) + 4 + 7 + 1 + 4 + 4 }

// PointSize is how long an encoded continuation point is, in bytes.
func PointSize(point []byte) int { return 4 + len(point) }
