package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"andon/influx/influxtest"
)

// A screen is a database with points of two areas that use the same names.
type screen struct {
	t  *testing.T
	db *influxtest.DB
}

// everywhere selects the whole plant in ten-minute pieces.
var everywhere = []string{"$timeFilter", "time >= 1772438400s AND time < 1772442000s", "time > now() - 30d", "time > 0", "time > now() - 24h", "time > 0",
	"$__interval", "10m", "$site", ".*", "$area", ".*", "$line", ".*", "$equipment", ".*"}

func newScreen(t *testing.T, points string) *screen {
	t.Helper()
	s := &screen{t: t, db: influxtest.Start(t)}
	s.db.CreateDatabase("plant")
	res, err := http.Post(s.db.URL()+"/write?db=plant&precision=s", "text/plain", strings.NewReader(points))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusNoContent {
		t.Fatalf("write points: got %s", res.Status)
	}
	return s
}

// panel returns the panel of that title with its rows; variables are pairs
// that come before those of everywhere.
func (s *screen) panel(title string, variables ...string) (panel, []influxtest.Row) {
	s.t.Helper()
	for _, d := range dashboards(s.t) {
		for _, p := range d.Panels {
			if p.Title == title {
				return p, s.db.Query("plant", strings.NewReplacer(append(variables, everywhere...)...).Replace(p.Targets[0].Query))
			}
		}
	}
	s.t.Fatalf("want a panel %q", title)
	return panel{}, nil
}

