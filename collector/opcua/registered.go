package opcua

import (
	"context"
	"errors"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/channel"
	"andon/collector/opcua/skim"
)

// registered are the ids that the server gave for nodes that are read again
// and again (RegisterNodes, OPC 10000-4, 5.9.5): with them it finds a node at
// once. They end with the session, and some servers forget them before, when
// their program is loaded anew. A server that registers none is read as well.
// It is of one goroutine.
type registered struct {
	session *session
	known   map[*point]*ua.NodeID
	well    map[*point]bool // read by their own ids, so that there is something to register
	refused bool            // the server has no such service
	retryAt time.Time       // when to register what is not, zero for at once
}

func newRegistered(x *session) registered {
	return registered{session: x, known: map[*point]*ua.NodeID{}, well: map[*point]bool{}, refused: !x.source.config.RegisterNodes}
}

// ids returns by which ids to read points, whose own are nodes. It registers
// what is not. An error of that concerns nobody: the loss of the session shows
// when they are read.
func (g *registered) ids(ctx context.Context, points []*point, nodes []*ua.NodeID) []*ua.NodeID {
	ids := make([]*ua.NodeID, len(points))
	var wanted []int
	for i, p := range points {
		ids[i] = g.known[p]
		if ids[i] == nil {
			ids[i] = nodes[i]
			if g.well[p] {
				wanted = append(wanted, i)
			}
		}
	}
	if g.refused || len(wanted) == 0 || time.Now().Before(g.retryAt) {
		return ids
	}
	limits := g.session.limits
	size := func(i int) int { return channel.NodeSize(nodes[i]) }
	for len(wanted) > 0 {
		part := wanted[:min(len(wanted), limits.registers())]
		part = part[:channel.Fitting(part, g.session.channel.Room(), size)]
		list := make([]*ua.NodeID, len(part))
		for j, i := range part {
			list[j] = nodes[i]
		}
		given, err := g.register(ctx, list)
		if tooMuch(err) && limits.shrinkRegister(len(part)) {
			continue
		}
		if err != nil {
			g.fail(err)
			return ids
		}
		for j, i := range part {
			if skim.IsNullID(given[j]) {
				continue
			}
			ids[i], g.known[points[i]] = given[j], given[j]
		}
		wanted = wanted[len(part):]
	}
	return ids
}

func (g *registered) register(ctx context.Context, nodes []*ua.NodeID) ([]*ua.NodeID, error) {
	resp, err := call[*ua.RegisterNodesResponse](ctx, g.session, &ua.RegisterNodesRequest{NodesToRegister: nodes})
	if err != nil {
		return nil, err
	}
	if len(resp.RegisteredNodeIDs) != len(nodes) {
		return nil, errors.New("register nodes: another number of ids than of nodes")
	}
	return resp.RegisteredNodeIDs, nil
}

// fail notes that the server registered nothing. One node may have been to
// blame, so what failed is tried again, seldom.
func (g *registered) fail(err error) {
	g.refused = errors.Is(err, ua.StatusBadServiceUnsupported) || errors.Is(err, ua.StatusBadNotSupported) || errors.Is(err, ua.StatusBadNotImplemented)
	g.retryAt = time.Now().Add(maxItemRetry)
	g.session.source.log.Info("server registers no nodes, reading them by their own ids", "err", err)
}

// note takes what reading a point by its own id showed.
func (g *registered) note(p *point, status ua.StatusCode) {
	if nodeTrouble(status) {
		delete(g.well, p)
	} else {
		g.well[p] = true
	}
}

// forget gives up the ids of points, which the server knows no more. New ones
// are asked for when nodes in trouble are tried again.
func (g *registered) forget(ctx context.Context, points []*point) {
	var ids []*ua.NodeID
	for _, p := range points {
		if known := g.known[p]; known != nil {
			ids = append(ids, known)
			delete(g.known, p)
		}
	}
	g.retryAt = time.Now().Add(g.session.source.config.ItemRetry)
	g.session.source.log.Info("server forgot the ids of registered nodes, reading them by their own ids", "nodes", len(ids))
	for len(ids) > 0 {
		n := min(len(ids), g.session.limits.registers())
		n = channel.Fitting(ids[:n], g.session.channel.Room(), channel.NodeSize)
		// A server that does not know them has nothing to forget.
		_, _ = call[*ua.UnregisterNodesResponse](ctx, g.session, &ua.UnregisterNodesRequest{NodesToUnregister: ids[:n]})
		ids = ids[n:]
	}
}
