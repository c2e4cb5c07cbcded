package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// checkDurations reports every value that should be a duration and is none.
// The decoder would stop at the first and not say where it stands.
func checkDurations(file string, tree *ast.File) error {
	c := durationChecker{file: file}
	for _, doc := range tree.Docs {
		ast.Walk(&c, doc)
	}
	return errors.Join(c.errs...)
}

type durationChecker struct {
	file string
	errs []error
}

// Visit implements ast.Visitor.
func (c *durationChecker) Visit(n ast.Node) ast.Visitor {
	kv, ok := n.(*ast.MappingValueNode)
	if !ok {
		return c
	}
	key := kv.Key.GetToken().Value
	durations := []string{"length", "at", "away", "settle", "for", "cycle", "from", "to", "counter_resets"}
	if !slices.Contains(durations, key) || isFeed(kv) {
		return c
	}
	values := []ast.Node{kv.Value}
	if list, ok := kv.Value.(*ast.SequenceNode); ok {
		values = list.Values
	}
	for _, v := range values {
		c.check(key, v)
	}
	return c
}

// isFeed tells the name of equipment in feed.from from a time.
func isFeed(kv *ast.MappingValueNode) bool {
	return strings.HasSuffix(kv.GetPath(), ".feed.from")
}

func (c *durationChecker) check(key string, v ast.Node) {
	if _, ok := v.(ast.ScalarNode); !ok {
		return // rejects.at holds a list of maps; wrong kinds are the decoder's to report
	}
	tok := v.GetToken()
	if _, err := time.ParseDuration(tok.Value); err != nil {
		c.errs = append(c.errs, fmt.Errorf("%s:%d: %s: want a duration such as 10s or 2m30s, not %q",
			c.file, tok.Position.Line, key, tok.Value))
	}
}
