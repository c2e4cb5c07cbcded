package andon_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// layers lists who may import whom, lowest first: a package may import
// packages of lower layers, its own parents and its own sub-packages. What
// stands in one layer does not know of its neighbours.
var layers = [][]string{
	{"plant"},
	{"bus", "collector", "production", "rules", "alerts", "influx", "store"},
	{"engine", "queue", "system"},
	{"web"},
	{"configs"}, // composes the configuration of all the others
	{"cmd", "faults", "interop"},
}

// testHelpers are packages that only tests import; they may use more.
var testHelpers = []string{"test", "bustest", "mqtttest", "opcuatest", "influxtest", "collectortest", "alertstest", "productiontest"}

// wholeOfParts is a package that is made of those below it; probe uses it.
const wholeOfParts = "collector/opcua"

func layerOf(top string) int {
	for i, names := range layers {
		for _, name := range names {
			if name == top {
				return i
			}
		}
	}
	return -1
}

func isTestHelper(path string) bool {
	for _, part := range strings.Split(path, "/") {
		for _, name := range testHelpers {
			if part == name {
				return true
			}
		}
	}
	return false
}

func TestImportsRunOneWay(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&pkg); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		checkImports(t, pkg.ImportPath, pkg.Imports)
	}
}

func checkImports(t *testing.T, path string, imports []string) {
	from, ok := strings.CutPrefix(path, "andon/")
	if !ok || isTestHelper(from) {
		return
	}
	top, _, _ := strings.Cut(from, "/")
	layer := layerOf(top)
	if layer < 0 {
		t.Errorf("%s: want every package in one of the layers %v", path, layers)
		return
	}
	for _, imp := range imports {
		to, ok := strings.CutPrefix(imp, "andon/")
		if !ok {
			continue
		}
		toTop, _, _ := strings.Cut(to, "/")
		switch {
		case to == wholeOfParts && strings.HasPrefix(from, to+"/") && from != to+"/probe":
			t.Errorf("%s imports %s: a part must not know the whole", path, imp)
		case isTestHelper(to):
			t.Errorf("%s imports %s: only tests may", path, imp)
		case toTop != top && layerOf(toTop) >= layer:
			t.Errorf("%s imports %s: want imports of lower layers only", path, imp)
		}
	}
}
