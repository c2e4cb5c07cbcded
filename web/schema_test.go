package web_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

// A description is openapi.yaml, as far as answers are checked against it.
type description struct {
	doc map[string]any
}

func readDescription(t *testing.T) description {
	t.Helper()
	body, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	// By way of JSON all maps have string keys and all numbers one type.
	asJSON, err := yaml.YAMLToJSON(body)
	if err != nil {
		t.Fatal(err)
	}
	return description{decode[map[string]any](t, string(asJSON))}
}

// at follows names into the description.
func (d description) at(names ...string) map[string]any {
	v := d.doc
	for _, name := range names {
		v, _ = v[name].(map[string]any)
	}
	return v
}

func (d description) resolve(schema map[string]any) map[string]any {
	if ref, ok := schema["$ref"].(string); ok {
		return d.resolve(d.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...))
	}
	if all, ok := schema["allOf"].([]any); ok {
		return d.resolve(all[0].(map[string]any))
	}
	return schema
}

// check returns what in v is not as schema says.
func (d description) check(at string, schema map[string]any, v any) []string {
	schema = d.resolve(schema)
	if schema == nil {
		return []string{at + ": no schema"}
	}
	if choices, ok := schema["anyOf"].([]any); ok {
		var wrong []string
		for _, s := range choices {
			found := d.check(at, s.(map[string]any), v)
			if len(found) == 0 {
				return nil
			}
			wrong = append(wrong, found...)
		}
		return wrong
	}
	kind := kindOf(v)
	if !slices.Contains(kinds(schema), kind) && !(kind == "integer" && slices.Contains(kinds(schema), "number")) {
		return []string{fmt.Sprintf("%s: got %s, want %v", at, kind, kinds(schema))}
	}
	switch x := v.(type) {
	case map[string]any:
		return d.checkObject(at, schema, x)
	case []any:
		var wrong []string
		for i, item := range x {
			wrong = append(wrong, d.check(fmt.Sprintf("%s[%d]", at, i), schema["items"].(map[string]any), item)...)
		}
		return wrong
	case string:
		return checkText(at, schema, x)
	}
	return nil
}

