package spc

import "strings"

// A Test is one way in which points of a chart can be a signal.
type Test uint8

// The tests. N are those of Nelson, WE those of Western Electric.
const (
	N1    Test = iota // one point beyond 3 sigma
	N2                // nine in a row on one side of the center
	N3                // six in a row, each higher or each lower than the one before
	N4                // fourteen in a row, up and down by turns
	N5                // two of three beyond 2 sigma on one side, the last of them
	N6                // four of five beyond 1 sigma on one side, the last of them
	N7                // fifteen in a row within 1 sigma
	N8                // eight in a row beyond 1 sigma, on both sides
	WE1               // as N1
	WE2               // as N5
	WE3               // as N6
	WE4               // eight in a row on one side of the center
	EWMA              // the exponentially weighted moving average is beyond its limits
	CUSUM             // a cumulative sum is above its limit
	tests             // how many there are
)

var names = [tests]string{"N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8", "WE1", "WE2", "WE3", "WE4", "EWMA", "CUSUM"}

const (
	beyond3 = "beyond 3 sigma"
	two     = "two of three beyond 2 sigma on one side"
	four    = "four of five beyond 1 sigma on one side"
)

var texts = [tests]string{beyond3, "nine in a row on one side of the center", "six in a row rising or falling",
	"fourteen in a row up and down by turns", two, four, "fifteen in a row within 1 sigma", "eight in a row beyond 1 sigma on both sides",
	beyond3, two, four, "eight in a row on one side of the center", "moving average beyond its limits", "cumulative sum above its limit"}

// String returns the test's name, such as N2 or EWMA.
func (t Test) String() string {
	if t < tests {
		return names[t]
	}
	return "none"
}

// Text says for people what the points do.
func (t Test) Text() string {
	if t < tests {
		return texts[t]
	}
	return ""
}

// ParseTest reads the name of a test, in capitals or not.
func ParseTest(name string) (Test, bool) {
	for t, n := range names {
		if strings.EqualFold(n, name) {
			return Test(t), true
		}
	}
	return 0, false
}

// AllTests returns every test.
func AllTests() []Test {
	out := make([]Test, tests)
	for t := range out {
		out[t] = Test(t)
	}
	return out
}

// Tests is a set of tests.
type Tests uint16

// Of returns the set of those tests.
func Of(list ...Test) (s Tests) {
	for _, t := range list {
		s |= 1 << t
	}
	return s
}

// Has reports whether t is in the set.
func (s Tests) Has(t Test) bool { return s&(1<<t) != 0 }

// String lists the tests, such as "N2 WE4"; "" for none.
func (s Tests) String() string {
	var out []string
	for t := range tests {
		if s.Has(t) {
			out = append(out, t.String())
		}
	}
	return strings.Join(out, " ")
}
