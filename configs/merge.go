package configs

import "github.com/goccy/go-yaml/ast"

// link finds out what each alias below root names: the nearest anchor of that
// name above it in the same file. This happens before decoding, which does
// not visit keys in the order of the text.
func (d *decoder) link(root ast.Node) {
	ast.Walk(linker{map[string]ast.Node{}, d.targets}, root)
}

// A linker visits nodes in the order of the text.
type linker struct {
	anchors map[string]ast.Node
	targets map[*ast.AliasNode]ast.Node
}

// Visit remembers anchors and links aliases to them.
func (l linker) Visit(n ast.Node) ast.Visitor {
	switch x := n.(type) {
	case *ast.AnchorNode:
		l.anchors[x.Name.GetToken().Value] = x.Value
	case *ast.AliasNode:
		if target, ok := l.anchors[x.Value.GetToken().Value]; ok {
			l.targets[x] = target
		}
	}
	return l
}

// resolve follows anchors and aliases; nil means "nothing here", such as a
// key without value.
func (d *decoder) resolve(path string, n ast.Node) ast.Node {
	for range maxDepth { // an alias may name itself
		switch x := n.(type) {
		case nil, *ast.NullNode:
			return nil
		case *ast.AnchorNode:
			n = x.Value
		case *ast.AliasNode:
			target, ok := d.targets[x]
			if !ok {
				d.wish(path, "an anchor &%s above this alias", x.Value.GetToken().Value)
				return nil
			}
			n = target
		case *ast.TagNode:
			d.wish(path, "a value without the tag %s", x.Start.Value)
			return nil
		default:
			return n
		}
	}
	d.wish(path, "an alias of a value")
	return nil
}

// entries returns the keys and values of the mapping n: first its own, then
// those that << merges into it. Own keys win over merged ones wherever they
// stand, and earlier merges over later ones.
func (d *decoder) entries(path string, n ast.Node) []*ast.MappingValueNode {
	all := &entrySet{seen: map[string]bool{}}
	merges, repeated, ok := all.add(n)
	if !ok {
		d.wish(path, "keys and values")
	}
	for _, e := range repeated {
		at := join(path, keyText(e.Key))
		d.mark(at, e.Key)
		d.wish(at, "this key once")
	}
	d.mergeAll(path, merges, all)
	return all.list
}

// mergeAll adds what the keys << of the mapping at path name.
func (d *decoder) mergeAll(path string, merges []*ast.MappingValueNode, all *entrySet) {
	for _, m := range merges {
		at := join(path, "<<")
		d.mark(at, m.Key)
		from := d.resolve(at, m.Value)
		list, ok := from.(*ast.SequenceNode)
		if !ok {
			d.merge(path, from, all)
			continue
		}
		for _, item := range list.Values {
			d.merge(path, d.resolve(at, item), all)
		}
	}
}

// merge adds the entries of one mapping, and what it merges itself, to those
// of the mapping at path.
func (d *decoder) merge(path string, n ast.Node, all *entrySet) {
	if n == nil || !d.enter(path) {
		return
	}
	defer d.leave()
	merges, repeated, ok := all.add(n)
	d.nodes += len(repeated) // no problem, only work: nobody decodes them
	if !ok {
		d.wish(join(path, "<<"), "keys and values, or a list of aliases of such")
	}
	d.mergeAll(path, merges, all)
}

// An entrySet collects entries; of those with the same key it keeps the
// first.
type entrySet struct {
	list []*ast.MappingValueNode
	seen map[string]bool
}

// add adds the entries of the mapping n itself. It returns n's merges, which
// it does not follow, and the entries whose key was there already; ok is false
// if n is no mapping.
func (s *entrySet) add(n ast.Node) (merges, repeated []*ast.MappingValueNode, ok bool) {
	var own []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		own = m.Values
	case *ast.MappingValueNode:
		own = []*ast.MappingValueNode{m}
	default:
		return nil, nil, false
	}
	for _, e := range own {
		key := keyText(e.Key)
		switch {
		case e.Key.IsMergeKey():
			merges = append(merges, e)
		case s.seen[key]:
			repeated = append(repeated, e)
		default:
			s.seen[key] = true
			s.list = append(s.list, e)
		}
	}
	return merges, repeated, true
}
