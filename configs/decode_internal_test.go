package configs

import (
	"reflect"
	"testing"

	"github.com/goccy/go-yaml/parser"
)

// protocol stands for a source whose defaults hold a list and a map.
type protocol struct {
	Codes  map[string]int `yaml:"codes"`
	Places []string       `yaml:"places"`
	Limit  struct {
		Of map[string]int `yaml:"of"`
	} `yaml:"limit"`
}

func TestTwoSourcesDoNotShareTheirDefaults(t *testing.T) {
	d := newDecoder()
	startFrom(d, func() protocol {
		p := protocol{Codes: map[string]int{"a": 1}, Places: []string{"x"}}
		p.Limit.Of = map[string]int{"a": 1}
		return p
	})
	tree, err := parser.ParseBytes([]byte("- {codes: {b: 2}, limit: {of: {b: 2}}}\n- {codes: {c: 3}}\n"), 0)
	if err != nil {
		t.Fatal(err)
	}
	var sources []*protocol
	d.decode("", tree.Docs[0].Body, reflect.ValueOf(&sources).Elem())
	if len(d.problems) > 0 {
		t.Fatal(d.problems.Err())
	}
	sources[0].Places[0] = "changed"
	want := protocol{Codes: map[string]int{"a": 1, "c": 3}, Places: []string{"x"}}
	want.Limit.Of = map[string]int{"a": 1}
	if got := *sources[1]; !reflect.DeepEqual(got, want) {
		t.Errorf("second source: got %+v, want %+v", got, want)
	}
}
