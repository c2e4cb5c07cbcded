package opcua

import (
	"context"
	"fmt"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/wire"
)

// look asks of each point whether the server keeps its history.
func (f *filler) look(ctx context.Context, x *hole) error {
	var list []*missing
	var nodes []*ua.NodeID
	for _, m := range x.missing {
		node, err := f.session.node(m.point)
		switch {
		case m.looked, m.given():
		case err != nil:
			f.giveUp(m, err.Error())
		default:
			list, nodes = append(list, m), append(nodes, node)
		}
	}
	for len(list) > 0 && !list[0].given() { // they are given up together
		values, err := f.session.readAll(ctx, levelsOf(nodes))
		switch {
		case fatal(err):
			return fmt.Errorf("session lost: %w", err)
		case err == nil:
			for i, m := range list {
				f.judge(m, values[levels*i:][:levels])
			}
			return nil
		}
		if err := f.again(ctx, list, err); err != nil {
			return err
		}
	}
	return nil
}

// given reports whether reading was given up.
func (m *missing) given() bool { return m.done && m.trouble != "" }

// levels is how many attributes say whether there is a history.
const levels = 3

// levelsOf asks for the attributes AccessLevel, UserAccessLevel and Historizing
// of each node.
func levelsOf(nodes []*ua.NodeID) []*ua.ReadValueID {
	list := make([]*ua.ReadValueID, 0, levels*len(nodes))
	for _, node := range nodes {
		for _, a := range [levels]ua.AttributeID{ua.AttributeIDAccessLevel, ua.AttributeIDUserAccessLevel, ua.AttributeIDHistorizing} {
			list = append(list, &ua.ReadValueID{NodeID: node, AttributeID: a, DataEncoding: &ua.QualifiedName{}})
		}
	}
	return list
}

// judge takes what levelsOf asked of one node.
func (f *filler) judge(m *missing, values []wire.ReadValue) {
	var r wire.Reading
	for i := range values[:2] {
		values[i].MakeOut(&r)
		level, ok := r.Value.Int()
		if i > 0 && !ok {
			continue // not every server tells the rights of the user apart
		}
		if level&int64(ua.AccessLevelTypeHistoryRead) == 0 {
			f.giveUp(m, "no history")
			return
		}
	}
	m.looked = true
	values[2].MakeOut(&r)
	if on, ok := r.Value.Bool(); !ok || !on {
		f.doubt(m, "its history is not being kept")
	}
}

// giveUp ends reading of a point. What it lacks stays missing.
func (f *filler) giveUp(m *missing, why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m.done, m.trouble = true, why
}

// doubt notes that what is read may not be all.
func (f *filler) doubt(m *missing, why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m.trouble = why
}
