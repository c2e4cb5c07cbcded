package opcua

import "fmt"

// doubt says what is wrong with p's part by what the server says of itself, ""
// for nothing. Its values flow all the same, should there be any.
func (p *point) doubt(x *session) string {
	for _, s := range p.address.Part {
		for _, n := range s.Index {
			if x.longest > 0 && n >= x.longest {
				return fmt.Sprintf("part %s: the server says that its arrays have %d values at most", p.address.Part, x.longest)
			}
		}
	}
	return ""
}

// warnOfParts tells of tags whose part the server cannot have.
func (s *Source) warnOfParts(x *session, out *output) {
	for _, p := range s.points() {
		if p.address.Part != nil {
			s.noteWarning(out.status, p, p.doubt(x))
		}
	}
}
