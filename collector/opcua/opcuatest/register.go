package opcuatest

import "github.com/gopcua/opcua/ua"

// registerNodes gives every node another id, under which it can be read until
// the session ends or the server forgets.
func (s *Server) registerNodes(x *session, r *ua.RegisterNodesRequest) (ua.Response, ua.StatusCode) {
	if limit := s.opts.Limits.Register; limit > 0 && len(r.NodesToRegister) > int(limit) {
		return nil, ua.StatusBadTooManyOperations
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := make([]*ua.NodeID, len(r.NodesToRegister))
	for i, n := range r.NodesToRegister {
		s.nextID++
		ids[i] = ua.NewNumericNodeID(s.space.index, s.nextID)
		x.registered[s.nextID] = n
		s.counts.Registered++
	}
	return &ua.RegisterNodesResponse{ResponseHeader: ok(r), RegisteredNodeIDs: ids}, ua.StatusOK
}

func (s *Server) unregisterNodes(x *session, r *ua.UnregisterNodesRequest) ua.Response {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range r.NodesToUnregister {
		delete(x.registered, n.IntID())
	}
	return &ua.UnregisterNodesResponse{ResponseHeader: ok(r)}
}

// ForgetRegistered makes all registered ids unknown, as servers do whose
// program is loaded anew.
func (s *Server) ForgetRegistered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.sessions {
		clear(x.registered)
	}
}

// resolve returns the node that n was registered for, else n.
func (s *Server) resolve(x *session, n *ua.NodeID) *ua.NodeID {
	if n.Namespace() != s.space.index || n.Type() == ua.NodeIDTypeString {
		return n
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if real := x.registered[n.IntID()]; real != nil {
		s.counts.ReadRegistered++
		return real
	}
	return n
}
