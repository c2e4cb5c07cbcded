package web

import (
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/prometheus/client_golang/prometheus"
)

func TestTheDescriptionHasEveryRouteAndNoOther(t *testing.T) {
	body, err := files.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]any `yaml:"paths"`
	}
	if err := yaml.Unmarshal(body, &doc); err != nil {
		t.Fatal(err)
	}
	var described, routed []string
	for path, item := range doc.Paths {
		for method := range item {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	s := &Server{o: Options{Gatherer: prometheus.NewRegistry()}}
	for _, rt := range s.routes() {
		for method := range rt.methods {
			if !rt.page {
				routed = append(routed, method+" "+rt.path)
			}
		}
	}
	slices.Sort(described)
	slices.Sort(routed)
	if !slices.Equal(described, routed) {
		t.Errorf("openapi.yaml: got %q, want %q", described, routed)
	}
}
