package configs

import (
	"regexp"
	"slices"
	"strings"

	"andon/plant/setting"
)

// A reference is a key, or several, whose values name entries of a list.
type reference struct {
	from *regexp.Regexp
	to   string
}

// references are those that Validate and Check report when the list has no
// such entry.
var references = []reference{
	{regexp.MustCompile(`^plant\..*\.source$`), "sources"},
	{regexp.MustCompile(`^plant\..*\.states$`), "production.state_maps"},
	{regexp.MustCompile(`^plant\..*\.states$`), "production.mode_maps"},
	{regexp.MustCompile(`^production\.(orders|equipment)\[\d+\]\.product$`), "production.products"},
	{regexp.MustCompile(`^production\.changeover\.standards\[\d+\]\.(from|to)$`), "production.products"},
	{regexp.MustCompile(`^production\.calendar_for\[\d+\]\.calendar$`), "production.calendars"},
	{regexp.MustCompile(`^alerts\.policies\..*\.notify\[\d+\]$`), "alerts.contacts"},
	{regexp.MustCompile(`^alerts\.routes\[\d+\]\.policy$`), "alerts.policies"},
}

// follows reports whether the problem at path only follows from what decoding
// found: there, above or below it; at a key beside it that is its own, but
// mistyped; or in the list of which it wants an entry.
func (d *decoder) follows(path string) bool {
	return covered(path, d.problems) || d.mistyped(path) ||
		slices.ContainsFunc(references, func(r reference) bool { return r.from.MatchString(path) && d.doubtful(r.to) })
}

// entryKey matches what follows the list in the path of an entry, or of one of
// its keys.
var entryKey = regexp.MustCompile(`^\[\d+\](?:\.(\w+))?$`)

// doubtful reports whether decoding may have lost an entry of a list, or the
// name of one.
func (d *decoder) doubtful(list string) bool {
	return d.mistyped(list) || slices.ContainsFunc(d.problems, func(f setting.Problem) bool {
		rest, _ := strings.CutPrefix(f.Path, list)
		m := entryKey.FindStringSubmatch(rest)
		return within(list, f.Path) || m != nil && (m[1] == "" || m[1] == "name" || d.unknown[f.Path] && alike(m[1], "name"))
	})
}

// mistyped reports whether path is not in the file while an unknown key much
// like its last one stands beside it.
func (d *decoder) mistyped(path string) bool {
	if _, there := d.places[path]; there {
		return false
	}
	parent, key := split(path)
	for p := range d.unknown {
		if beside, k := split(p); beside == parent && alike(k, key) {
			return true
		}
	}
	return false
}

// split divides path before its last key.
func split(path string) (parent, key string) {
	i := strings.LastIndexByte(path, '.')
	return path[:max(i, 0)], path[i+1:]
}

// alike reports whether two keys may be meant to be the same: of one, at most
// half the letters and no more than three are wrong, missing or too many.
func alike(a, b string) bool {
	return setting.Distance(a, b) <= min(3, max(len(a), len(b))/2)
}
