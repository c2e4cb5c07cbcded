package alerts_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"andon/alerts"
	"andon/plant"
	"andon/plant/setting"
)

func TestDefaultConfigurationRuns(t *testing.T) {
	if err := alerts.DefaultConfig().Validate().Err(); err != nil {
		t.Error(err)
	}
}

func TestConfigurationIsReadFromYAML(t *testing.T) {
	const text = `
contacts:
  duty: {webhook: {url: "https://chat.example/hook", secret: s3cret, timeout: 5s}}
  log: {log: {}}
policies:
  line: [{after: 0s, notify: [duty]}, {after: 15m, notify: [duty, log]}]
routes:
  - {match: {class: [safety], area: [packing]}, policy: line}
  - {policy: line, ack: none}
delivery: {expire_after: 12h}
`
	c := alerts.DefaultConfig()
	if err := yaml.UnmarshalWithOptions([]byte(text), &c, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if err := c.Validate().Err(); err != nil {
		t.Error(err)
	}
	if w := c.Contacts["duty"].Webhook; w == nil || w.Secret.Reveal() != "s3cret" || w.Timeout != 5*time.Second {
		t.Errorf("webhook: got %+v", w)
	}
	if c.Contacts["log"].Log == nil {
		t.Error("log: got no log contact")
	}
	if got := c.Policies["line"][1].After; got != 15*time.Minute {
		t.Errorf("second step: got after %s, want 15m", got)
	}
	if c.Delivery.ExpireAfter != 12*time.Hour || c.Delivery.Parallel != 8 {
		t.Errorf("delivery: got %+v, want 12h and the default of parallel", c.Delivery)
	}
}

func TestDocumentedConfigurationIsGood(t *testing.T) {
	doc, err := os.ReadFile("../docs/alerts.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(doc), "```yaml\n")
	text, _, _ = strings.Cut(text, "```")
	c := struct {
		Alerts alerts.Config `yaml:"alerts"`
	}{alerts.DefaultConfig()}
	if err := yaml.UnmarshalWithOptions([]byte(text), &c, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if err := c.Alerts.Validate().Err(); err != nil || len(c.Alerts.Routes) != 3 {
		t.Errorf("got %v, %d routes; want no problem, 3 routes", err, len(c.Alerts.Routes))
	}
}

func TestEveryProblemIsNamedAtItsPlace(t *testing.T) {
	c := alerts.Config{
		Contacts: map[string]alerts.Contact{
			"both": {Log: &alerts.Log{}, Webhook: &alerts.Webhook{URL: "https://x.example"}},
			"bad":  {Webhook: &alerts.Webhook{URL: "ftp://x", Secret: "a", SecretFile: "b", Timeout: time.Hour}},
			"log":  {Log: &alerts.Log{}},
			"none": {},
		},
		Policies: map[string][]alerts.Step{
			"empty": {},
			"p":     {{After: -1, Notify: []string{"log", "log", "nobody"}}, {After: -1}},
		},
		Routes: []alerts.Route{{Policy: "q", Ack: "maybe", Match: alerts.Match{Class: []plant.Class{"x"}, Priority: []plant.Priority{"y"}, Equipment: "["}}},
	}
	want := []string{"contacts.bad.webhook.url", "contacts.bad.webhook.secret_file", "contacts.bad.webhook.timeout", "contacts.both", "contacts.none",
		"policies.empty", "policies.p[0].after", "policies.p[0].notify[1]", "policies.p[0].notify[2]", "policies.p[1].after", "policies.p[1].notify",
		"routes[0].policy", "routes[0].ack", "routes[0].match.class[0]", "routes[0].match.priority[0]", "routes[0].match.equipment", "routes",
		"delivery.expire_after", "delivery.parallel", "delivery.retry_min"}
	if diff := cmp.Diff(want, paths(c.Validate())); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestRoutesNameOnlyAreasAndEquipmentThatExist(t *testing.T) {
	tree, _ := packing(t)
	c := duty()
	c.Routes[0].Match = alerts.Match{Area: []string{"packing", "painting"}, Equipment: "northfield/*/lineZ/*"}
	want := []string{"routes[0].match.area[1]", "routes[0].match.equipment"}
	if diff := cmp.Diff(want, paths(c.Check(tree))); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestRoutesMatchByAreaAndEquipment(t *testing.T) {
	cfg := duty()
	cfg.Routes = []alerts.Route{
		{Match: alerts.Match{Area: []string{"moulding"}}, Policy: "log"},
		{Match: alerts.Match{Area: []string{"packing"}, Equipment: "northfield/packing/lineA/A2"}, Policy: "safety"},
		{Policy: "duty"},
	}
	cfg.Policies["log"] = []alerts.Step{{Notify: []string{"log"}}}
	s := newShift(t, cfg)
	wantTold(t, "A1", s.raise("10:00", "A1"), "first raised")
	wantTold(t, "A2", s.raise("10:00", "A2"), "safety raised, boss raised")
}

func paths(p setting.Problems) (out []string) {
	for _, x := range p {
		out = append(out, x.Path)
	}
	return out
}
