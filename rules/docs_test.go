package rules_test

import (
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"andon/rules"
)

func TestDocumentedRulesAreGood(t *testing.T) {
	doc, err := os.ReadFile("../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(doc), "```yaml\n")[1:]
	if len(blocks) != 7 {
		t.Errorf("examples: got %d, want 7", len(blocks))
	}
	for _, b := range blocks {
		text, _, _ := strings.Cut(b, "```")
		if !strings.HasPrefix(text, "rules:") {
			text = "rules:\n" + text
		}
		var c rules.Config
		if err := yaml.UnmarshalWithOptions([]byte(text), &c, yaml.Strict()); err != nil {
			t.Errorf("%s%v", text, err)
		}
		if err := c.Validate().Err(); err != nil {
			t.Errorf("%s%v", text, err)
		}
	}
}
