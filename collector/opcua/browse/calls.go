package browse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/channel"
)

const (
	// perAnswer is how many references of one node one answer may have; the
	// rest comes by continuation points. Where that is too large they are fewer.
	perAnswer = 1000
	// idleAnswers is how many answers without a reference a node may give
	// before it counts as one that never ends.
	idleAnswers = 10
	// releaseTime is what a server gets to forget continuation points.
	releaseTime = time.Second
)

// A continuation is the rest of what a node has to say.
type continuation struct {
	node  *Node
	point []byte
	idle  int // answers without a reference
}

// size is how long c is in a request, in bytes.
func (c continuation) size() int { return channel.PointSize(c.point) }

// size is how long n is in a request, in bytes.
func (n *Node) size() int { return channel.BrowseSize(n.ID) }

// browse asks for what is below nodes. It returns those to ask again: all when
// the call was too large, else those for which the server had no continuation
// point left, or of which the rest was too large.
func (w *walker) browse(ctx context.Context, nodes []*Node) ([]*Node, error) {
	resp, err := ask[*ua.BrowseResponse](ctx, w.server, browseRequest(nodes, w.perAnswer))
	if err == nil && len(resp.Results) != len(nodes) {
		err = fmt.Errorf("got %d results, want %d", len(resp.Results), len(nodes))
	}
	switch {
	case tooMuch(err):
		return w.lessen(nodes, err), nil
	case err != nil:
		return nil, fmt.Errorf("browse: %w", err)
	}
	var again []*Node
	var open []continuation
	for i, r := range resp.Results {
		if r.StatusCode == ua.StatusBadNoContinuationPoints && len(nodes) > 1 {
			again = append(again, nodes[i])
			continue
		}
		open = append(open, w.take(continuation{node: nodes[i]}, r)...)
	}
	if len(again) == len(nodes) { // others hold the continuation points
		w.size = max(len(nodes)/2, 1)
	}
	rest, err := w.goOn(ctx, open)
	return append(again, rest...), err
}

// lessen has the next calls be smaller after one for nodes was too large, and
// returns those to ask again: all, unless one node alone is too large for any.
func (w *walker) lessen(nodes []*Node, err error) []*Node {
	switch {
	case len(nodes) > 1:
		w.size = len(nodes) / 2
	case w.perAnswer > 1:
		w.perAnswer /= 2
	default:
		w.trouble(nodes[0], err)
		return nil
	}
	return nodes
}

// take adds what one result says. It returns the continuation when there is
// more to come.
func (w *walker) take(c continuation, r *ua.BrowseResult) []continuation {
	if r.StatusCode&severityBad != 0 {
		w.trouble(c.node, r.StatusCode)
		return nil
	}
	for _, ref := range r.References {
		w.add(c.node, ref)
	}
	if len(r.ContinuationPoint) == 0 {
		return nil
	}
	if c.point = r.ContinuationPoint; len(r.References) > 0 {
		c.idle = 0
	} else if c.idle++; c.idle > idleAnswers {
		w.trouble(c.node, errors.New("the server goes on without an end"))
	}
	return []continuation{c}
}

// goOn fetches what is left of the answers, and returns the nodes of which that
// was too large: nobody knows whether the server still has it. When it ends before
// all came, it has the server forget the rest: servers keep few continuation points.
func (w *walker) goOn(ctx context.Context, open []continuation) ([]*Node, error) {
	var again []*Node
	for len(open) > 0 {
		if w.full() {
			w.release(ctx, open)
			return nil, nil
		}
		part := open[:min(len(open), w.size)]
		part = part[:channel.Fitting(part, channel.LeastRoom, continuation.size)]
		resp, err := w.browseNext(ctx, part, false)
		if tooMuch(err) {
			var nodes []*Node
			for _, c := range part {
				nodes = append(nodes, c.node)
			}
			w.release(ctx, part)
			again, open = append(again, w.lessen(nodes, err)...), open[len(part):]
			continue
		}
		if err != nil {
			w.release(ctx, open)
			return nil, err
		}
		var next, endless []continuation
		for i, r := range resp.Results {
			for _, c := range w.take(part[i], r) {
				if c.idle > idleAnswers {
					endless = append(endless, c)
				} else {
					next = append(next, c)
				}
			}
		}
		w.release(ctx, endless)
		open = append(next, open[len(part):]...)
	}
	return again, nil
}

// release has the server forget continuation points. That it may fail is
// nothing to tell: they end with the session.
func (w *walker) release(ctx context.Context, open []continuation) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer cancel()
	for len(open) > 0 {
		n := channel.Fitting(open, channel.LeastRoom, continuation.size)
		_, _ = w.browseNext(ctx, open[:n], true)
		open = open[n:]
	}
}

func (w *walker) browseNext(ctx context.Context, open []continuation, release bool) (*ua.BrowseNextResponse, error) {
	req := &ua.BrowseNextRequest{ReleaseContinuationPoints: release}
	for _, c := range open {
		req.ContinuationPoints = append(req.ContinuationPoints, c.point)
	}
	resp, err := ask[*ua.BrowseNextResponse](ctx, w.server, req)
	if err == nil && !release && len(resp.Results) != len(open) {
		err = fmt.Errorf("got %d results, want %d", len(resp.Results), len(open))
	}
	if err != nil {
		return nil, fmt.Errorf("browse next: %w", err)
	}
	return resp, nil
}

func browseRequest(nodes []*Node, most int) *ua.BrowseRequest {
	req := &ua.BrowseRequest{
		View:                          &ua.ViewDescription{ViewID: ua.NewTwoByteNodeID(0), Timestamp: time.Time{}},
		RequestedMaxReferencesPerNode: uint32(most),
	}
	for _, n := range nodes {
		req.NodesToBrowse = append(req.NodesToBrowse, &ua.BrowseDescription{
			NodeID:          n.ID,
			BrowseDirection: ua.BrowseDirectionForward,
			ReferenceTypeID: ua.NewNumericNodeID(0, id.HierarchicalReferences),
			IncludeSubtypes: true,
			NodeClassMask:   uint32(ua.NodeClassObject | ua.NodeClassVariable),
			ResultMask:      uint32(ua.BrowseResultMaskAll),
		})
	}
	return req
}

// severityBad is the highest bit of a StatusCode.
const severityBad = ua.StatusCode(0x80000000)

// ask sends one request and wants a response of type T.
func ask[T ua.Response](ctx context.Context, s Server, req ua.Request) (T, error) {
	resp, err := s.Call(ctx, req)
	if err != nil {
		var none T
		return none, err
	}
	r, ok := resp.(T)
	if !ok {
		return r, fmt.Errorf("response: got %T, want %T", resp, r)
	}
	return r, nil
}
