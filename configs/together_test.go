package configs_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"andon/configs"
)

// wrong is a configuration whose every line with a comment has the problems
// that the comment counts.
const wrong = `
plant:
  site: northfield
  zone: Europe/Berlin
  areas:
    - name: packing
      lines:
        - name: lineA
          equipment:
            - name: A1
              source: plc
              tags:
                - {name: state, role: state, type: int, states: wordz, address: ns=2;s=A1.State} # 1
                - {name: total, role: total_count, type: uint, unit: kWh, address: A1.Total} # 2
                - {name: reject, role: reject_count, type: uint, unit: pieces, address: ns=2;s=A1.State} # 1
                - {name: energy, role: energy, type: float, unit: degC, address: ns=2;s=A1.kWh} # 1
                - {name: temp, type: float, unit: degC, address: ns=2;s=A1.Temp}
            - name: A2
              source: brokr # 1
              tags:
                - {name: state, role: state, type: text, states: wordz} # the same as of A1
            - name: A3
              source: broker
              tags:
                - {name: state, role: state, type: text, states: words}
                - {name: total, role: total_count, type: uint}
    - name: moulding
      lines:
        - name: lineB
          equipment:
            - name: B1
              source: brokr # the same as of A2
              tags:
                - {name: reject, role: reject_count, type: uint}
sources:
  - name: plc
    opcua:
      endpoint: opc.tcp://127.0.0.1:4840
      security: {policy: None, insecure: true}
      polled:
        - {tags: northfield/packing/lineA/A1/energy, interval: 1m}
        - {tags: northfield/packing/lineA/A3/**, interval: 1m} # 1
  - name: broker
    mqtt:
      url: tcp://127.0.0.1:1883
      subscriptions:
        - {topic: "{area}/{line}/{equipment}", place: {site: southfield}} # 1
        - topic: a3/count
          equipment: northfield/packing/lineB/A3 # 1
          tags: {total: total, rejects: reject}
        - topic: a3/state
          equipment: northfield/packing/lineA/A3
          tags:
            state: state
            rejects: reject # 1
influx: {url: "http://127.0.0.1:8086", bucket: plant}
production:
  micro_stop: 2h # 1
  calendars:
    - {name: always, shifts: [{name: day, from: "00:00", to: "24:00"}]}
  calendar_for:
    - {equipment: packing/**, calendar: always} # 1
  state_maps:
    - name: words
      codes: {RUN: run}
  products:
    - name: P500
      ideal:
        - {equipment: northfield/packing/lineA, cycle: 1s} # 1
  orders:
    - {order: PO-1, product: P500, line: northfield/packing/lineC, from: 2026-03-02T05:00:00Z} # 1
  equipment:
    - {equipment: northfield/packing/lineA/A1, reject: northfield/moulding/lineB/B1/reject} # 1
    - {equipment: northfield/packing/lineZ/**, good: northfield/packing/lineA/A1/good} # 2
rules:
  - id: hot
    class: maintenance
    priority: high
    kind: threshold
    equipment: northfield/packing/**
    tag: temp
    raise: "> 85 degF" # 1
    clear: "< 80"
    response: Look.
  - {id: silent, class: maintenance, priority: high, kind: absence, equipment: northfield/painting/**, for: 30s, response: Look.} # 1
alerts:
  routes:
    - policy: log
      match:
        area: [moulding, painting] # 1
        equipment: northfield/lineA/* # 1
    - policy: log
web:
  listen: 127.0.0.1:99999 # 1
`

