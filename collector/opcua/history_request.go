package opcua

import (
	"context"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/address"
	"andon/collector/opcua/channel"
)

// releaseTime is what a server gets to release continuation points.
const releaseTime = 300 * time.Millisecond

// request asks for the history of nodes, or for more of it. Samples have the
// time of the source.
func request(details *ua.ReadRawModifiedDetails, list []*ongoing) *ua.HistoryReadRequest {
	nodes := make([]*ua.HistoryReadValueID, len(list))
	for i, o := range list {
		nodes[i] = &ua.HistoryReadValueID{NodeID: o.node, DataEncoding: &ua.QualifiedName{}, ContinuationPoint: o.continuation}
	}
	return &ua.HistoryReadRequest{
		HistoryReadDetails: &ua.ExtensionObject{
			TypeID:       ua.NewFourByteExpandedNodeID(0, id.ReadRawModifiedDetails_Encoding_DefaultBinary),
			EncodingMask: ua.ExtensionObjectBinary,
			Value:        details,
		},
		TimestampsToReturn: wantedStamps(list),
		NodesToRead:        nodes,
	}
}

// wantedStamps returns which time stamps are asked for: that of the server only
// for tags that are of it.
func wantedStamps(list []*ongoing) ua.TimestampsToReturn {
	for _, o := range list {
		for p := o.point; p != nil; p = p.next {
			if p.address.Stamp == address.ServerStamp {
				return ua.TimestampsToReturnBoth
			}
		}
	}
	return ua.TimestampsToReturnSource
}

// release lets the server forget what it holds of answers that nobody asks for
// any more.
func (f *filler) release(ctx context.Context, details *ua.ReadRawModifiedDetails, list []*ongoing) {
	var held []*ongoing
	for _, o := range list {
		if len(o.continuation) > 0 {
			held = append(held, o)
		}
	}
	if len(held) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer cancel()
	for len(held) > 0 {
		n := channel.Fitting(held, f.session.channel.Room(), (*ongoing).size)
		req := request(details, held[:n])
		req.ReleaseContinuationPoints = true
		// What is not released here the server releases with the session.
		_, _ = send[*ua.HistoryReadResponse](ctx, f.session, req)
		held = held[n:]
	}
}

// otherSize is how long an encoded HistoryReadValueID is besides its node id: an
// index range, an encoding, and the length of the continuation point.
const otherSize = 4 + 2 + 4 + 4

// size is how long o is in a request at most, in bytes.
func (o *ongoing) size() int { return channel.NodeSize(o.node) + otherSize + len(o.continuation) }
