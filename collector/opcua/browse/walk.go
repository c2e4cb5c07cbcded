package browse

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/channel"
)

const (
	// maxTroubles bounds what a Tree remembers of nodes that do not answer.
	maxTroubles = 1000
	// progressEvery is how often progress is told.
	progressEvery = time.Second
	// maxText bounds the names and node ids of a Tree, in bytes: what a server
	// calls its nodes may be of any length.
	maxText = 128 << 20
)

// Options say what to walk through.
type Options struct {
	Bounds Bounds
	// Include and Exclude are patterns of browse paths that keep the walk out
	// of branches: those that no Include may match, and those that an Exclude
	// matches.
	Include, Exclude []string
	// Server also goes into the Server object, which describes the server
	// itself.
	Server bool
	// Progress, which may be nil, is called now and then during the walk.
	Progress func(Progress)
}

// Progress says how far a walk is.
type Progress struct {
	Level int // below the Objects folder
	Nodes int // found so far
	Left  int // of this level still to ask for what is below them
}

// Walk goes through the address space below the Objects folder, level by
// level, so that a node that several ways lead to has the shortest path. It
// returns what it saw, cut where o.Bounds say; an error is the end of the
// session or of ctx, or a server that knows no Browse.
func Walk(ctx context.Context, s Server, o Options) (*Tree, error) {
	w := &walker{
		server: s, options: o, size: max(o.Bounds.PerCall, 1), perAnswer: perAnswer, seen: map[string]bool{}, told: time.Now(),
		include: parseGlobs(o.Include), exclude: parseGlobs(o.Exclude),
		tree: &Tree{Root: &Node{ID: ua.NewNumericNodeID(0, id.ObjectsFolder), Class: ua.NodeClassObject}, Namespaces: s.Namespaces()},
	}
	w.seen[w.tree.Root.ID.String()] = true
	bounded := ctx
	if o.Bounds.Time > 0 {
		var cancel context.CancelFunc
		bounded, cancel = context.WithTimeout(ctx, o.Bounds.Time)
		defer cancel()
	}
	err := w.learnLimit(bounded)
	if err == nil {
		err = w.run(bounded)
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case bounded.Err() != nil:
		w.cut("after %v, the bound of time", o.Bounds.Time)
	case err != nil:
		return nil, err
	}
	return w.tree, nil
}

// A walker is one walk under way.
type walker struct {
	server           Server
	options          Options
	include, exclude []glob
	tree             *Tree
	size             int             // nodes in one Browse, and rests in one BrowseNext
	perAnswer        int             // references of one node in one answer
	seen             map[string]bool // nodes visited: address spaces have loops
	text             int             // bytes of names and node ids
	level            int
	told             time.Time // when progress was told
}

// learnLimit takes over how many nodes the server wants in one Browse.
func (w *walker) learnLimit(ctx context.Context) error {
	values, err := w.server.Read(ctx, []*ua.ReadValueID{valueOf(ua.NewNumericNodeID(0, id.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse))})
	if err != nil {
		return fmt.Errorf("read the limit of browsing: %w", err)
	}
	if n, ok := held(values[0]).(uint32); ok && n > 0 {
		w.size = int(min(uint32(w.size), n))
	}
	return nil
}

// run visits level after level.
func (w *walker) run(ctx context.Context) error {
	for nodes := []*Node{w.tree.Root}; len(nodes) > 0; {
		if bound := w.options.Bounds.Depth; bound > 0 && w.level == bound {
			w.cut("below %d levels, the bound of depth", bound)
			return nil
		}
		w.level++
		var below []*Node
		for left := nodes; len(left) > 0; {
			n := min(len(left), w.size)
			n = channel.Fitting(left[:n], channel.LeastRoom, (*Node).size)
			again, err := w.browse(ctx, left[:n])
			if err != nil {
				return err
			}
			if left = append(again, left[n:]...); w.full() {
				w.cutFull()
				return nil
			}
			w.tell(len(left))
		}
		for _, asked := range nodes { // once each, however often they were asked
			below = appendParents(below, asked.Children)
		}
		nodes = below
	}
	return nil
}