func TestEverythingThatPartsSayWronglyOfEachOtherIsToldAtOnce(t *testing.T) {
	a1 := "plant.areas[0].lines[0].equipment[0]"
	amounts := "count, pieces, g, kg, t, L, l, m3, m"
	want := []string{
		"13: " + a1 + `.tags[0].states: want one of production.state_maps or of the built-in ones: opc_40001, packml, packml_30060, umh, words; not "wordz" (also at line 21)`,
		"14: " + a1 + `.tags[1].unit: want ` + amounts + ` with the role total_count, not "kWh"`,
		"14: " + a1 + `.tags[1].address: want a node id such as ns=2;s=Press.State or nsu=urn:plant;i=1001, not "A1.Total"`,
		"15: " + a1 + `.tags[2].address: want a node of its own, ns=2;s=A1.State is read for the tag state already`,
		"16: " + a1 + `.tags[3].unit: want kWh, Wh, MWh with the role energy, not "degC"`,
		`19: plant.areas[0].lines[0].equipment[1].source: want the name of one of the sources (plc, broker), not "brokr" (also at line 32)`,
		`42: sources[0].opcua.polled[1].tags: want a pattern that matches tags of this source, "northfield/packing/lineA/A3/**" matches none; one of them is northfield/packing/lineA/A1/state`,
		`47: sources[1].mqtt.subscriptions[0].place.site: want northfield, which is the site, or nothing; not "southfield"`,
		`49: sources[1].mqtt.subscriptions[1].equipment: want the path of an equipment, not "northfield/packing/lineB/A3": area northfield/packing has no line "lineB"`,
		`55: sources[1].mqtt.subscriptions[2].tags.rejects: want one of the tags of northfield/packing/lineA/A3 (state, total), not "rejects"`,
		`58: production.micro_stop: want a time from 0s to 1h, not 2h0m0s`,
		`62: production.calendar_for[0].equipment: want a pattern that matches equipment, "packing/**" matches none; an equipment is northfield/packing/lineA/A1`,
		`69: production.products[0].ideal[0].equipment: want a pattern that matches equipment, "northfield/packing/lineA" matches none; an equipment is northfield/packing/lineA/A1`,
		`71: production.orders[0].line: want a pattern that matches lines or equipment, "northfield/packing/lineC" matches none; an equipment is northfield/packing/lineA/A1`,
		`73: production.equipment[0].reject: want a tag of the area northfield/packing, as northfield/packing/lineA/A1 is there; northfield/moulding/lineB/B1/reject is in another area`,
		`74: production.equipment[1].equipment: want a pattern that matches equipment, "northfield/packing/lineZ/**" matches none; an equipment is northfield/packing/lineA/A1`,
		`74: production.equipment[1].good: want the path of a tag, not "northfield/packing/lineA/A1/good": equipment northfield/packing/lineA/A1 has no tag "good"`,
		`82: rules[0].raise: want a limit in the unit of the tag, not degF: northfield/packing/lineA/A1/temp is in "degC"`,
		`85: rules[1].equipment: want a pattern that matches equipment, "northfield/painting/**" matches none; an equipment is northfield/packing/lineA/A1`,
		`90: alerts.routes[0].match.area[1]: want one of the areas packing, moulding, not "painting"`,
		`91: alerts.routes[0].match.equipment: want a pattern that matches equipment, "northfield/lineA/*" matches none; an equipment is northfield/packing/lineA/A1`,
		`94: web.listen: want host:port with a port of 0 to 65535, such as 127.0.0.1:8080 or :8080, not "127.0.0.1:99999"`,
	}
	if got := faults(t, wrong); !slices.Equal(got, want) {
		t.Errorf("got problems\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestOneCauseMakesOneProblem(t *testing.T) {
	good := base + `
rules:
  - {id: shaken, class: maintenance, priority: high, kind: threshold, equipment: northfield/**, tag: vibration, raise: "> 5 mm/s", response: Look.}
production:
  equipment: [{equipment: northfield/packing/**, product: P500, total: northfield/packing/lineA/A1/vibration}]
  products: [{name: P500}]
`
	if got := faults(t, good); got != nil {
		t.Fatalf("got %q, want no problem", got)
	}
	f := func(name, text, change string, want ...string) {
		t.Helper()
		if !strings.Contains(good, text) {
			t.Fatalf("%s: the good configuration has no %q", name, text)
		}
		got := faults(t, strings.ReplaceAll(good, text, change))
		ok := len(got) == len(want)
		for i := range want {
			ok = ok && strings.HasPrefix(got[i], want[i])
		}
		if !ok {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	a1 := "plant.areas[0].lines[0].equipment[0]"
	f("a line's name that is none", "name: lineA", "name: line A", "8: plant.areas[0].lines[0].name: want a name of letters")
	f("a unit that is none", "unit: mm/s", "unit: mm/sec", "14: "+a1+".tags[1].unit: want one of ")
	f("a zone that is none", "zone: Europe/Berlin", "zone: Europe", "4: plant.zone: want an IANA")
	f("tags in a wrong place", "tags:", "tgas:", "12: "+a1+".tgas: want one of the keys")
	f("areas in a wrong place", "areas:", "aeras:", "5: plant.aeras: want one of the keys")
	f("a key of a tag that there is not", "unit: mm/s,", "unit: mm/s, color: red,", "14: "+a1+".tags[1].color: want one of the keys")
	f("a source's name that is none", "- name: plc", "- name: the plc", "16: sources[0].name: want a name of letters")
	f("a source's name that equipment does not know", "- name: plc", "- name: plc1", `11: `+a1+`.source: want the name of one of the sources (plc1), not "plc"`)
	f("a pattern that is none", "equipment: northfield/packing/**", "equipment: 'northfield/[/**'", "23: production.equipment[0].equipment: want a path")
	f("a key of equipment that there is not", "- name: A1", "- {name: A0, color: red}\n            - name: A1", "10: plant.areas[0].lines[0].equipment[0].color: want one of the keys")
	f("a key that is mistyped", "endpoint:", "endpont:", "17: sources[0].opcua.endpont: want one of the keys")
	f("a product's name that is mistyped", "products: [{name:", "products: [{nmae:", "24: production.products[0].nmae: want one of the keys")
	f("a certificate that is not there", `opcua: {endpoint: "opc.tcp://127.0.0.1:4840", security: {policy: None, insecure: true}}`,
		`mqtt: {url: "ssl://127.0.0.1:8883", tls: {ca_file: ca.pem}}`, "17: sources[0].mqtt.tls.ca_file: want a file that can be read: ")
	f("a product's list that is none", "products: [{name: P500}]", "products: {name: P500}", "24: production.products: want a list")
}

func TestAReasonRuleNamesAnAlarmThatThereIs(t *testing.T) {
	text := func(alarm string) string {
		return base + `
rules:
  - {id: shaken, class: maintenance, priority: high, kind: threshold, equipment: northfield/**, tag: vibration, raise: "> 5 mm/s", response: Look.}
production:
  reasons: [{id: bearing, category: fault}]
  reason_rules: [{when: {alarm: ` + alarm + `}, reason: bearing}]
`
	}
	for _, alarm := range []string{"shaken", "counts_while_stopped"} {
		if got := faults(t, text(alarm)); got != nil {
			t.Errorf("%s: got %q, want no problem", alarm, got)
		}
	}
	want := []string{`24: production.reason_rules[0].when.alarm: want the id of one of the rules, not "shakne"`}
	if got := faults(t, text("shakne")); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestARuleForEventsNamesASourceThatHasThem(t *testing.T) {
	text := func(source, events string) string {
		return strings.Replace(base, "security: {policy: None, insecure: true}", "security: {policy: None, insecure: true}"+events, 1) + `
rules:
  - {id: panel, class: maintenance, priority: high, kind: event, equipment: northfield/packing/lineA/A1, source: ` + source + `, response: Look.}
`
	}
	if got := faults(t, text("plc", ", events: {}")); got != nil {
		t.Errorf("got %q, want no problem", got)
	}
	for name, c := range map[string]struct{ source, events, want string }{
		"no such source":      {"plx", ", events: {}", `rules[0].source: want the name of one of the sources, "plx" is none`},
		"one without events":  {"plc", "", `rules[0].source: want a source with opcua.events, "plc" has none`},
		"a type that is none": {"plc", ", events: {types: [Alarm]}", "sources[0].opcua.events.types[0]: want the node id of an event type"},
		"a short interval":    {"plc", ", events: {refresh_interval: 1s}", "sources[0].opcua.events.refresh_interval: want 10s to 24h"},
		"a severity too high": {"plc", ", events: {min_severity: 1001}", "sources[0].opcua.events.min_severity: want 1 to 1000"},
		"a notifier of words": {"plc", ", events: {notifier: Server}", "sources[0].opcua.events.notifier: want a node id"},
	} {
		if got := faults(t, text(c.source, c.events)); len(got) != 1 || !strings.Contains(got[0], c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestWhatAnUnreadFileMayHoldIsNotMissed(t *testing.T) {
	main := write(t, "andon.yaml", "include: [plant.yaml, rules.yaml]\n"+strings.ReplaceAll(base[strings.Index(base, "sources:"):], "bucket: plant", "bucket: \"\""))
	folder := filepath.Dir(main)
	if err := os.WriteFile(filepath.Join(folder, "rules.yaml"), []byte("# rules\nrules:\n  - [a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := configs.Load(main)
	if err == nil {
		t.Fatal("got no error, want one")
	}
	var got []string
	for line := range strings.SplitSeq(strings.ReplaceAll(err.Error(), folder+"/", ""), "\n") {
		got = append(got, line)
	}
	want := []string{"andon.yaml:1: include[0]: want a readable file", "andon.yaml:5: influx.bucket: want", "rules.yaml:3: yaml: want correct YAML"}
	ok := len(got) == len(want)
	for i := range want {
		ok = ok && strings.HasPrefix(got[i], want[i])
	}
	if !ok {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var fault configs.Fault
	if !errors.As(err, &fault) || fault.File != main || fault.Line != 1 || fault.Path != "include[0]" {
		t.Errorf("got first fault %+v, want include[0] in line 1", fault)
	}
}

func TestTheSameInTwoFilesIsOneProblemWithBothPlaces(t *testing.T) {
	main := write(t, "andon.yaml", "include: [plant.yaml]\n"+strings.ReplaceAll(base[strings.Index(base, "sources:"):], "sources:", "data_dir: ${env:ANDON_TEST_NONE}\nsources:"))
	plantFile := filepath.Join(filepath.Dir(main), "plant.yaml")
	text := strings.ReplaceAll(base[:strings.Index(base, "sources:")], "source: plc", "source: plk\n              tags: []\n            - name: A2\n              source: plk")
	if err := os.WriteFile(plantFile, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := configs.Load(main)
	want := plantFile + `:11: plant.areas[0].lines[0].equipment[0].source: want the name of one of the sources (plc), not "plk" (also at line 14)`
	if err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("got\n%v\nwant two lines, one of them\n%s", err, want)
	}
}

func TestATagMayNotBeCalledLikeTheMarkOfThePast(t *testing.T) {
	text := strings.Replace(wrong, "name: temp,", "name: backfilled,", 1)
	const want = "17: plant.areas[0].lines[0].equipment[0].tags[4].name: want another name than backfilled: lines of samples from a server's history have a field of that name"
	if got := faults(t, text); !slices.Contains(got, want) {
		t.Errorf("got problems\n%s\nwant among them\n%s", strings.Join(got, "\n"), want)
	}
}
