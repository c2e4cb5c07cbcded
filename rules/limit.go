package rules

import (
	"fmt"
	"strings"

	"andon/plant"
)

// A limit is one comparison with a constant, such as "> 85 degC".
type limit struct {
	op      op
	bound   float64
	unit    string // "" when not given
	boolean bool   // the bound was true or false
	text    string // as written
}

type op string

const (
	above        op = ">"
	aboveOrEqual op = ">="
	below        op = "<"
	belowOrEqual op = "<="
	equal        op = "=="
	unequal      op = "!="
)

// parseLimit reads an operator, a number or true or false, and perhaps a
// unit.
func parseLimit(text string) (limit, error) {
	const want = `a comparison such as "> 85", "<= 2.5 bar" or "== true"`
	s := strings.TrimSpace(text)
	l := limit{text: s}
	for _, o := range []op{aboveOrEqual, belowOrEqual, equal, unequal, above, below} { // longer ones first
		if rest, ok := strings.CutPrefix(s, string(o)); ok {
			l.op, s = o, rest
			break
		}
	}
	parts := strings.Fields(s)
	if l.op == "" || len(parts) < 1 || len(parts) > 2 {
		return limit{}, fmt.Errorf("%s, not %.40q", want, text)
	}
	if len(parts) == 2 {
		l.unit = parts[1]
	}
	switch parts[0] {
	case "true", "false":
		l.boolean = true
		if parts[0] == "true" {
			l.bound = 1
		}
		if l.op != equal && l.op != unequal {
			return limit{}, fmt.Errorf("== or != before %s", parts[0])
		}
		return l, nil
	}
	v, err := plant.ParseNumber(parts[0])
	if err != nil {
		return limit{}, fmt.Errorf("%s, not %.40q", want, text)
	}
	l.bound, _ = v.Float()
	return l, nil
}

// holds reports whether v is on the side that l names.
func (l *limit) holds(v float64) bool {
	switch l.op {
	case above:
		return v > l.bound
	case aboveOrEqual:
		return v >= l.bound
	case below:
		return v < l.bound
	case belowOrEqual:
		return v <= l.bound
	case equal:
		return v == l.bound
	}
	return v != l.bound
}

// opposite returns the limit that holds exactly when l does not.
func (l limit) opposite() limit {
	bound := strings.TrimSpace(strings.TrimPrefix(l.text, string(l.op)))
	l.op = map[op]op{above: belowOrEqual, aboveOrEqual: below, below: aboveOrEqual, belowOrEqual: above, equal: unequal, unequal: equal}[l.op]
	l.text = string(l.op) + " " + bound
	return l
}

// direction is +1 for limits that hold above their bound, -1 for those below,
// 0 for equalities.
func (l limit) direction() int {
	switch l.op {
	case above, aboveOrEqual:
		return 1
	case below, belowOrEqual:
		return -1
	}
	return 0
}

// overlaps reports whether some value satisfies both raise and clear, so that
// a condition could never rest.
func overlaps(raise, clear limit) bool {
	if raise.direction() == 0 || clear.direction() == 0 {
		return clear.op != raise.opposite().op || clear.bound != raise.bound
	}
	if raise.direction() == clear.direction() {
		return true
	}
	touch := raise.holds(raise.bound) && clear.holds(raise.bound)
	return touch || (clear.bound-raise.bound)*float64(raise.direction()) > 0
}
