package configs

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"andon/plant/setting"
)

// A Fault is one problem and where it stands in its file.
type Fault struct {
	File string
	Line int
	setting.Problem
	// Also are the other places, in other entries of the same lists, at which
	// the same is wanted: all equipment that names one missing source is one
	// Fault. They are lines of File, or else file:line.
	Also []string
}

// Error returns "file:line: path: want …".
func (f Fault) Error() string {
	text := fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Problem.Error())
	if len(f.Also) > 0 {
		text += " (also at " + strings.Join(f.Also, ", ") + ")"
	}
	return text
}

// validate returns the problems of decoding and, of those that cfg has by what
// it says, the ones that do not follow from them.
func (d *decoder) validate(cfg *Config) setting.Problems {
	told := slices.Clone(d.problems)
	for _, p := range cfg.validateParts() {
		// A section that was not read may stand in a file that was not.
		if !d.follows(p.Path) && (!d.partial || d.places[section(p.Path)] != (place{})) {
			told = append(told, p)
		}
	}
	if d.partial || !d.readPlant() {
		return told // the parts speak of what is not there
	}
	for _, p := range cfg.validateTogether(told) {
		if !d.follows(p.Path) {
			told = append(told, p)
		}
	}
	return told
}

// plantDetail matches keys of the plant by which nothing is found.
var plantDetail = regexp.MustCompile(`^plant\.(zone|areas\[\d+\]\.lines\[\d+\]\.(constraint|equipment\[\d+\]\.(source|tags\[\d+\]\.\w+)))$`)

// readPlant reports whether all names of the plant were decoded. Outline says
// whether they are good.
func (d *decoder) readPlant() bool {
	return !slices.ContainsFunc(d.problems, func(p setting.Problem) bool {
		if section(p.Path) != "plant" || d.unknown[p.Path] && d.hasParts(p.Path) {
			return false
		}
		return !plantDetail.MatchString(p.Path) || strings.HasSuffix(p.Path, ".name")
	})
}

// hasParts reports whether what an unknown key stands in has its areas, lines,
// equipment or tags all the same.
func (d *decoder) hasParts(unknown string) bool {
	parent, _ := split(unknown)
	return slices.ContainsFunc([]string{"areas", "lines", "equipment", "tags"}, func(key string) bool {
		_, there := d.places[join(parent, key)]
		return there
	})
}

// section returns the first key of path.
func section(path string) string {
	if end := strings.IndexAny(path, ".["); end >= 0 {
		return path[:end]
	}
	return path
}

// covered reports whether a problem at path only repeats one that decoding
// found there, above it or in it.
func covered(path string, found setting.Problems) bool {
	for _, f := range found {
		if within(path, f.Path) || within(f.Path, path) {
			return true
		}
	}
	return false
}

// within reports whether path is outer or lies in it.
func within(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

var index = regexp.MustCompile(`\[\d+\]`)

// faults returns one error that joins all problems, each a Fault, in the order
// of the files and of their lines; nil when there is none.
func (d *decoder) faults(file string, problems setting.Problems) error {
	all := slices.Clone(d.unread)
	for _, p := range problems {
		at := d.find(p.Path, file)
		all = append(all, Fault{File: at.file, Line: at.line, Problem: p})
	}
	slices.SortStableFunc(all, func(a, b Fault) int {
		if a.File != b.File {
			return slices.Index(d.files, a.File) - slices.Index(d.files, b.File)
		}
		return a.Line - b.Line
	})
	return joined(all)
}

// joined makes one error of faults, and one fault of those that want the same
// in entries of the same lists: most often they have one cause.
func joined(all []Fault) error {
	var told []*Fault
	same := map[[2]string]*Fault{} // by path without indexes and wish
	for _, f := range all {
		key := [2]string{index.ReplaceAllString(f.Path, ""), f.Want}
		if first := same[key]; first != nil {
			first.repeat(f)
			continue
		}
		same[key] = &f
		told = append(told, &f)
	}
	errs := make([]error, len(told))
	for i, f := range told {
		errs[i] = *f
	}
	return errors.Join(errs...)
}

// repeat adds the place of another fault that is the same as f.
func (f *Fault) repeat(other Fault) {
	at := fmt.Sprintf("line %d", other.Line)
	if other.File != f.File {
		at = fmt.Sprintf("%s:%d", other.File, other.Line)
	}
	if (other.File != f.File || other.Line != f.Line) && !slices.Contains(f.Also, at) {
		f.Also = append(f.Also, at)
	}
}

// find returns where path stands, or the nearest key above it that does.
func (d *decoder) find(path, file string) place {
	for path != "" {
		if at, ok := d.places[path]; ok {
			return at
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return place{file, 1}
}
