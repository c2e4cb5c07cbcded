package web

import (
	"cmp"
	"slices"

	"andon/engine"
)

// nameReasons gives the stops of a line the names that the configuration has
// for their reasons. A reason that only the state tells has the name of the
// state, and would stand beside itself; one that the configuration has only
// for other equipment of the line has its name here, too.
func (s *Server) nameReasons(v stopsView, sheets []engine.Sheet) {
	defs := s.o.Desk.Definitions()
	of := map[string]string{} // the first of the line
	for _, sheet := range sheets {
		for _, x := range sheet.Stops {
			for _, eq := range v.Line.Equipment {
				of[x.Reason] = cmp.Or(of[x.Reason], defs.Title(eq.Path, x.Reason))
			}
		}
	}
	for _, sheet := range sheets {
		for i := range sheet.Stops {
			x := &sheet.Stops[i]
			x.ReasonName = cmp.Or(defs.Title(x.Equipment, x.Reason), of[x.Reason], x.ReasonName)
			if n := len(x.ReasonPath); n > 0 {
				x.ReasonPath = append(slices.Clone(x.ReasonPath[:n-1]), x.ReasonName)
			}
		}
	}
}
