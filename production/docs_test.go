package production_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"andon/production"
)

// jsonNames returns the names of all fields of t in JSON, with those of the
// structs in it.
func jsonNames(t reflect.Type, seen map[reflect.Type]bool) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return nil
	}
	seen[t] = true
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			names = append(names, name)
		}
		names = append(names, jsonNames(f.Type, seen)...)
	}
	return names
}

func TestEveryFieldOfKPIsIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/kpis.md")
	if err != nil {
		t.Fatal(err)
	}
	names := jsonNames(reflect.TypeFor[production.KPI](), map[reflect.Type]bool{})
	if len(names) < 100 {
		t.Fatalf("found %d fields, want more than a hundred", len(names))
	}
	for _, name := range names {
		if !strings.Contains(string(text), "`"+name+"`") && !strings.Contains(string(text), "."+name+"`") && !strings.Contains(string(text), name+"[]`") {
			t.Errorf("%s: docs/kpis.md does not have it", name)
		}
	}
}
