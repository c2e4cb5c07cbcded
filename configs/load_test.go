package configs_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"andon/configs"
	"andon/plant"
	"andon/plant/setting"
)

// base is a configuration without a problem.
const base = `
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
                - {name: state, role: state, type: int, address: ns=2;s=A1.State}
                - {name: vibration, type: float, unit: mm/s, address: ns=2;s=A1.Vib}
sources:
  - name: plc
    opcua: {endpoint: "opc.tcp://127.0.0.1:4840", security: {policy: None, insecure: true}}
influx: {url: "http://127.0.0.1:8086", bucket: plant}
`

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// faults loads a text and returns its problems as line: path: wish.
func faults(t *testing.T, text string) []string {
	t.Helper()
	file := write(t, "andon.yaml", text)
	_, err := configs.Load(file)
	if err == nil {
		return nil
	}
	return strings.Split(strings.ReplaceAll(err.Error(), file+":", ""), "\n")
}

func TestTheExamplesHaveNoProblem(t *testing.T) {
	for _, file := range []string{"northfield/andon.yaml", "demo/andon.yaml", "../deploy/andon/andon.yaml"} {
		t.Setenv("INFLUX_TOKEN", "t")
		t.Setenv("ANDON_TOKEN", "long enough for a token of the demo")
		cfg, err := configs.Load(file)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		for _, path := range []setting.File{cfg.Store.Path, cfg.Bus.Dir, cfg.Influx.DeadLetter.Dir} {
			if !strings.HasPrefix(string(path), string(cfg.DataDir)+"/") {
				t.Errorf("%s keeps data in %s, want it below %s", file, path, cfg.DataDir)
			}
		}
	}
}

func TestDefaultsHoldWhereNothingIsSaid(t *testing.T) {
	cfg, err := configs.Load(write(t, "andon.yaml", base))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := cfg.Production.MicroStop, 120*time.Second; got != want {
		t.Errorf("micro-stop: got %s, want %s", got, want)
	}
	if got := cfg.Sources[0].OPCUA.PublishingInterval; got <= 0 {
		t.Errorf("publishing interval of a source: got %s, want its default", got)
	}
	if !filepath.IsAbs(string(cfg.DataDir)) {
		t.Errorf("data folder: got %q, want it made absolute", cfg.DataDir)
	}
}

