package report

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Notes are why budgets are not met, as somebody who looked into it wrote, by
// the name of the case or of what another program measures.
type Notes map[string]string

// A note is an item of a Markdown list that begins with a name.
var note = regexp.MustCompile("^- `([^`]+)`: (.+)$")

// ReadNotes reads them from text in Markdown: each is an item of a list in one
// line, its name in backquotes and a colon before it. All other lines are
// passed by. A name that is that of no budget is an error, which names all.
func ReadNotes(from io.Reader) (Notes, error) {
	n := Notes{}
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		found := note.FindStringSubmatch(lines.Text())
		if found == nil {
			continue
		}
		if all := names(); !slices.Contains(all, found[1]) {
			return nil, fmt.Errorf("read why budgets are not met: none is named %q: want one of %s", found[1], strings.Join(all, ", "))
		}
		n[found[1]] = found[2]
	}
	return n, lines.Err()
}

// names are those of all budgets.
func names() []string {
	var all []string
	for _, v := range (Report{}).verdicts() {
		all = append(all, v.name)
	}
	return all
}

// unmet lists the budgets that are not met, and why; "" when there are none.
func (r Report) unmet() string {
	var b strings.Builder
	for _, v := range r.verdicts() {
		if v.met != unmet {
			continue
		}
		why := r.Notes[v.name]
		if why == "" {
			why = "not known yet (`" + v.name + "`)."
		}
		fmt.Fprintf(&b, "- **%s**: wanted %s; measured %s. Why: %s\n", v.what, v.promise, v.measured, why)
	}
	if b.Len() == 0 {
		return ""
	}
	return "## Budgets that are not met, and why\n\n" + b.String() + "\n"
}
