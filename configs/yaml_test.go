package configs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"andon/configs"
)

// load loads a text that has no problem.
func load(t *testing.T, text string) *configs.Config {
	t.Helper()
	cfg, err := configs.Load(write(t, "andon.yaml", text))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// withSources is base with these lines after its source, whose settings are
// named plc.
func withSources(lines string) string {
	text := strings.ReplaceAll(base, "opcua: {", "opcua: &plc {queue_size: 20, ")
	return strings.ReplaceAll(text, "influx: {", lines+"influx: {")
}

func TestASourcesOwnKeysWinOverMergedOnesWhereverTheyStand(t *testing.T) {
	cfg := load(t, withSources(`
  - name: before
    opcua: {endpoint: "opc.tcp://127.0.0.1:4841", <<: *plc}
  - name: after
    opcua:
      <<: *plc
      endpoint: opc.tcp://127.0.0.1:4842
      security: {policy: None, insecure: true, mode: None}
`))
	for i, want := range []string{"opc.tcp://127.0.0.1:4840", "opc.tcp://127.0.0.1:4841", "opc.tcp://127.0.0.1:4842"} {
		s := cfg.Sources[i]
		if got := s.OPCUA.Endpoint; got != want {
			t.Errorf("endpoint of %s: got %s, want %s", s.Name, got, want)
		}
		if got := s.OPCUA.QueueSize; got != 20 {
			t.Errorf("queue of %s: got %d, want the 20 that it merges", s.Name, got)
		}
	}
}

func TestAMergeIsShallow(t *testing.T) {
	got := faults(t, withSources(`
  - name: shallow
    opcua:
      <<: *plc
      security: {policy: None} # says nothing of insecure
`))
	if !containsPrefix(got, "22: sources[1].opcua.security") {
		t.Errorf("got %q, want the whole security replaced, so that its insecure is missing", got)
	}
}

func TestCodesOfAStateMapMayBeMerged(t *testing.T) {
	cfg := load(t, base+`
production:
  state_maps:
    - name: labeller
      codes: &words {RUN: run, DOWN: stopped}
    - name: packer
      codes: &packer {DOWN: fault, <<: *words, JAM: blocked}
    - name: both
      codes: {<<: [{RUN: slow}, *packer, *words]}
`)
	var got []string
	for _, m := range cfg.Production.StateMaps {
		got = append(got, fmt.Sprint(m.Codes))
	}
	want := []string{"map[DOWN:stopped RUN:run]", "map[DOWN:fault JAM:blocked RUN:run]", "map[DOWN:fault JAM:blocked RUN:slow]"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("codes: got %q, want %q", got, want)
	}
}

func TestAListOfMergesPrefersTheEarlier(t *testing.T) {
	cfg := load(t, withSources(`
  - name: other
    opcua: &other {endpoint: "opc.tcp://127.0.0.1:4841", queue_size: 30, keep_alive: 3s, security: {policy: None, insecure: true}}
  - name: both
    opcua: {<<: [*plc, *other]}
`))
	s := cfg.Sources[2].OPCUA
	if s.Endpoint != "opc.tcp://127.0.0.1:4840" || s.QueueSize != 20 || s.KeepAlive.String() != "3s" {
		t.Errorf("got %s %d %s, want the first list's endpoint and queue, the second's keep-alive", s.Endpoint, s.QueueSize, s.KeepAlive)
	}
}

func TestAProblemOfAMergedKeyIsToldOnceWhereItsValueStands(t *testing.T) {
	got := faults(t, strings.ReplaceAll(withSources(`
  - name: second
    opcua:
      <<: *plc
`), "queue_size: 20", "queue_size: many"))
	if want := `17: sources[0].opcua.queue_size: want a whole number, 0 or more, in plain digits, not "many"`; len(got) != 1 || got[0] != want {
		t.Errorf("problems: got %q, want %q alone, though two sources have it", got, want)
	}
}

func TestWhatCannotBeMergedIsToldWhereItStands(t *testing.T) {
	for merged, want := range map[string]string{
		"text": "keys and values", "[1]": "keys and values", "[[{id: a}]]": "keys and values", "*nowhere": "an anchor &nowhere above this alias",
	} {
		got := faults(t, base+"log:\n  level: info\n  <<: "+merged+"\n")
		if !containsPrefix(got, "21: log.<<: want "+want) {
			t.Errorf("merging %s: got %q, want 21: log.<<: want %s", merged, got, want)
		}
	}
}

func TestAnAliasNamesTheAnchorAboveIt(t *testing.T) {
	cfg := load(t, base+`
production:
  state_maps:
    - name: &n first
      codes: {<<: {RUN: &s run}, DOWN: *s}
    - name: &n second
      codes: {RUN: *s}
  products: [{name: *n}]
`)
	if got := cfg.Production.Products[0].Name; got != "second" {
		t.Errorf("got %q, want the nearer anchor's second", got)
	}
	main := write(t, "andon.yaml", "include: [more.yaml]\n"+strings.ReplaceAll(base, "bucket: plant", "bucket: &b plant"))
	more := filepath.Join(filepath.Dir(main), "more.yaml")
	if err := os.WriteFile(more, []byte("log: {level: *b}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := configs.Load(main)
	if want := more + ":1: log.level: want an anchor &b above"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("an alias of another file's anchor: got %v, want %s", err, want)
	}
}

func TestAnIncludedFileCannotMergeASectionThatStandsElsewhere(t *testing.T) {
	main := write(t, "andon.yaml", "include: [more.yaml]\n"+base)
	more := filepath.Join(filepath.Dir(main), "more.yaml")
	if err := os.WriteFile(more, []byte("<<:\n  influx: {bucket: other}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := configs.Load(main)
	if want := more + ":2: influx: want this section once"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestMergesAndAliasesWithoutEndAreRefused(t *testing.T) {
	doubling := "log: {<<: [&a0 {level: info}, *a0]}\n"
	for i := 1; i < 40; i++ {
		doubling = strings.ReplaceAll(doubling, "log: {<<: [", fmt.Sprintf("log: {<<: [&a%d {<<: [", i))
		doubling = strings.TrimSuffix(doubling, "]}\n") + fmt.Sprintf("]}, *a%d]}\n", i)
	}
	for name, text := range map[string]string{
		"a merge of itself":       "log: &l {level: info, <<: *l}\n",
		"merges of each other":    "log: &a {<<: &b {<<: *a}}\n",
		"merges that double":      doubling,
		"a list of itself":        "sources: &s [*s]\n",
		"an alias of itself":      "log: &l *l\n",
		"a text that is an alias": "data_dir: &d *d\n",
	} {
		if got := faults(t, text+base); len(got) == 0 {
			t.Errorf("%s: got no problem, want one", name)
		}
	}
}

func TestAYAMLTagIsRefused(t *testing.T) {
	if got := faults(t, strings.ReplaceAll(base, "site: northfield", "site: !!str northfield")); !containsPrefix(got, "3: plant.site: want a value without the tag !!str") {
		t.Errorf("got %q, want the tag refused", got)
	}
}

func TestAKeyMayBeWrittenInFull(t *testing.T) {
	cfg := load(t, base+"? log\n: ? level\n  : warn\n  ? &f format\n  : json\n")
	if cfg.Log.Level != "warn" || cfg.Log.Format != "json" {
		t.Errorf("got %+v, want warn and json", cfg.Log)
	}
	if got := faults(t, base+"?\n: 1\n"); len(got) == 0 {
		t.Error("a key that is nothing: got no problem, want one")
	}
}
