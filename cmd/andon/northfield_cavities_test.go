package main

import (
	"bytes"
	"encoding/json"
	"testing"
)

// A recording without the moulder's cavities counts four parts a shot, as the
// configuration says; where its mould tells another number, that one holds.
func TestTheMouldOfNorthfieldTellsItsCavities(t *testing.T) {
	file := recordFrom(t, northfieldStart)
	text := readText(t, file)
	if bytes.Contains(text, []byte(b1+"/cavities")) {
		t.Fatal("the recording has cavities: want one without")
	}
	// One cavity is shut from 08:33 on, which is between two shots.
	text = append(text, `{"tag":"`+b1+`/cavities","ts":"2026-03-02T08:00:00Z","value":4}
{"tag":"`+b1+`/cavities","ts":"2026-03-02T08:33:00Z","value":3}
`...)
	for name, x := range map[string]struct {
		samples string
		made    json.Number
	}{"without": {file, "852"}, "with": {writeText(t, "hour.ndjson", string(text)), "747"}} {
		t.Run(name, func(t *testing.T) {
			hourReplay{samples: x.samples}.run(t).check(b1, figures{"produced_quantity": x.made})
		})
	}
}
