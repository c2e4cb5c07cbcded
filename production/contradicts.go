package production

// Contradicts reports whether the counts of the equipment with that path
// contradict its state, by what Conditions told last.
func (a *Area) Contradicts(path string) bool {
	for _, u := range a.units {
		if u.eq.Path == path {
			return u.contradicts
		}
	}
	return false
}
