package web

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"andon/plant"
)

// A query reads the parameters of a request strictly: each at most once, no
// unknown ones, everything within bounds. The first problem is kept and told
// by done.
type query struct {
	values url.Values
	known  []string
	err    error
}

func readQuery(r *http.Request) *query {
	values, err := url.ParseQuery(r.URL.RawQuery)
	q := &query{values: values}
	if err != nil {
		q.fail("the query is not well-formed; write + as %%2B and ; as %%3B")
	}
	return q
}

func (q *query) fail(format string, args ...any) {
	if q.err == nil {
		q.err = badRequest("bad_query", fmt.Sprintf(format, args...))
	}
}

// maxParameter bounds one parameter: the longest is a path of five names.
const maxParameter = 400

// text returns a parameter as it is, "" when it is missing.
func (q *query) text(name string) string {
	q.known = append(q.known, name)
	v := q.values[name]
	if len(v) == 0 {
		return ""
	}
	if len(v) > 1 {
		q.fail("%s: want it once", name)
	}
	if len(v[0]) > maxParameter {
		q.fail("%s: want at most %d characters", name, maxParameter)
		return ""
	}
	return v[0]
}

// instant reads a time in RFC 3339, 0 when it is missing.
func (q *query) instant(name string) plant.Instant {
	text := q.text(name)
	if text == "" {
		return 0
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || t.Year() < 1971 || t.Year() > 2200 {
		q.fail("%s: want a time such as 2026-03-02T08:00:00Z or 2026-03-02T09:00:00%%2B01:00, not %.40q", name, text)
		return 0
	}
	return plant.At(t)
}

// window reads from and to; each may be missing.
func (q *query) window() plant.Interval {
	w := plant.Interval{From: q.instant("from"), To: q.instant("to")}
	if w.To != 0 && w.From >= w.To {
		q.fail("to: want a time after from")
	}
	return w
}

// number reads a whole number within [low, high].
func (q *query) number(name string, low, high, missing int) int {
	text := q.text(name)
	if text == "" {
		return missing
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		q.fail("%s: want a whole number of %d to %d, not %.40q", name, low, high, text)
		return missing
	}
	return n
}

// decimal reads a number within [low, high].
func (q *query) decimal(name string, low, high, missing float64) float64 {
	text := q.text(name)
	if text == "" {
		return missing
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f >= low && f <= high) {
		q.fail("%s: want a number of %v to %v, not %.40q", name, low, high, text)
		return missing
	}
	return f
}

// truth reads true or false, false when it is missing.
func (q *query) truth(name string) bool {
	switch text := q.text(name); text {
	case "true":
		return true
	case "", "false":
		return false
	default:
		q.fail("%s: want true or false, not %.40q", name, text)
		return false
	}
}

// choice reads one of the words.
func (q *query) choice(name, missing string, words ...string) string {
	text := q.text(name)
	if text == "" {
		return missing
	}
	if !slices.Contains(words, text) {
		q.fail("%s: want one of %s, not %.40q", name, strings.Join(words, ", "), text)
	}
	return text
}

// done returns the first problem, unknown parameters included.
func (q *query) done() error {
	for _, name := range slices.Sorted(maps.Keys(q.values)) {
		if !slices.Contains(q.known, name) {
			q.fail("%.40q: no such parameter here; there are: %s", name, strings.Join(q.known, ", "))
		}
	}
	return q.err
}
