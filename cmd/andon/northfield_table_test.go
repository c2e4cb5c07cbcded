package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"andon/plant"
)

// A northfieldTable is what the scripted hour of Northfield must give, worked
// out by hand from its script. Times are those after the hour began.
type northfieldTable struct {
	KPIs map[string]figures `json:"kpis"` // by path
	// WhenItHappened is what depends on people acting while it happens.
	WhenItHappened map[string]figures `json:"when_it_happened"`
	Orders         map[string]figures `json:"orders"` // by name
	// OrdersAtTheEnd is how far they are when the hour is over.
	OrdersAtTheEnd map[string]figures `json:"orders_at_the_end"`
	Stops          []string           `json:"stops"` // of A1 and B1
	Alarms         []string           `json:"alarms"`
	// Variants differ from the hour in the settings, in what people say or in
	// the window: name, then path.
	Variants map[string]map[string]figures `json:"variants"`
}

// Figures are values by their place in the JSON of KPIs, with > between the
// keys. A number says by its digits how exact it is: a whole one exactly,
// others to half a unit of their last decimal. A text such as "+1h33m4s" is a
// time after the hour began.
type figures map[string]any

const (
	a1    = "northfield/packing/lineA/A1"
	b1    = "northfield/moulding/lineB/B1"
	lineA = "northfield/packing/lineA"
)

var northfieldStart = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func readTable(t *testing.T) northfieldTable {
	t.Helper()
	var table northfieldTable
	d := json.NewDecoder(bytes.NewReader(readText(t, "testdata/northfield.json")))
	d.UseNumber()
	d.DisallowUnknownFields()
	if err := d.Decode(&table); err != nil {
		t.Fatal(err)
	}
	return table
}

// check compares the KPIs of one place, as JSON, with w.
func (w figures) check(t *testing.T, what string, kpi []byte, start time.Time) {
	t.Helper()
	var got any
	d := json.NewDecoder(bytes.NewReader(kpi))
	d.UseNumber()
	if err := d.Decode(&got); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for _, key := range slices.Sorted(maps.Keys(w)) {
		if v := at(got, strings.Split(key, ">")); !agrees(v, w[key], start) {
			t.Errorf("%s %s: got %v, want %v", what, key, v, w[key])
		}
	}
}

// at follows keys and places in lists.
func at(v any, keys []string) any {
	for _, key := range keys {
		switch x := v.(type) {
		case map[string]any:
			v = x[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func agrees(got, want any, start time.Time) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		return ok && maps.EqualFunc(g, w, func(a, b any) bool { return agrees(a, b, start) })
	case json.Number:
		g, ok := got.(json.Number)
		return ok && sameNumber(string(g), string(w))
	case string:
		if after, err := time.ParseDuration(w); err == nil && w[0] == '+' {
			g, ok := got.(string)
			t, err := time.Parse(time.RFC3339Nano, g)
			return ok && err == nil && t.Truncate(precision(w)).Equal(start.Add(after))
		}
	}
	return got == want
}

// precision is that of the time a table gives: whole seconds exactly, others
// are cut to milliseconds.
func precision(text string) time.Duration {
	if strings.Contains(text, ".") {
		return time.Millisecond
	}
	return 1
}

func sameNumber(got, want string) bool {
	g, errG := strconv.ParseFloat(got, 64)
	w, errW := strconv.ParseFloat(want, 64)
	if errG != nil || errW != nil {
		return false
	}
	_, decimals, ok := strings.Cut(want, ".")
	if !ok {
		return g == w
	}
	return math.Abs(g-w) <= .5*math.Pow10(-len(decimals))*(1+1e-9)
}

// A toldStop is a stop in reports and in the API.
type toldStop struct {
	ID, Equipment, Reason, Culprit string
	From                           plant.Instant
	Duration                       float64
	Micro, Planned                 bool
}

// name is how the table writes a stop.
func (s toldStop) name(start time.Time) string {
	text := fmt.Sprintf("%s %s %s %s", s.From.Time().Sub(start), lastName(s.Equipment), s.Reason, jsonNumber(s.Duration))
	if s.Micro {
		text += " micro"
	}
	if s.Planned {
		text += " planned"
	}
	if s.Culprit != "" {
		text += " by " + lastName(s.Culprit)
	}
	return text
}

func lastName(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// checkStops compares the stops of the constraints, in any order.
func (n northfieldTable) checkStops(t *testing.T, stops []toldStop, start time.Time) {
	t.Helper()
	var got []string
	for _, s := range stops {
		if s.Equipment == a1 || s.Equipment == b1 {
			got = append(got, s.name(start))
		}
	}
	sameList(t, "stops", got, n.Stops)
}

// sameList compares lists in any order.
func sameList(t *testing.T, what string, got, want []string) {
	t.Helper()
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("%s: got %q, want none of that kind", what, g)
		}
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("%s: %q is missing", what, w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: got %d, want %d", what, len(got), len(want))
	}
}

func TestTheTableIsAsExactAsItsDigits(t *testing.T) {
	for _, x := range []struct {
		got, want string
		same      bool
	}{{"0.7090301", "0.709030", true}, {"0.7090306", "0.709030", false}, {"600", "600", true}, {"600.0000001", "600", false},
		{"375.92", "375.92", true}, {"375.93", "375.92", false}} {
		if got := sameNumber(x.got, x.want); got != x.same {
			t.Errorf("%s for %s: got %t, want %t", x.got, x.want, got, x.same)
		}
	}
}
