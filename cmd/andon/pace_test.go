package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
)

func TestAServerWhoseNodesAreOthersEachTimeHasAndonBuiltAnewEverMoreSeldom(t *testing.T) {
	p := newGrownPlant(t, true)
	var pace pace
	var anew int
	for now, ran := time.Duration(0), time.Duration(0); now < 24*time.Hour; now += ran {
		ran = pace.wait(ran) // and then there is a new node at once, as below
		anew++
	}
	if anew > 40 {
		t.Errorf("a day: built anew %d times, want about once an hour", anew)
	}
	if got := pace.wait(24 * time.Hour); got != settled {
		t.Errorf("after a quiet day: got %v, want %v", got, settled)
	}
	for _, id := range []string{"first", "second", "third"} {
		if d, _ := p.look(id); len(d.changed) != 1 {
			t.Errorf("%s: got no configuration to go on with", id)
		}
	}
}

func TestWhatIsFoundInAllStaysWithinTheBoundOfNodes(t *testing.T) {
	p := newGrownPlant(t, true)
	text, err := os.ReadFile(p.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.config, bytes.Replace(text, []byte("apply: true"), []byte("apply: true, max_nodes: 2"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	p.look("first")
	p.look("second")
	d, told := p.look("third")
	if len(d.changed) != 0 || len(told) != 1 || !strings.Contains(told[0], "more than max_nodes") {
		t.Errorf("one more: got %d configurations to go on with, told %q; want none, and it told", len(d.changed), told)
	}
	if names := p.names(); len(names) != 2 {
		t.Errorf("got %v, want two tags", names)
	}
}
