package production

// A toldClasses remembers the classes of the codes that equipment tells: what
// they mean is asked with each sample of a state, and there are few of them.
// When it is full the oldest goes. It is not safe for concurrent use.
type toldClasses struct {
	n, next int
	codes   [24]code
	classes [24]class
}

// classOf is class of a code of a track.
func (c *codes) classOf(x code) class {
	t := c.told
	if t == nil {
		return c.class(x.Value())
	}
	for i, y := range t.codes[:t.n] {
		if x == y {
			return t.classes[i]
		}
	}
	k := c.class(x.Value())
	t.codes[t.next], t.classes[t.next] = x, k
	t.n, t.next = max(t.n, t.next+1), (t.next+1)%len(t.codes)
	return k
}

// remembering has each map remember what codes it was asked for.
func remembering(maps map[string]codes) map[string]codes {
	for name, c := range maps {
		c.told = &toldClasses{}
		maps[name] = c
	}
	return maps
}

// alike reports whether two codes are equal or, where c is there, mean the
// same. A code that says that the value is lost is like itself only.
func (c *codes) alike(x, y code) bool {
	if x == y {
		return true
	}
	if c == nil || x == codeLost || x == codeBad || y == codeLost || y == codeBad {
		return false
	}
	return c.classOf(x) == c.classOf(y)
}
