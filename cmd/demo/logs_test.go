package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestALogGoesOnOverStartsAndBeginsAnewWhenItIsLarge(t *testing.T) {
	name := filepath.Join(t.TempDir(), "andon.log")
	say := func(text string) {
		t.Helper()
		f, err := openLog(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	read := func(name string) string {
		t.Helper()
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	say("first\n")
	say("second\n")
	text := read(name)
	if i, j := strings.Index(text, "first"), strings.Index(text, "second"); i < 0 || j < i || strings.Count(text, "=== run of ") != 2 {
		t.Errorf("got %q, want both runs, each with its beginning", text)
	}
	for _, run := range []string{"third", "fourth"} {
		if err := os.Truncate(name, maxLog+1); err != nil {
			t.Fatal(err)
		}
		say(run)
		if text := read(name); len(text) > 1000 || !strings.HasSuffix(text, run) {
			t.Errorf("got %d bytes that end with %.60q, want a new log of the %s run", len(text), text, run)
		}
	}
	if old := read(name + ".1"); !strings.Contains(old, "third") {
		t.Error("the log before the last is not kept")
	}
	if files, err := os.ReadDir(filepath.Dir(name)); err != nil || len(files) != 2 {
		t.Errorf("got %v, %v; want the log and one old one", files, err)
	}
}