// legends returns the names of the series of a panel as Grafana shows them.
func legends(p panel, rows []influxtest.Row) []string {
	names := map[string]bool{}
	for _, row := range rows {
		pairs := []string{}
		for k, v := range row {
			pairs = append(pairs, "$tag_"+k, v)
		}
		names[strings.NewReplacer(pairs...).Replace(p.Targets[0].Alias)] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// An alarmStep is what a transformation of the list of alarms says.
type alarmStep struct {
	Fields map[string]struct {
		Operation    string   `json:"operation"`
		Aggregations []string `json:"aggregations"`
	} `json:"fields"`
	Type    string `json:"type"`
	Filters []struct {
		Field  string `json:"fieldName"`
		Config struct {
			ID      string `json:"id"`
			Options struct {
				Value string `json:"value"`
			} `json:"options"`
		} `json:"config"`
	} `json:"filters"`
}

// transform does with rows what Grafana does with those of the alarms: the
// last of each id stays, unless a filter excludes it.
func (s *screen) transform(p panel, rows []influxtest.Row) []influxtest.Row {
	s.t.Helper()
	for _, step := range p.Transformations {
		var o alarmStep
		if err := json.Unmarshal(step.Options, &o); err != nil {
			s.t.Fatal(err)
		}
		switch step.ID {
		case "groupBy":
			last := map[string]influxtest.Row{}
			for _, row := range rows {
				kept := influxtest.Row{}
				for name, f := range o.Fields {
					switch {
					case f.Operation == "groupby":
						kept[name] = row[name]
					case slices.Equal(f.Aggregations, []string{"last"}):
						kept[name+" (last)"] = row[strings.Replace(name, "Time", "time", 1)]
					default:
						s.t.Fatalf("field %s: got %+v, want the last", name, f)
					}
				}
				last[row["id"]] = kept
			}
			rows = slices.Collect(maps.Values(last))
		case "filterByValue":
			rows = slices.DeleteFunc(rows, func(row influxtest.Row) bool {
				f := o.Filters[0]
				return o.Type == "exclude" && f.Config.ID == "equal" && row[f.Field] == f.Config.Options.Value
			})
		}
	}
	return rows
}

func TestAnAlarmThatChangedItsPriorityAndClearedIsNotShownAsOpen(t *testing.T) {
	const tags = "alarm,site=northfield,area=packing,line=lineA,equipment=A1,class=maintenance,rule=hot"
	s := newScreen(t, tags+`,priority=medium id="over",title="Gearbox hot",event="raised",state="unacknowledged" 1772438400
`+tags+`,priority=high id="over",title="Gearbox hot",event="priority_raised",state="unacknowledged" 1772438460
`+tags+`,priority=high id="over",title="Gearbox hot",event="acknowledged",state="acknowledged" 1772438520
`+tags+`,priority=high id="over",title="Gearbox hot",event="cleared",state="normal" 1772438580
`+tags+`,priority=medium id="open",title="Gearbox hot",event="raised",state="unacknowledged" 1772438700
`+tags+`,priority=critical id="open",title="Gearbox hot",event="priority_raised",state="unacknowledged" 1772438760`)
	p, rows := s.panel("Open alarms")
	open := s.transform(p, rows)
	if len(open) != 1 || open[0]["id"] != "open" || open[0]["priority (last)"] != "critical" || open[0]["equipment (last)"] != "A1" {
		t.Errorf("open alarms: got %v, want the open one alone, critical, of A1", open)
	}
}

// twoAreas is one hour of two areas, each with a line1 and a filler: packing
// makes 30 good units a minute, moulding 6.
func twoAreas() string {
	var b strings.Builder
	for area, good := range map[string]int{"packing": 30, "moulding": 6} {
		line := "site=northfield,area=" + area + ",line=line1"
		for m := range 60 {
			at := strconv.Itoa(1772438400 + 60*m)
			b.WriteString("production," + line + ",level=line good=" + strconv.Itoa(good) + "i,run_s=60 " + at + "\n")
			b.WriteString("production," + line + ",equipment=filler-" + area + ",level=equipment good=1i,state=\"run\" " + at + "\n")
			b.WriteString("production," + line + ",equipment=filler,level=equipment good=1i,state=\"run\" " + at + "\n")
		}
		b.WriteString("production," + line + ",level=line state_code=0i,state=\"run\" 1772438410\n")
		b.WriteString("kpi," + line + ",level=line,window=shift oee=0.5 1772438400\n")
	}
	return b.String()
}

func TestLinesOfOneNameInTwoAreasStayApartOnTheScreen(t *testing.T) {
	s := newScreen(t, twoAreas())
	lines := []string{"moulding line1", "packing line1"}
	for title, want := range map[string][]string{"State of each line": lines, "OEE of the shift": lines, "Throughput": lines,
		"What the equipment did": {"moulding line1 filler", "moulding line1 filler-moulding", "packing line1 filler", "packing line1 filler-packing"}} {
		p, rows := s.panel(title)
		if got := legends(p, rows); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", title, got, want)
		}
	}
	if _, rows := s.panel("State of each line", "$area", "packing"); len(rows) != 1 {
		t.Errorf("state of packing alone: got %v, want one line", rows)
	}
}

func TestTheListsAtTheTopFollowSiteAndArea(t *testing.T) {
	s := newScreen(t, twoAreas()+"production,site=southfield,area=packing,line=line9,equipment=press,level=equipment good=1i 1772438400\n")
	for name, want := range map[string][]string{"area": {"moulding", "packing"}, "line": {"line1"}, "equipment": {"filler", "filler-packing"}} {
		for _, d := range dashboards(t) {
			for _, v := range d.Templating.List {
				var query string
				if v.Name != name || json.Unmarshal(v.Query, &query) != nil {
					continue
				}
				var got []string
				for _, row := range s.db.Query("plant", strings.NewReplacer("$site", "northfield", "$area", "packing", "$line", "line1").Replace(query)) {
					got = append(got, row["value"])
				}
				if slices.Sort(got); !slices.Equal(got, want) {
					t.Errorf("%s of northfield/packing/line1: got %q, want %q", name, got, want)
				}
			}
		}
	}
}

func TestThroughputIsPerMinuteHoweverWideTheBars(t *testing.T) {
	s := newScreen(t, twoAreas())
	for _, interval := range []string{"10s", "1m", "5m", "7m", "20m"} {
		_, rows := s.panel("Throughput", "$__interval", interval)
		if len(rows) < 6 {
			t.Fatalf("bars of %s: got %d, want those of an hour", interval, len(rows))
		}
		for _, row := range rows {
			var got string
			for column, value := range row {
				if !slices.Contains([]string{"time", "site", "area", "line"}, column) {
					got = value
				}
			}
			if want := map[string]string{"packing": "30", "moulding": "6"}[row["area"]]; got != want && got != "" {
				t.Fatalf("%s in bars of %s: got %q good units per minute, want %s", row["area"], interval, got, want)
			}
		}
	}
}
