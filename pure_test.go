package andon_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pure returns the packages that the Makefile tests without the race detector.
func pure(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^PURE := (.+)$`).FindSubmatch(text)
	if line == nil {
		t.Fatal("Makefile: got no line PURE, want the packages without goroutines")
	}
	return strings.Fields(string(line[1]))
}

// Without a second goroutine nothing can race, in a package and in what it
// uses of andon: then the race detector may stay away.
func TestWhatIsTestedWithoutTheRaceDetectorStartsNoGoroutine(t *testing.T) {
	all := pure(t)
	for _, dir := range all {
		out, err := exec.Command("go", "list", "-json=GoFiles,TestGoFiles,XTestGoFiles,Imports,TestImports,XTestImports", "./"+dir).Output()
		if err != nil {
			t.Fatalf("go list %s: %v", dir, err)
		}
		var pkg struct{ GoFiles, TestGoFiles, XTestGoFiles, Imports, TestImports, XTestImports []string }
		if err := json.Unmarshal(out, &pkg); err != nil {
			t.Fatal(err)
		}
		for _, imp := range slices.Concat(pkg.Imports, pkg.TestImports, pkg.XTestImports) {
			if of, ok := strings.CutPrefix(imp, "andon/"); ok && !slices.Contains(all, of) {
				t.Errorf("%s imports %s: want only packages that start no goroutine", dir, imp)
			}
		}
		for _, name := range slices.Concat(pkg.GoFiles, pkg.TestGoFiles, pkg.XTestGoFiles) {
			startsNone(t, filepath.Join(dir, name))
		}
	}
}

// startsNone looks for what starts a goroutine: go, and what is called Go,
// Parallel or AfterFunc.
func startsNone(t *testing.T, path string) {
	t.Helper()
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			t.Errorf("%s: a goroutine, want none in a package that is tested without the race detector", files.Position(n.Pos()))
		case *ast.SelectorExpr:
			if slices.Contains([]string{"Go", "Parallel", "RunParallel", "AfterFunc"}, n.Sel.Name) {
				t.Errorf("%s: %s, want no goroutine in a package that is tested without the race detector", files.Position(n.Pos()), n.Sel.Name)
			}
		}
		return true
	})
}