func TestAnAlarmAboutAndonItselfStaysOnWhenItsLimitIsChanged(t *testing.T) {
	cfg, err := configs.Load(write(t, "andon.yaml", base+"system: {influx_behind: {age: 10m}, source_away: {enabled: false}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if b := cfg.System.InfluxBehind; !b.Enabled || b.Priority != plant.PriorityHigh || b.Age != 10*time.Minute || cfg.System.SourceAway.Enabled {
		t.Errorf("got %+v and %+v, want the first on with its priority, the second off", b, cfg.System.SourceAway)
	}
}

func TestEveryProblemIsToldAtOnceWithItsPlace(t *testing.T) {
	text := strings.ReplaceAll(base, "unit: mm/s", "unit: furlong")
	text = strings.ReplaceAll(text, "zone: Europe/Berlin", "zone: Nowhere/City")
	text = strings.ReplaceAll(text, "endpoint: \"opc.tcp://127.0.0.1:4840\"", "endpoint: \"http://127.0.0.1\"")
	got := faults(t, text)
	for _, want := range []string{"4: plant.zone: want an IANA time zone",
		"14: plant.areas[0].lines[0].equipment[0].tags[1].unit: want one of", "17: sources[0].opcua.endpoint: want"} {
		if !containsPrefix(got, want) {
			t.Errorf("problems: got %q, want one that begins with %q", got, want)
		}
	}
}

func containsPrefix(lines []string, prefix string) bool {
	for _, l := range lines {
		if strings.HasPrefix(l, prefix) {
			return true
		}
	}
	return false
}

func TestBadConfigurationsAreRefusedWithPlaceAndWish(t *testing.T) {
	f := func(name, text, want string) {
		t.Helper()
		if got := faults(t, text); !containsPrefix(got, want) {
			t.Errorf("%s: got %q, want one that begins with %q", name, got, want)
		}
	}
	f("an unknown section", base+"plants: {}\n", "19: plants: want one of the keys")
	f("an unknown key deep inside", strings.ReplaceAll(base, "bucket: plant", "bukket: plant"), "18: influx.bukket: want one of the keys")
	f("a key twice", strings.ReplaceAll(base, "zone: Europe/Berlin", "zone: Europe/Berlin\n  site: other"), "5: yaml: want correct YAML: mapping key \"site\" already defined")
	f("a duration without unit", base+"production: {micro_stop: 120}\n", "19: production.micro_stop: want a duration such as")
	f("a list where one value belongs", strings.ReplaceAll(base, "site: northfield", "site: [a, b]"), "3: plant.site: want one value")
	f("text where a number belongs", strings.ReplaceAll(base, "name: state, role: state,", "name: state, role: state, rollover: many,"), "13: plant.areas[0].lines[0].equipment[0].tags[0].rollover: want a whole number")
	f("a tag twice", strings.ReplaceAll(base, "name: vibration", "name: state"), "14: plant.areas[0].lines[0].equipment[0].tags[1].name: want a name used once")
	f("a source that is not there", strings.ReplaceAll(base, "source: plc", "source: plk"), "11: plant.areas[0].lines[0].equipment[0].source: want the name of one of the sources")
	f("a tag of an OPC UA source without address", strings.ReplaceAll(base, ", address: ns=2;s=A1.Vib", ""), "14: plant.areas[0].lines[0].equipment[0].tags[1].address: want a node id")
	f("two protocols in one source", strings.ReplaceAll(base, "    opcua: {", "    mqtt: {url: \"tcp://127.0.0.1:1883\"}\n    opcua: {"), "16: sources[0]: want either opcua or mqtt")
	f("an environment variable that is not set", strings.ReplaceAll(base, "bucket: plant", "bucket: \"${env:ANDON_TEST_UNSET}\""), "18: influx.bucket: want the environment variable ANDON_TEST_UNSET to be set")
	f("a rule about a tag that is not there", base+"rules: [{id: hot, class: maintenance, priority: high, kind: threshold, equipment: northfield/**, tag: temp, raise: \"> 5\", response: Look.}]\n", "19: rules[0].tag: want")
	f("a secret's file that is not there", strings.ReplaceAll(base, "bucket: plant", "bucket: plant, token_file: missing"), "18: influx.token_file: want a file that can be read")
	f("an unknown key and a wrong zone together", strings.ReplaceAll(base, "zone: Europe/Berlin", "zone: Mars")+"sauces: []\n", "4: plant.zone: want an IANA time zone")
	f("a limit of an alarm about andon itself", base+"system: {queue_full: {percent: 120}}\n", "19: system.queue_full.percent: want 1 to 99")
	f("an include that is not there", "include: [missing.yaml]\n"+base, "1: include[0]: want a readable file")
}

func TestASectionStandsInOneFileOnly(t *testing.T) {
	main := write(t, "andon.yaml", "include: [more.yaml]\n"+base)
	more := filepath.Join(filepath.Dir(main), "more.yaml")
	if err := os.WriteFile(more, []byte("# more\ninflux: {bucket: other}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := configs.Load(main)
	var fault configs.Fault
	if !errors.As(err, &fault) || fault.File != more || fault.Line != 2 || fault.Path != "influx" {
		t.Errorf("got %v, want a fault at %s:2: influx", err, more)
	}
	if err := os.WriteFile(more, []byte("# more\nproduction: {micro_stop: 45s}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := configs.Load(main)
	if err != nil || cfg.Production.MicroStop != 45*time.Second {
		t.Errorf("got %v, want the included micro-stop of 45s", err)
	}
}

func TestEnvironmentAndSecretsAreFilledInAndNeverPrinted(t *testing.T) {
	t.Setenv("ANDON_TEST_TOKEN", "opensesame")
	cfg, err := configs.Load(write(t, "andon.yaml", strings.ReplaceAll(base, "bucket: plant", "bucket: \"${env:ANDON_TEST_BUCKET:plant}\", token: \"${env:ANDON_TEST_TOKEN}\"")))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Influx.Bucket != "plant" || cfg.Influx.Token.Reveal() != "opensesame" {
		t.Errorf("got bucket %q and token %q", cfg.Influx.Bucket, cfg.Influx.Token.Reveal())
	}
	if text := cfg.Influx.Token.String(); text != "<secret>" {
		t.Errorf("token prints as %q, want <secret>", text)
	}
}

func TestAConfigurationMayBeEmptyOfEverythingButWhatIsNeeded(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "only a comment": "# nothing\n", "not a mapping": "- a\n", "two documents": "a: 1\n---\nb: 2\n", "broken": "a: [\n"} {
		if _, err := configs.Load(write(t, "andon.yaml", text)); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
	if _, err := plant.NewTree(plant.Config{}); err == nil {
		t.Error("a tree without a site: got no error, want one")
	}
}

func FuzzLoadNeverPanics(f *testing.F) {
	f.Add([]byte(base))
	f.Add([]byte("a: &x [*x]\n"))
	f.Add([]byte("rules: &r\n  - <<: *r\n"))
	f.Add([]byte("log: &l {<<: [*l, {<<: *l}], level: &v 0x1d}\n? &k bus\n: {max_age: *v, <<: *k}\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		file := filepath.Join(dir, "andon.yaml")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _ = configs.Load(file) // an error is fine
	})
}
