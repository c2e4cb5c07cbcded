package opcuatest

import (
	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"
)

// read answers a Read request.
func (s *Server) read(x *session, r *ua.ReadRequest) (ua.Response, ua.StatusCode) {
	s.mu.Lock()
	s.counts.LargestRead = max(s.counts.LargestRead, len(r.NodesToRead))
	s.mu.Unlock()
	if len(r.NodesToRead) == 0 {
		return nil, ua.StatusBadNothingToDo
	}
	if limit := s.opts.Limits.Read; limit > 0 && len(r.NodesToRead) > int(limit) {
		return nil, ua.StatusBadTooManyOperations
	}
	results := make([]*ua.DataValue, len(r.NodesToRead))
	for i, n := range r.NodesToRead {
		results[i] = s.attribute(s.resolve(x, n.NodeID), n.AttributeID)
	}
	return &ua.ReadResponse{ResponseHeader: ok(r), Results: results}, ua.StatusOK
}

// browse lists the children of folders. It never needs a continuation point:
// a simulated plant's folders are small.
func (s *Server) browse(r *ua.BrowseRequest) ua.Response {
	results := make([]*ua.BrowseResult, len(r.NodesToBrowse))
	for i, n := range r.NodesToBrowse {
		results[i] = s.browseNode(n)
	}
	return &ua.BrowseResponse{ResponseHeader: ok(r), Results: results}
}

func (s *Server) browseNode(d *ua.BrowseDescription) *ua.BrowseResult {
	if d.NodeID.Namespace() == 0 && d.NodeID.IntID() == id.RootFolder {
		return &ua.BrowseResult{References: []*ua.ReferenceDescription{reference(ua.NewNumericNodeID(0, id.ObjectsFolder), "Objects", false)}}
	}
	s.space.mu.Lock()
	defer s.space.mu.Unlock()
	folder := ""
	switch {
	case d.NodeID.Namespace() == 0 && d.NodeID.IntID() == id.ObjectsFolder:
	case s.space.types[d.NodeID.String()] != nil && s.space.lookup(d.NodeID) == nil:
		return &ua.BrowseResult{References: s.space.special(d)}
	case d.NodeID.Namespace() == s.space.index && (s.space.children[d.NodeID.StringID()] != nil || s.space.lookup(d.NodeID) != nil):
		folder = d.NodeID.StringID()
	default:
		return &ua.BrowseResult{StatusCode: ua.StatusBadNodeIDUnknown}
	}
	result := &ua.BrowseResult{References: append([]*ua.ReferenceDescription{}, s.space.special(d)...)}
	if d.ReferenceTypeID != nil && d.ReferenceTypeID.Namespace() == 0 && (d.ReferenceTypeID.IntID() == id.HasProperty || d.ReferenceTypeID.IntID() == id.HasSubtype) {
		return result
	}
	if d.BrowseDirection == ua.BrowseDirectionInverse {
		return result
	}
	for _, name := range s.space.children[folder] {
		_, isVariable := s.space.vars[name]
		ref := reference(ua.NewStringNodeID(s.space.index, name), lastName(name), isVariable)
		if d.NodeClassMask == 0 || d.NodeClassMask&uint32(ref.NodeClass) != 0 {
			result.References = append(result.References, ref)
		}
	}
	return result
}

func reference(n *ua.NodeID, name string, isVariable bool) *ua.ReferenceDescription {
	ref := &ua.ReferenceDescription{
		ReferenceTypeID: ua.NewNumericNodeID(0, id.Organizes),
		IsForward:       true,
		NodeID:          ua.NewExpandedNodeID(n, "", 0),
		BrowseName:      &ua.QualifiedName{NamespaceIndex: n.Namespace(), Name: name},
		DisplayName:     localized(name),
		NodeClass:       ua.NodeClassObject,
		TypeDefinition:  ua.NewNumericExpandedNodeID(0, id.FolderType),
	}
	if isVariable {
		ref.ReferenceTypeID = ua.NewNumericNodeID(0, id.HasComponent)
		ref.NodeClass = ua.NodeClassVariable
		ref.TypeDefinition = ua.NewNumericExpandedNodeID(0, id.BaseDataVariableType)
	}
	return ref
}