// appendParents adds the nodes of list that may have others below them.
func appendParents(to, list []*Node) []*Node {
	for _, n := range list {
		if !n.Property {
			to = append(to, n)
		}
	}
	return to
}

func (w *walker) full() bool {
	return w.text >= maxText || w.options.Bounds.Nodes > 0 && w.tree.Nodes >= w.options.Bounds.Nodes
}

func (w *walker) cutFull() {
	if w.text >= maxText {
		w.cut("after %d nodes with names of %d MiB, the bound of memory", w.tree.Nodes, maxText>>20)
		return
	}
	w.cut("after %d nodes, the bound of nodes", w.tree.Nodes)
}

func (w *walker) cut(format string, args ...any) { w.tree.Cut = fmt.Sprintf(format, args...) }

func (w *walker) tell(left int) {
	if w.options.Progress == nil || time.Since(w.told) < progressEvery {
		return
	}
	w.told = time.Now()
	w.options.Progress(Progress{Level: w.level, Nodes: w.tree.Nodes, Left: left})
}

// trouble notes a node that does not say what is below it.
func (w *walker) trouble(n *Node, err error) {
	if len(w.tree.Troubles) < maxTroubles {
		w.tree.Troubles = append(w.tree.Troubles, Trouble{n.Path(), err.Error()})
	}
}

// add makes the node that a reference of parent leads to, unless it is one
// that the walk was at before, or is to keep out of.
func (w *walker) add(parent *Node, r *ua.ReferenceDescription) {
	switch {
	case w.full(), r == nil || r.NodeID == nil || r.NodeID.NodeID == nil || r.ReferenceTypeID == nil || r.BrowseName == nil:
		return
	case !r.IsForward || r.NodeID.ServerIndex != 0 || ofEvents(r.ReferenceTypeID):
		return
	case r.NodeClass != ua.NodeClassObject && r.NodeClass != ua.NodeClassVariable:
		return
	}
	node := w.local(r.NodeID)
	if node == nil || !w.options.Server && isServer(node) {
		return
	}
	key := node.String()
	names := append(slices.Clone(parent.Names), strings.ReplaceAll(r.BrowseName.Name, "/", "%2F"))
	property := isStandard(r.ReferenceTypeID, id.HasProperty)
	switch {
	case w.seen[key], len(w.exclude) > 0 && anyInside(w.exclude, names):
		return
	case len(w.include) > 0 && !property && !anyLeads(w.include, names):
		return
	}
	w.seen[key] = true
	w.tree.Nodes++
	w.text += len(r.BrowseName.Name) + len(key)
	parent.Children = append(parent.Children, &Node{ID: node, Names: names, Class: r.NodeClass, Parent: parent, Property: property, TypeID: w.local(r.TypeDefinition)})
}

// local returns the node id of a node of this server, nil for a null one or
// one whose namespace the server does not tell.
func (w *walker) local(x *ua.ExpandedNodeID) *ua.NodeID {
	if x == nil || x.NodeID == nil {
		return nil
	}
	n := ua.NewNodeIDFromExpandedNodeID(x)
	if x.NamespaceURI != "" {
		index := slices.Index(w.tree.Namespaces, x.NamespaceURI)
		if index < 0 || n.SetNamespace(uint16(index)) != nil {
			return nil
		}
	}
	return n
}

// ofEvents reports whether a reference says where events come from; what it
// leads to has a place of its own.
func ofEvents(reference *ua.NodeID) bool {
	return isStandard(reference, id.HasNotifier) || isStandard(reference, id.HasEventSource)
}

// isServer reports whether n is an object under Objects that the standard puts
// there to describe the server.
func isServer(n *ua.NodeID) bool {
	return isStandard(n, id.Server) || isStandard(n, id.Aliases)
}

func isStandard(n *ua.NodeID, number uint32) bool {
	return n.Namespace() == 0 && n.IntID() == number && n.Type() <= ua.NodeIDTypeNumeric
}

// tooMuch reports whether a call failed for its size or that of its answer.
func tooMuch(err error) bool { return channel.TooLarge(err) != ua.StatusOK }
