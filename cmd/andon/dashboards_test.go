package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A dashboard is what the checks need of a Grafana dashboard.
type dashboard struct {
	UID        string  `json:"uid"`
	Title      string  `json:"title"`
	Panels     []panel `json:"panels"`
	Templating struct {
		List []struct {
			Name    string          `json:"name"`
			Type    string          `json:"type"`
			Query   json.RawMessage `json:"query"`
			Current struct {
				Text  string `json:"text"`
				Value string `json:"value"`
			} `json:"current"`
		} `json:"list"`
	} `json:"templating"`
	SchemaVersion int `json:"schemaVersion"`
}

type panel struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Type        string `json:"type"`
	Targets     []struct {
		Query string `json:"query"`
		Alias string `json:"alias"`
	} `json:"targets"`
	Transformations []struct {
		ID      string          `json:"id"`
		Options json.RawMessage `json:"options"`
	} `json:"transformations"`
	FieldConfig struct {
		Defaults struct {
			Unit  string `json:"unit"`
			Links []struct {
				URL string `json:"url"`
			} `json:"links"`
		} `json:"defaults"`
	} `json:"fieldConfig"`
}

func dashboards(t *testing.T) []dashboard {
	t.Helper()
	files, err := filepath.Glob("../../deploy/grafana/dashboards/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("dashboards: got %d, %v; want some", len(files), err)
	}
	var all []dashboard
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var d dashboard
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, d)
	}
	return all
}

// corePanels are the types that every Grafana has.
var corePanels = map[string]bool{"stat": true, "state-timeline": true, "barchart": true, "table": true, "timeseries": true}

func TestDashboardsAreWhatAScreenNeeds(t *testing.T) {
	for _, d := range dashboards(t) {
		if d.UID == "" || d.SchemaVersion != 39 {
			t.Errorf("%s: got uid %q and schema %d, want a uid and schema 39, which Grafana 11 and newer load", d.Title, d.UID, d.SchemaVersion)
		}
		variables := map[string]bool{}
		for _, v := range d.Templating.List {
			variables[v.Name] = true
		}
		for _, name := range []string{"datasource", "site", "area", "line", "equipment", "andon_url"} {
			if !variables[name] {
				t.Errorf("%s: want a variable %s", d.Title, name)
			}
		}
		for _, p := range d.Panels {
			if p.Title == "" || p.Description == "" || p.FieldConfig.Defaults.Unit == "" || !corePanels[p.Type] || len(p.Targets) == 0 {
				t.Errorf("%s: panel %q: want title, description, unit, a core panel type and a query", d.Title, p.Title)
			}
			for _, l := range p.FieldConfig.Defaults.Links {
				if !strings.HasPrefix(l.URL, "${andon_url}/") {
					t.Errorf("%s: panel %q: link %q: want it to begin with ${andon_url}/", d.Title, p.Title, l.URL)
				}
			}
		}
	}
}

// checkDashboards runs every query of every dashboard and wants rows.
func (r *rig) checkDashboards(from, to time.Time) {
	r.t.Helper()
	fill := strings.NewReplacer("$timeFilter", fmt.Sprintf("time >= %dms AND time <= %dms", from.UnixMilli(), to.UnixMilli()),
		"$__interval", "1m", "$site", ".*", "$area", ".*", "$line", ".*", "$equipment", ".*")
	eventually(r.t, 90*time.Second, "rows for every query of the dashboards", func() error {
		var errs []error
		for _, d := range dashboards(r.t) {
			for _, p := range d.Panels {
				for _, target := range p.Targets {
					if rows := r.db.Query("plant", fill.Replace(target.Query)); len(rows) == 0 {
						errs = append(errs, fmt.Errorf("%s: %s: no row from %s", d.Title, p.Title, fill.Replace(target.Query)))
					}
				}
			}
			for _, v := range d.Templating.List {
				var query string
				if v.Type != "query" || json.Unmarshal(v.Query, &query) != nil {
					continue
				}
				if rows := r.db.Query("plant", fill.Replace(query)); len(rows) == 0 {
					errs = append(errs, fmt.Errorf("%s: variable %s: no row from %s", d.Title, v.Name, query))
				}
			}
		}
		return errors.Join(errs...)
	})
}
