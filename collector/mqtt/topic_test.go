package mqtt

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTopicTemplates(t *testing.T) {
	for _, c := range []struct{ topic, filter, wrong string }{
		{topic: "{site}/{area}/{line}/{equipment}/count", filter: "+/+/+/+/count"},
		{topic: "plc/{tag}/#", filter: "plc/+/#"},
		{topic: "#", filter: "#"},
		{topic: "/a//b/", filter: "/a//b/"},
		{topic: "$share/andon/{tag}/+", filter: "$share/andon/+/+"},
		{topic: "", wrong: "1 to 65535 bytes"},
		{topic: "a/#/b", wrong: "whole levels"},
		{topic: "a/b+", wrong: "whole levels"},
		{topic: "a/{device}", wrong: "whole levels"},
		{topic: "a/line-{line}", wrong: "whole levels"},
		{topic: "{tag}/{tag}", wrong: "{tag} once"},
		{topic: "$share/andon", wrong: "$share/<group>"},
		{topic: "a\x00b", wrong: "1 to 65535 bytes"},
	} {
		got, err := parseTemplate(c.topic)
		if got.filter != c.filter {
			t.Errorf("%q: got filter %q, want %q", c.topic, got.filter, c.filter)
		}
		if (err != nil) != (c.wrong != "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%q: got error %v, want %q", c.topic, err, c.wrong)
		}
	}
}

func TestTopicsMatchAsTheStandardSays(t *testing.T) {
	for _, c := range []struct {
		template, topic string
		want            bool
		equipment, tag  string
	}{
		{template: "a/{equipment}/{tag}", topic: "a/A3/total", want: true, equipment: "A3", tag: "total"},
		{template: "a/{equipment}/#", topic: "a/A3", want: true, equipment: "A3"},
		{template: "a/{equipment}/#", topic: "a/A3/x/y", want: true, equipment: "A3"},
		{template: "a/{equipment}", topic: "a/A3/x"},
		{template: "a/{equipment}", topic: "a"},
		{template: "a/{equipment}", topic: "a/"},
		{template: "a/+", topic: "a/", want: true},
		{template: "+/+", topic: "/", want: true},
		{template: "a/#", topic: "a", want: true},
		{template: "a", topic: "A"},
		{template: "#", topic: "$SYS/broker", want: false},
		{template: "+/broker", topic: "$SYS/broker"},
		{template: "{tag}/broker", topic: "$SYS/broker"},
		{template: "$SYS/{tag}", topic: "$SYS/broker", want: true, tag: "broker"},
		{template: "$share/g/a/{tag}", topic: "a/b", want: true, tag: "b"},
	} {
		tmpl, err := parseTemplate(c.template)
		if err != nil {
			t.Fatal(err)
		}
		var got parts
		if ok := tmpl.match(c.topic, &got); ok != c.want {
			t.Errorf("%s against %s: got %v, want %v", c.topic, c.template, ok, c.want)
		} else if ok && (got[partEquipment] != c.equipment || got[partTag] != c.tag) {
			t.Errorf("%s against %s: got %q, want equipment %q and tag %q", c.topic, c.template, got, c.equipment, c.tag)
		}
	}
}

func TestPaths(t *testing.T) {
	for path, want := range map[string][]string{
		"": nil, "total": {"total"}, "counts.reject": {"counts", "reject"}, "lines[0].total": {"lines", "0", "total"},
		"[2]": {"2"}, "[1].x": {"1", "x"}, "a[0][1]": {"a", "0", "1"}, `a\.b.c\[0\]`: {"a.b", "c[0]"},
	} {
		got, err := parsePath(path)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("path %q: got %q and error %v, want %q", path, got, err, want)
		}
	}
	for _, path := range []string{".", "a.", "a..b", "a[", "a[x]", "a[-1]", "a]b", "a[0]b", `a\`} {
		if got, err := parsePath(path); err == nil {
			t.Errorf("path %q: got %q, want an error", path, got)
		}
	}
}

// pattern is the filter of a template as a regular expression: the same rules,
// written a second time in another way.
func pattern(filter string) *regexp.Regexp {
	var out strings.Builder
	if strings.HasPrefix(filter, "$share/") {
		filter = strings.SplitN(filter, "/", 3)[2]
	}
	out.WriteString(`^`)
	for i, name := range strings.Split(filter, "/") {
		switch {
		case name == "#" && i == 0:
			out.WriteString(`[^$].*|^`)
		case name == "#":
			out.WriteString(`(/.*)?`)
		case name == "+" && i == 0:
			out.WriteString(`([^/$][^/]*)?`)
		case i > 0:
			out.WriteString(`/`)
			fallthrough
		default:
			if name == "+" {
				name = `[^/]*`
			} else {
				name = regexp.QuoteMeta(name)
			}
			out.WriteString(name)
		}
	}
	return regexp.MustCompile(`(?s)` + out.String() + `$`)
}

func FuzzTopicMatching(f *testing.F) {
	f.Add("{site}/+/count", "a/b/count")
	f.Add("a/#", "a")
	f.Add("#", "$SYS/x")
	f.Add("$share/g/+", "x")
	f.Fuzz(func(t *testing.T, template, topic string) {
		tmpl, err := parseTemplate(template)
		if err != nil || !utf8.ValidString(topic) {
			return
		}
		var got parts
		ok := tmpl.match(topic, &got)
		want := pattern(tmpl.filter).MatchString(topic)
		for p := range got {
			if ok && tmpl.has(part(p)) && got[p] == "" {
				t.Errorf("%q against %q: got an empty %s", topic, template, part(p))
			}
		}
		if ok && !want {
			t.Errorf("%q against %q: got a match, want none", topic, tmpl.filter)
		}
		if !ok && want && !strings.Contains(template, "{") {
			t.Errorf("%q against %q: got no match, want one", topic, tmpl.filter)
		}
	})
}
