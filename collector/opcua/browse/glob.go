package browse

import (
	"path"
	"slices"
	"strings"
)

// anyNames stands in a pattern for any number of names.
const anyNames = "**"

// A glob is a pattern of browse paths, name by name.
type glob []string

// IsPattern reports whether text is a pattern of browse paths: names joined by
// "/", with * ? and [a-z] inside a name and ** for any number of names.
func IsPattern(text string) bool {
	for _, name := range strings.Split(text, "/") {
		if _, err := path.Match(name, ""); err != nil || name == "" {
			return false
		}
	}
	return true
}

// Match reports whether a pattern matches a path or something above it, so
// that a pattern which names a folder takes in all that is below.
func Match(pattern, of string) bool {
	inside, _ := parseGlob(pattern).match(strings.Split(of, "/"))
	return inside
}

func parseGlob(text string) glob { return strings.Split(text, "/") }

func parseGlobs(list []string) []glob {
	globs := make([]glob, len(list))
	for i, text := range list {
		globs[i] = parseGlob(text)
	}
	return globs
}

// match reports whether names are what g matches, or stand below it (inside),
// and whether something below them may be (leads). It follows all ways through
// the pattern at once, so that no pattern takes long.
func (g glob) match(names []string) (inside, leads bool) {
	at := make([]bool, len(g)+1) // how much of the pattern may be behind
	at[0] = true
	g.skip(at)
	for _, name := range names {
		if at[len(g)] {
			break
		}
		next := make([]bool, len(g)+1)
		for i, here := range at[:len(g)] {
			switch {
			case !here:
			case g[i] == anyNames:
				next[i] = true
			default:
				ok, err := path.Match(g[i], name)
				next[i+1] = next[i+1] || ok && err == nil
			}
		}
		g.skip(next)
		at = next
	}
	return at[len(g)], slices.Contains(at, true)
}

// skip lets ** stand for no name.
func (g glob) skip(at []bool) {
	for i, part := range g {
		if at[i] && part == anyNames {
			at[i+1] = true
		}
	}
}

// anyInside reports whether one of globs matches names or something above.
func anyInside(globs []glob, names []string) bool {
	return slices.ContainsFunc(globs, func(g glob) bool {
		inside, _ := g.match(names)
		return inside
	})
}

// anyLeads reports whether one of globs may match something at or below names.
func anyLeads(globs []glob, names []string) bool {
	return slices.ContainsFunc(globs, func(g glob) bool {
		_, leads := g.match(names)
		return leads
	})
}
