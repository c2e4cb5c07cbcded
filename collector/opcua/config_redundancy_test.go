package opcua_test

import (
	"fmt"
	"testing"
	"time"

	"andon/collector/opcua"
)

func manyEndpoints(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("opc.tcp://plc%d:4840", i)
	}
	return list
}

func TestASourceHasOneEndpointOrSeveral(t *testing.T) {
	for name, c := range map[string]struct {
		one   string
		list  []string
		wrong string // path of the problem, "" for none
	}{
		"several":       {list: manyEndpoints(8)},
		"both keys":     {one: "opc.tcp://plc0", list: manyEndpoints(2), wrong: "endpoint"},
		"neither":       {wrong: "endpoint"},
		"too many":      {list: manyEndpoints(9), wrong: "endpoints"},
		"not an OPC UA": {list: []string{"opc.tcp://a", "http://b"}, wrong: "endpoints[1]"},
		"one twice":     {list: []string{"opc.tcp://a", "opc.tcp://b", "opc.tcp://a"}, wrong: "endpoints[2]"},
	} {
		config := valid()
		config.Endpoint, config.Endpoints = c.one, c.list
		got := config.Validate()
		if c.wrong == "" && got != nil || c.wrong != "" && (len(got) != 1 || got[0].Path != c.wrong) {
			t.Errorf("%s: got problems %v, want one at %q", name, got, c.wrong)
		}
	}
}

func TestMistakesInRedundancyAreNamedByTheirPath(t *testing.T) {
	for path, change := range map[string]func(*opcua.Redundancy){
		"redundancy.check_interval":  func(r *opcua.Redundancy) { r.CheckInterval = 0 },
		"redundancy.fail_back_after": func(r *opcua.Redundancy) { r.FailBackAfter = time.Second },
		"redundancy.level_margin":    func(r *opcua.Redundancy) { r.LevelMargin = 256 },
	} {
		c := valid()
		change(&c.Redundancy)
		if got := c.Validate(); len(got) != 1 || got[0].Path != path {
			t.Errorf("%s: got problems %v, want one there", path, got)
		}
	}
}