func (d description) checkObject(at string, schema map[string]any, v map[string]any) (wrong []string) {
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, has := v[name.(string)]; !has {
			wrong = append(wrong, at+"."+name.(string)+": missing")
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	others, _ := schema["additionalProperties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(v)) {
		property, known := properties[name].(map[string]any)
		if !known {
			property = others
		}
		if property == nil {
			wrong = append(wrong, at+"."+name+": not described")
			continue
		}
		wrong = append(wrong, d.check(at+"."+name, property, v[name])...)
	}
	return wrong
}

func checkText(at string, schema map[string]any, text string) []string {
	if words, ok := schema["enum"].([]any); ok && !slices.Contains(words, any(text)) {
		return []string{fmt.Sprintf("%s: got %q, want one of %v", at, text, words)}
	}
	if schema["format"] == "date-time" {
		if _, err := time.Parse(time.RFC3339Nano, text); err != nil {
			return []string{fmt.Sprintf("%s: got %q, want a time", at, text)}
		}
	}
	return nil
}

func kinds(schema map[string]any) (names []string) {
	switch x := schema["type"].(type) {
	case string:
		names = []string{x}
	case []any:
		for _, name := range x {
			names = append(names, name.(string))
		}
	}
	return names
}

func kindOf(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case float64:
		if x == float64(int64(x)) {
			return "integer"
		}
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}

const eightToNine = "&from=2026-03-02T08:00:00Z&to=2026-03-02T09:00:00Z"

func TestAnswersAreAsDescribed(t *testing.T) {
	d := readDescription(t)
	s := full(t, nil)
	planned, _ := expecting(t)
	lost := full(t, nil)
	if err := lost.store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		route  string
		res    *http.Response
		status string
	}{
		{"get /readyz", s.get("/readyz"), "200"},
		{"get /readyz", lost.get("/readyz"), "503"},
		{"get /api/v1/equipment", s.get("/api/v1/equipment"), "200"},
		{"get /api/v1/board", s.get("/api/v1/board"), "200"},
		{"get /api/v1/sources", troubledSources(t).get("/api/v1/sources"), "200"},
		{"get /api/v1/board", lost.get("/api/v1/board"), "200"},
		{"get /api/v1/stops", s.get("/api/v1/stops"), "200"},
		{"get /api/v1/stops", lost.get("/api/v1/stops"), "default"},
		{"get /api/v1/alarms", s.get("/api/v1/alarms"), "200"},
		{"get /api/v1/alarms/{id}", s.get("/api/v1/alarms/alarm-taken"), "200"},
		{"get /api/v1/alarms/{id}", s.get("/api/v1/alarms/alarm-over"), "200"},
		{"get /api/v1/alarms/{id}", s.get("/api/v1/alarms/nobody"), "default"},
		{"post /api/v1/alarms/{id}/ack", s.ask(ack(ackPath, `{"user":"Anna"}`)), "200"},
		{"post /api/v1/alarms/{id}/ack", s.ask(ack(ackPath, `{}`)), "default"},
		{"get /api/v1/orders", s.get("/api/v1/orders"), "200"},
		{"get /api/v1/orders", planned.get("/api/v1/orders"), "200"},
		{"get /api/v1/board", planned.get("/api/v1/board"), "200"},
		{"get /api/v1/forecast", planned.get("/api/v1/forecast?backtest=true&line=" + lineA), "200"},
		{"get /api/v1/forecast", planned.get("/api/v1/forecast?line=nowhere"), "default"},
		{"get /api/v1/forecast", s.get("/api/v1/forecast?line=" + lineA), "200"},
		{"post /api/v1/orders", s.ask(ack("/api/v1/orders", startOrder)), "200"},
		{"post /api/v1/orders", s.ask(ack("/api/v1/orders", `{}`)), "default"},
		{"get /api/v1/kpis", s.get("/api/v1/kpis?window=shift&equipment=" + lineA), "200"},
		{"get /api/v1/kpis", s.get("/api/v1/kpis"), "default"},
		{"get /api/v1/kpis", s.get("/api/v1/kpis?revision=stored&equipment=" + lineA + eightToNine), "200"},
		{"get /api/v1/kpis", s.get("/api/v1/kpis?equipment=" + lineA + eightToNine), "200"},
		{"get /api/v1/kpis/history", s.get("/api/v1/kpis/history?window=hour&path=" + lineA + eightToNine), "200"},
		{"get /api/v1/kpis/explain", s.get("/api/v1/kpis/explain?kpi=oee_index&equipment=" + lineA + eightToNine), "200"},
		{"get /api/v1/events", s.get("/api/v1/events"), "default"},
	} {
		method, path, _ := strings.Cut(c.route, " ")
		response := d.resolve(d.at("paths", path, method, "responses", c.status))
		content, _ := response["content"].(map[string]any)
		media, _ := content["application/json"].(map[string]any)
		schema, _ := media["schema"].(map[string]any)
		var v any
		if err := json.NewDecoder(c.res.Body).Decode(&v); err != nil {
			t.Errorf("%s: %v", c.route, err)
			continue
		}
		for _, wrong := range d.check("", schema, v) {
			t.Errorf("%s %s%s", c.route, c.status, wrong)
		}
	}
}

func TestParametersAreAsDescribed(t *testing.T) {
	d := readDescription(t)
	s := full(t, nil)
	for path, query := range map[string]string{
		"/api/v1/equipment": "", "/api/v1/board": "", "/api/v1/stops": "", "/api/v1/alarms": "", "/api/v1/alarms/{id}": "",
		"/api/v1/orders":       "",
		"/api/v1/kpis/history": "path=" + lineA + eightToNine, "/api/v1/kpis/explain": "kpi=oee_index&equipment=" + lineA + eightToNine,
		"/api/v1/kpis": "window=last_hour&equipment=" + lineA, "/api/v1/events": "topics=board",
	} {
		var want []string
		list, _ := d.at("paths", path, "get")["parameters"].([]any)
		for _, p := range list {
			if p := d.resolve(p.(map[string]any)); p["in"] == "query" {
				want = append(want, p["name"].(string))
			}
		}
		// The answer to an unknown parameter lists the known ones.
		body := s.expect(s.get(strings.Replace(path, "{id}", "alarm-hot", 1)+"?"+query+"&zzz=1"), http.StatusBadRequest)
		got := decode[struct{ Error struct{ Message string } }](t, body).Error.Message
		_, got, _ = strings.Cut(got, "there are: ")
		known := strings.FieldsFunc(got, func(r rune) bool { return r == ',' || r == ' ' })
		slices.Sort(want)
		slices.Sort(known)
		if !slices.Equal(known, want) {
			t.Errorf("parameters of %s: got %q, want %q as described", path, known, want)
		}
	}
}
