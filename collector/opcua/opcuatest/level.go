package opcuatest

// SetServiceLevel changes what the server tells of its service level (OPC
// 10000-4, 6.6.2.4.2), 255 at first.
func (s *Server) SetServiceLevel(level byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.level = level
}

func (s *Server) serviceLevel() byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.level
}
